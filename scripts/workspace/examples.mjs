import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { childEnvironment } from '../process/environment.mjs';
import { run } from '../process/run.mjs';
import { root } from './root.mjs';

const folder = join(root, 'examples');

/** Returns the names of all examples in order. */
function listExamples() {
  return readdirSync(folder)
    .filter((name) => /^\d\d-/.test(name))
    .toSorted();
}

/** Returns the example of a number or a name. */
export function findExample(asked = '') {
  const example = listExamples().find((name) => name === asked || name.split('-')[0] === asked.padStart(2, '0'));
  if (!example)
    throw new Error(`Unknown example. Known examples: ${listExamples().join(', ')}. Run one with npm run example 01.`);
  return example;
}

/** Returns the built main files: that of the example, or those of its applications. */
export function mainsOf(example) {
  const built = join(folder, 'dist', example);
  const apps = join(built, 'apps');
  if (!existsSync(apps)) return [join(built, 'main.js')];
  return readdirSync(apps).map((app) => join(apps, app, 'main.js'));
}

/** Returns true if the example needs PostgreSQL. */
export const usesDatabase = (example) => existsSync(join(folder, example, 'database.ts'));

/** Compiles all examples incrementally. */
export async function compileExamples() {
  const tsc = join(root, 'node_modules', '.bin', 'tsc');
  await run(tsc, ['-p', folder, '--incremental'], { cwd: root, env: childEnvironment() });
}
