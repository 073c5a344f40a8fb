import { cpSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../workspace/root.mjs';

const SOURCE = join(root, 'runtime', 'src');
const COPY = join(root, '.cache', 'mutations', 'src');

/** Copies the transport's sources, and breaks one line of the copy where a mutation is given; returns the path of its index. */
export function copyTransport(mutation) {
  rmSync(COPY, { recursive: true, force: true });
  cpSync(SOURCE, COPY, { recursive: true });
  if (mutation) {
    const file = join(COPY, mutation.file);
    const source = readFileSync(file, 'utf8');
    if (source.split(mutation.from).length !== 2)
      throw new Error(`'${mutation.from}' does not stand exactly once in runtime/src/${mutation.file}.`);
    writeFileSync(
      file,
      source.replace(mutation.from, () => mutation.to),
    );
  }
  return join(COPY, 'index.ts');
}
