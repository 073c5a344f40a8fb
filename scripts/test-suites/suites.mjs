import { findSpec, listSpecs } from './spec-files.mjs';

/**
 * Specs of test/runtime that wait for redeliveries, timeouts or reconnects, or handle very many
 * messages. Fast runs skip them.
 */
const WAITING = new Set([
  'absent-options',
  'admin',
  'attempt-ledger',
  'batch',
  'board/browser',
  'board/jobs',
  'board/pages',
  'board/scale',
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
  'dead-letter-limits',
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
  'log',
  'lost-answers',
  'operations/dead-letters',
  'operations/status',
  'ordered',
  'ordered-consumer',
  'pinned-order',
  'plan',
  'prefetch',
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
  'traces',
  'two-versions',
]);
/** Specs of test/schematics that generate or compile very many projects. Fast runs skip them. */
const EXHAUSTIVE = new Set([
  'command-line',
  'contract-document',
  'contract-import',
  'existing-files',
  'hostile-values',
  'real-projects',
]);
const SLOW = { runtime: WAITING, schematics: EXHAUSTIVE };

/**
 * All folders of test/ with specs, in the order in which they run. Slow suites create whole
 * projects or wait for real servers and run last. Suites with `usesSources` need no build of the
 * transport. Fast runs include only suites with `isFast`.
 */
const suites = [
  { name: 'docs' },
  { name: 'types' },
  { name: 'nats-server' },
  { name: 'cli' },
  { name: 'schematics', isFast: true },
  { name: 'runtime', usesSources: true, needsBrowser: true, isFast: true },
  { name: 'testing' },
  { name: 'package' },
  // Both specs compile into the same folder.
  { name: 'examples', filesAtATime: 1 },
  { name: 'types-matrix' },
  { name: 'e2e' },
  { name: 'conformance', filesAtATime: 3, needsHosts: true, usesSources: true },
];
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
  return suites
    .filter(({ isFast }) => isFast)
    .map(({ name, usesSources }) => {
      const slow = [...SLOW[name]].map((spec) => `${name}/${spec}.spec.ts`);
      const renamed = slow.filter((spec) => !specs.includes(spec));
      if (renamed.length > 0) throw new Error(`There is no test/${renamed.join(', test/')}. Correct suites.mjs.`);
      return { name, usesSources, files: specs.filter((spec) => spec.startsWith(`${name}/`) && !slow.includes(spec)) };
    });
}
