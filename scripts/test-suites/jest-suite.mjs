import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { CommandFailedError, run } from '../process/run.mjs';
import { pinnedNodeFolder, root } from '../workspace/root.mjs';

// jest can require() ES modules (Nest 12, devkit's dependencies) only with this flag.
const NODE_FLAGS = ['--experimental-vm-modules', '--no-warnings'];
// Ends a hanging suite. On a quiet machine the longest takes ten minutes, and a machine with eight
// busy loops on two cores takes several times as long.
const LIMIT_MS = 90 * 60_000;
/** Files of a suite that run in parallel by default. jest would use one less than the cores. */
const FILES_AT_A_TIME = 2;
const CACHE = join(root, '.cache', 'test');
const JEST = join(root, 'node_modules', 'jest', 'bin', 'jest.js');

/**
 * Runs the specs of one folder, or some of them.
 * @param {{ name: string, filesAtATime?: number, files?: readonly string[], isNamed?: boolean }}
 * suite the folder below test/, the number of files that run in parallel, the files to run,
 * relative to test/ (default: all), and whether the user named them, so that each test is printed
 * @param {Record<string, string>} env
 * @param {string} [testName] runs only tests whose name matches this pattern
 * @returns {Promise<{ passed: number, failed: number, skipped: number, output: string }>}
 */
export async function runJestSuite({ name, filesAtATime = FILES_AT_A_TIME, files, isNamed }, env, testName) {
  const results = join(CACHE, `${name}.json`);
  rmSync(results, { force: true });
  const which = files ? files.map((file) => `<rootDir>/test/${file}`) : [`<rootDir>/test/${name}/**/*.spec.ts`];
  const output = [`--outputFile=${results}`, `--cacheDirectory=${CACHE}`, `--maxWorkers=${filesAtATime}`];
  if (testName) output.push('--testNamePattern', testName);
  if (isNamed) output.push('--verbose');
  const args = [...NODE_FLAGS, JEST, '--ci', '--json', ...output, '--testMatch', ...which];
  try {
    const printed = await run(join(pinnedNodeFolder, 'node'), args, { cwd: root, env, timeoutMs: LIMIT_MS });
    return { ...countTests(results), output: printed };
  } catch (error) {
    if (!(error instanceof CommandFailedError)) throw error;
    const counts = countTests(results);
    return { ...counts, failed: Math.max(counts.failed, 1), output: `${error.output}\n${error.message}` };
  }
}

function countTests(file) {
  let report;
  try {
    report = JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    // jest did not complete. Its output has the reason.
    return { passed: 0, failed: 1, skipped: 0 };
  }
  return {
    passed: report.numPassedTests,
    // A spec file that cannot be loaded has no tests to fail.
    failed: report.numFailedTests + report.numRuntimeErrorTestSuites,
    skipped: report.numPendingTests + report.numTodoTests,
  };
}
