import { existsSync, readFileSync, writeFileSync } from 'node:fs';

/** Rows of all runs so far, by name: a part of them may be measured anew. */
export function loadResults(file) {
  return existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : { groups: {} };
}

export function saveResults(file, results) {
  writeFileSync(file, `${JSON.stringify(results, undefined, 2)}\n`);
}
