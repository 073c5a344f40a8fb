import { mkdirSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, sep } from 'node:path';
import { SchematicError } from '../../schematics/shared/errors';
import { isFile, type FileChange } from './disk-tree';

/**
 * Writes planned changes to the disk: all of them, or none.
 * @throws SchematicError when a file was changed since the changes were planned, or cannot be
 * written
 */
export function writeChanges(root: string, changes: readonly FileChange[]): void {
  for (const { path, base } of changes) {
    assertInside(root, path);
    if (!isUnchanged(join(root, path), base)) {
      throw new SchematicError('WRITE_FAILED', `${path} was changed meanwhile: run the command again.`, path);
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
        `${change.path} cannot be written, and nothing else was: ${why}.`,
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
    // What could not be written before cannot be restored either, and need not be.
  }
}

/**
 * @throws SchematicError when a path of the workspace leads out of it, e.g. through a symbolic
 * link.
 */
function assertInside(workspace: string, path: string): void {
  const root = realpathSync(workspace);
  const real = nearestReal(join(workspace, path));
  if (real === root || real.startsWith(root + sep)) return;
  throw new SchematicError(
    'OUTSIDE_PROJECT',
    `${path} leads to ${real}, outside the project: choose another folder, with --path.`,
    path,
  );
}

// What is not there yet will be where the nearest folder above it is.
function nearestReal(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return nearestReal(dirname(path));
  }
}
