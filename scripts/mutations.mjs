// `npm run conformance:mutations`: breaks the lines that keep the promise, and fails unless the conformance suite notices each.
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { mutations } from './mutations/mutations.mjs';
import { copyTransport } from './mutations/mutant.mjs';
import { childEnvironment } from './process/environment.mjs';
import { CommandFailedError, run } from './process/run.mjs';
import { resolveNatsServer } from './workspace/nats-server.mjs';
import { pinnedNodeFolder, root } from './workspace/root.mjs';

const LIMIT_MS = 5 * 60_000;
const RESULTS = join(root, '.cache', 'mutations', 'results.json');
const { binary } = await resolveNatsServer();

/** @returns {Promise<{ passed: number, failures: string[] }>} of the rows that a mutation is for */
async function runRows({ spec, rows }, source) {
  rmSync(RESULTS, { force: true });
  const env = childEnvironment({
    firstOnPath: pinnedNodeFolder,
    set: { NATS_SERVER: binary, TRANSPORT_SOURCE: source },
  });
  const jest = join(root, 'node_modules', 'jest', 'bin', 'jest.js');
  const flags = ['--experimental-vm-modules', '--no-warnings', jest, '--ci', '--json', `--outputFile=${RESULTS}`];
  const args = [...flags, '--testNamePattern', rows, `test/conformance/${spec}.spec.ts`];
  try {
    await run(join(pinnedNodeFolder, 'node'), args, { cwd: root, env, timeoutMs: LIMIT_MS });
  } catch (error) {
    if (!(error instanceof CommandFailedError)) throw error;
  }
  const { numPassedTests, testResults } = JSON.parse(readFileSync(RESULTS, 'utf8'));
  const tests = testResults.flatMap(({ assertionResults }) => assertionResults);
  return { passed: numPassedTests, failures: tests.flatMap(({ failureMessages }) => failureMessages.slice(0, 1)) };
}

function firstLine(text) {
  const plain = text.replaceAll(new RegExp(`${String.fromCharCode(27)}\\[[0-9;]*m`, 'g'), '');
  const lines = plain.split('\n').filter((line) => line.trim() && !/^(Error|AssertionError)?:?\s*$/.test(line));
  return lines.slice(0, 2).join(' ').slice(0, 160);
}

const wanted = process.argv.slice(2).join(' ');
const chosen = mutations.filter(({ name }) => name.includes(wanted));
let survivors = 0;
for (const mutation of chosen) {
  const control = await runRows(mutation, copyTransport());
  const { failures } = await runRows(mutation, copyTransport(mutation));
  const isKilled = control.failures.length === 0 && control.passed > 0 && failures.length > 0;
  if (!isKilled) survivors++;
  const rows = `${mutation.spec}.spec.ts /${mutation.rows}/`;
  if (isKilled) console.log(`noticed   ${mutation.name}\n          by ${rows}: ${firstLine(failures[0])}`);
  else
    console.log(`SURVIVED  ${mutation.name}: ${rows} ${control.failures.length > 0 ? 'fails without it' : 'passes'}`);
}
console.log(`${chosen.length - survivors} of ${chosen.length} mutations were noticed.`);
process.exitCode = survivors > 0 || chosen.length === 0 ? 1 : 0;
