import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { childEnvironment } from '../process/environment.mjs';
import { run } from '../process/run.mjs';
import { root } from './root.mjs';

const SOURCES = [
  'runtime/src',
  'schematics',
  'templates',
  'cli',
  'nats-server',
  'collection.json',
  'docs/troubleshooting.md',
  'package-lock.json',
  'package.json',
  'runtime/package.json',
  'tsconfig.base.json',
  'tsconfig.build.json',
  'runtime/tsconfig.json',
  'scripts/build-assets.mjs',
  'scripts/clean-dist.mjs',
];
const BUILT = ['dist', 'runtime/dist'];
const RECORD = join(root, '.cache', 'build.sha256');

/**
 * Builds both packages.
 * @param {string} [nodeFolder] folder of the Node to build with. Default: that of the shell
 */
export async function build(nodeFolder) {
  await run('npm', ['run', 'build'], { cwd: root, env: childEnvironment({ firstOnPath: nodeFolder }) });
  mkdirSync(dirname(RECORD), { recursive: true });
  writeFileSync(RECORD, fingerprint());
}

/**
 * Returns true if `build` created both packages and neither sources nor output have changed since.
 */
export function isBuilt() {
  return hasOutput() && existsSync(RECORD) && readFileSync(RECORD, 'utf8') === fingerprint();
}

/** Returns true if there is a build of any age. */
export function hasOutput() {
  return BUILT.every((path) => existsSync(join(root, path)));
}

/** Returns a hash of all sources and output, so that a build by other means is noticed. */
function fingerprint() {
  const hash = createHash('sha256');
  for (const file of [...SOURCES, ...BUILT].flatMap(filesIn))
    hash.update(`${file}\0`).update(readFileSync(join(root, file)));
  return hash.digest('hex');
}

function filesIn(path) {
  const full = join(root, path);
  if (!existsSync(full)) return [];
  if (!statSync(full).isDirectory()) return [path];
  return readdirSync(full, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(root.length))
    .toSorted();
}
