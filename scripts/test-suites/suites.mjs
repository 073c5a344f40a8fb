import { basename } from 'node:path';
import { findSpec, listSpecs } from './spec-files.mjs';

/**
 * Specs of test/runtime that wait for redeliveries, timeouts or reconnects, or handle very many
 * messages. Fast runs skip them.
 */
const WAITING = new Set([
  'admin',
  'attempt-ledger',
  'batch',
  'closing',
  'cluster-start',
  'codec',
  'connection-loss',
  'connection-options',
  'consume-faults',
  'consumer-options',
  'credentials',
  'data-loss',
  'dead-letter',
  'dead-letter-replicas',
  'durable-ownership',
  'effective-config',
  'emit-all',
  'frozen-options',
  'handler-decisions',
  'health',
  'hostile-passwords',
  'in-flight',
  'lifecycle',
  'lost-answers',
  'ordered',
  'ordered-consumer',
  'pinned-order',
  'provisioning',
  'publish-backpressure',
  'publish-faults',
  'publish-options',
  'publish-outcomes',
  'push-faults',
  'recovery',
  'redelivery',
  'redrive',
  'redrive-to-subject',
  'scheduling',
  'several-streams',
  'shutdown',
  'start',
  'stream-behaviour',
  'stream-deleted',
  'stream-restarts',
  'stream-updates',
  'two-versions',
]);

/** Specs of the board that start a browser, or create thousands of consumers. */
const SLOW_BOARD = /board\/(?:browser|scale)\.spec\.ts$/;

/**
 * All folders of test/ with specs, in the order in which they run. Slow suites create whole
 * projects or wait for real servers and run last. Suites with `usesSources` need no build of the
 * transport. Fast runs include only the specs that `isFast` selects.
 */
const suites = [
  { name: 'docs' },
  { name: 'types' },
  { name: 'nats-server' },
  { name: 'cli' },
  { name: 'schematics', isFast: () => true },
  {
    name: 'runtime',
    usesSources: true,
    filesAtATime: 2,
    needsBrowser: true,
    isFast: (spec) => !WAITING.has(basename(spec, '.spec.ts')) && !SLOW_BOARD.test(spec),
  },
  { name: 'testing' },
  { name: 'package' },
  { name: 'examples' },
  { name: 'types-matrix' },
  { name: 'e2e' },
  { name: 'conformance', filesAtATime: 3, needsHosts: true, usesSources: true },
];
/** Fast specs spend most of their time on the CPU, so there is one worker per core. */
const FAST_FILES_AT_A_TIME = 2;
const suiteOf = (spec) => suites.find(({ name }) => spec.startsWith(`${name}/`));

/** Returns folders with specs that are in no suite. Their tests would never run. */
export function forgottenFolders() {
  const forgotten = listSpecs().filter((spec) => !suiteOf(spec));
  return [...new Set(forgotten.map((spec) => spec.split('/')[0]))];
}

/**
 * Returns the suites to run: the named ones, those of the named spec files with `files`, all, or
 * with `fast` the fast specs.
 * @param {readonly string[]} names of suites, and of spec files as findSpec takes them
 * @param {boolean} fast
 * @throws {Error} if a name matches neither a suite nor one spec file
 */
export function selectSuites(names, fast) {
  if (names.length === 0) return fast ? fastSuites() : suites;
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
      {
        ...suite,
        isNamed: true,
        files: [...new Set(own)],
        needsHosts: own.some((spec) => spec.startsWith('conformance/hosts/')),
        needsBrowser: own.some((spec) => spec.endsWith('board/browser.spec.ts')),
      },
    ];
  });
}

function fastSuites() {
  const specs = listSpecs();
  const renamed = [...WAITING].filter((name) => !specs.includes(`runtime/${name}.spec.ts`));
  if (renamed.length > 0)
    throw new Error(`No spec of test/runtime is called ${renamed.join(', ')}. Correct WAITING in suites.mjs.`);
  return suites
    .filter(({ isFast }) => isFast)
    .map(({ name, usesSources, isFast }) => ({
      name,
      usesSources,
      files: specs.filter((spec) => spec.startsWith(`${name}/`) && isFast(spec)),
      filesAtATime: FAST_FILES_AT_A_TIME,
    }));
}
