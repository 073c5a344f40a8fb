import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { childEnvironment } from '../process/environment.mjs';
import { CommandFailedError, run } from '../process/run.mjs';
import { pinnedNodeFolder, root } from '../workspace/root.mjs';
import { copyTransport } from './mutant.mjs';

/** Timeout of one row. Some rows fail only when a wait times out. */
const ROW_LIMIT_MS = 90_000;
const LIMIT_MS = 10 * 60_000;
const JEST = join(root, 'node_modules', 'jest', 'bin', 'jest.js');

/** Returns a pattern for the names of the rows of a mutation. */
export function rowsOf({ rows }) {
  return new RegExp(`^(?:${rows})`);
}

/**
 * Runs rows of the conformance suite with a copy of the transport, mutated if there is a mutation.
 * @param {{ folder: string, binary: string, mutation?: object, targets: readonly { spec: string,
 * rows: string }[] }} options
 * @returns {Promise<{ passed: string[], failures: { title: string, message: string }[] }>}
 * @throws {Error} if there is no test report
 */
export async function runRows({ folder, binary, mutation, targets }) {
  mkdirSync(folder, { recursive: true });
  const results = join(folder, 'results.json');
  rmSync(results, { force: true });
  const env = childEnvironment({
    firstOnPath: pinnedNodeFolder,
    set: {
      NATS_SERVER: binary,
      TRANSPORT_SOURCE: copyTransport(folder, mutation),
      CONFORMANCE_ROW_LIMIT_MS: String(ROW_LIMIT_MS),
    },
  });
  // Open handles of failed rows do not matter, so exit is forced.
  const flags = ['--ci', '--json', `--outputFile=${results}`, '--forceExit', '--maxWorkers=3'];
  const pattern = targets.map((target) => rowsOf(target).source).join('|');
  const specs = [...new Set(targets.map(({ spec }) => join('test', 'conformance', `${spec}.spec.ts`)))];
  const args = ['--experimental-vm-modules', '--no-warnings', JEST, ...flags, '--testNamePattern', pattern, ...specs];
  let failed;
  try {
    await run(join(pinnedNodeFolder, 'node'), args, { cwd: root, env, timeoutMs: LIMIT_MS });
  } catch (error) {
    if (!(error instanceof CommandFailedError)) throw error;
    failed = error;
  }
  return read(results, failed);
}

function read(results, failed) {
  let report;
  try {
    report = JSON.parse(readFileSync(results, 'utf8'));
  } catch {
    throw new Error(`The tests wrote no report. ${failed?.message}\n${failed?.output.slice(-2_000)}`);
  }
  const tests = report.testResults.flatMap(({ assertionResults }) => assertionResults);
  return {
    passed: tests.flatMap(({ status, fullName }) => (status === 'passed' ? [fullName] : [])),
    failures: tests.flatMap(({ status, fullName: title, failureMessages }) =>
      status === 'failed' ? [{ title, message: failureMessages[0] ?? '' }] : [],
    ),
  };
}
