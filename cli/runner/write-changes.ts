import { mkdirSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, sep } from 'node:path';
import { SchematicError } from '../../schematics/shared/errors';
import { isFile, type FileChange } from './disk-tree';

/**
 * Writes all planned changes to the disk, or none.
 * @throws SchematicError (`WRITE_FAILED`) if a file has changed since planning or cannot be written
 */
export function writeChanges(root: string, changes: readonly FileChange[]): void {
  for (const { path, base } of changes) {
    assertInside(root, path);
    if (!isUnchanged(join(root, path), base)) {
      throw new SchematicError(
        'WRITE_FAILED',
        `${path} has changed since the command started. Run the command again.`,
        path,
      );
    }
  }
  const written: FileChange[] = [];
  for (const change of changes) {
    written.push(change);
    try {
      put(join(root, change.path), change.content);
    } catch (cause) {
      for (const { path, base } of written.toReversed()) restore(join(root, path), base);
      const why = cause instanceof Error ? cause.message : String(cause);
      throw new SchematicError(
        'WRITE_FAILED',
        `${change.path} cannot be written (${why}). No file was changed.`,
        change.path,
      );
    }
  }
}

function isUnchanged(file: string, base: Buffer | undefined): boolean {
  const isThere = isFile(file);
  if (base === undefined || !isThere) return isThere === (base !== undefined);
  return readFileSync(file).equals(base);
}

function put(file: string, content: Buffer | undefined): void {
  if (content === undefined) return rmSync(file);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, content);
}

function restore(file: string, base: Buffer | undefined): void {
  try {
    if (base === undefined) rmSync(file, { force: true });
    else writeFileSync(file, base);
  } catch {
    // A file that could not be written is unchanged and needs no restore.
  }
}

/**
 * Refuses a path that leads out of the workspace, such as through a symbolic link.
 * @throws SchematicError (`OUTSIDE_PROJECT`)
 */
function assertInside(workspace: string, path: string): void {
  const root = realpathSync(workspace);
  const real = nearestReal(join(workspace, path));
  if (real === root || real.startsWith(root + sep)) return;
  throw new SchematicError(
    'OUTSIDE_PROJECT',
    `${path} leads to ${real}, outside the project. Choose another folder with --path.`,
    path,
  );
}

// A missing path will be created in its nearest existing parent.
function nearestReal(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return nearestReal(dirname(path));
  }
}
