import { cpSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../workspace/root.mjs';

const SOURCE = join(root, 'runtime', 'src');

/**
 * Copies the transport's sources below a folder, and breaks one line of the copy where a mutation is given.
 * @returns {string} the path of its index
 */
export function copyTransport(folder, mutation) {
  const copy = join(folder, 'src');
  rmSync(copy, { recursive: true, force: true });
  cpSync(SOURCE, copy, { recursive: true });
  if (mutation) {
    const file = join(copy, mutation.file);
    const source = readFileSync(file, 'utf8');
    if (source.split(mutation.from).length !== 2)
      throw new Error(`'${mutation.from}' does not stand exactly once in runtime/src/${mutation.file}.`);
    writeFileSync(
      file,
      source.replace(mutation.from, () => mutation.to),
    );
  }
  return join(copy, 'index.ts');
}
