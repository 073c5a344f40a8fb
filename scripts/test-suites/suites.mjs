import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../workspace/root.mjs';

/** Every folder of test/ with specs, in the order of running. Slow suites make whole projects, or wait for what takes its time: they come last. */
const suites = [
  { name: 'docs', slow: false },
  { name: 'types', slow: false },
  { name: 'nats-server', slow: false },
  { name: 'schematics', slow: false },
  { name: 'runtime', slow: false },
  { name: 'testing', slow: false },
  { name: 'package', slow: false },
  { name: 'examples', slow: true },
  { name: 'types-matrix', slow: true },
  { name: 'e2e', slow: true },
  // Its rows wait for real servers most of their time.
  { name: 'conformance', slow: true, filesAtATime: 3, needsHosts: true },
];

/** Folders that hold specs but are in no suite: their tests would never run. */
export function forgottenFolders() {
  const known = new Set(suites.map(({ name }) => name));
  const test = join(root, 'test');
  if (!existsSync(test)) return [];
  const folders = readdirSync(test, { recursive: true })
    .filter((file) => file.endsWith('.spec.ts'))
    .map((file) => file.split(/[\\/]/)[0]);
  return [...new Set(folders)].filter((folder) => !known.has(folder));
}

/** The suites to run: the named ones, or all, or with `fast` all but the slow ones. */
export function selectSuites(names, fast) {
  const unknown = names.filter((name) => !suites.some((suite) => suite.name === name));
  if (unknown.length > 0) {
    throw new Error(
      `No suite is called ${unknown.join(', ')}. There are ${suites.map(({ name }) => name).join(', ')}.`,
    );
  }
  if (names.length > 0) return suites.filter(({ name }) => names.includes(name));
  return suites.filter(({ slow }) => !(fast && slow));
}
