import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { SchematicError } from '../../schematics/shared/errors';
import { assertInside } from '../../schematics/shared/project/inside-workspace';
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
