import { findSpec, listSpecs } from './spec-files.mjs';

/**
 * All folders of test/ with specs, in the order in which they run. Slow suites create whole
 * projects or wait for real servers and run last. Suites with `usesSources` need no build of the
 * transport.
 */
const suites = [
  { name: 'docs', slow: false },
  { name: 'types', slow: false },
  { name: 'nats-server', slow: false },
  { name: 'schematics', slow: false },
  { name: 'runtime', slow: false, usesSources: true },
  { name: 'testing', slow: false },
  { name: 'package', slow: false },
  { name: 'examples', slow: true },
  { name: 'types-matrix', slow: true },
  { name: 'e2e', slow: true },
  { name: 'conformance', slow: true, filesAtATime: 3, needsHosts: true, usesSources: true },
];
const suiteOf = (spec) => suites.find(({ name }) => spec.startsWith(`${name}/`));

/** Returns folders with specs that are in no suite. Their tests would never run. */
export function forgottenFolders() {
  const forgotten = listSpecs().filter((spec) => !suiteOf(spec));
  return [...new Set(forgotten.map((spec) => spec.split('/')[0]))];
}

/**
 * Returns the suites to run: the named ones, those of the named spec files with `files`, all, or
 * with `fast` all but the slow ones.
 * @param {readonly string[]} names of suites, and of spec files as findSpec takes them
 * @param {boolean} fast
 * @throws {Error} if a name matches neither a suite nor one spec file
 */
export function selectSuites(names, fast) {
  if (names.length === 0) return suites.filter(({ slow }) => !(fast && slow));
  const whole = suites.filter(({ name }) => names.includes(name));
  const files = new Map();
  for (const name of names.filter((candidate) => !whole.some((suite) => suite.name === candidate))) {
    const spec = findSpec(name);
    const suite = suiteOf(spec);
    if (!suite) throw new Error(`'${spec}' is in no suite. Name its folder in scripts/test-suites/suites.mjs.`);
    if (!whole.includes(suite)) files.set(suite, [...(files.get(suite) ?? []), spec]);
  }
  return suites.flatMap((suite) => {
    if (whole.includes(suite)) return [suite];
    const own = files.get(suite);
    if (!own) return [];
    return [
      { ...suite, files: [...new Set(own)], needsHosts: own.some((spec) => spec.startsWith('conformance/hosts/')) },
    ];
  });
}
