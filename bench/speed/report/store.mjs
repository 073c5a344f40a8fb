import { existsSync, readFileSync, writeFileSync } from 'node:fs';

/** Loads the rows of earlier runs by name, so that some groups can be measured again. */
export function loadResults(file) {
  return existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : { groups: {} };
}

export function saveResults(file, results) {
  writeFileSync(file, `${JSON.stringify(results, undefined, 2)}\n`);
}
