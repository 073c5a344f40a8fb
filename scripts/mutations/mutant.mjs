import { cpSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../workspace/root.mjs';

const SOURCE = join(root, 'runtime', 'src');

/**
 * Returns problems of outdated mutations. The text that a mutation replaces must occur exactly
 * once.
 */
export function staleMutations(mutations) {
  return mutations.flatMap(({ name, file, from }) => {
    const found = readFileSync(join(SOURCE, file), 'utf8').split(from).length - 1;
    return found === 1 ? [] : [`${name}: '${from}' occurs ${found} times in runtime/src/${file}`];
  });
}

/**
 * Copies the sources of the transport to a folder, and applies the mutation to the copy if there is
 * one.
 * @returns {string} the path of the index file of the copy
 */
export function copyTransport(folder, mutation) {
  const copy = join(folder, 'src');
  rmSync(copy, { recursive: true, force: true });
  cpSync(SOURCE, copy, { recursive: true });
  if (mutation) {
    const file = join(copy, mutation.file);
    writeFileSync(
      file,
      readFileSync(file, 'utf8').replace(mutation.from, () => mutation.to),
    );
  }
  return join(copy, 'index.ts');
}
