// `npm run soak [-- <messages> | random [<seconds>]]` publishes a million messages with random
// kills, or runs random operations for ten minutes.
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { childEnvironment } from './process/environment.mjs';
import { run } from './process/run.mjs';
import { resolveNatsServer } from './workspace/nats-server.mjs';
import { pinnedNodeFolder, root } from './workspace/root.mjs';

const MILLION = 1_000_000;
const TEN_MINUTES_S = 600;
const LIMIT_MS = 3_600_000;
const [first, second] = process.argv.slice(2);
const soak =
  first === 'random'
    ? { file: 'random', set: { RANDOM_SECONDS: String(count(second ?? TEN_MINUTES_S, 'seconds')) } }
    : { file: 'million', set: { SOAK_MESSAGES: String(count(first ?? MILLION, 'messages')) } };

function count(value, unit) {
  const number = Number(value);
  if (!Number.isSafeInteger(number) || number < 1) throw new Error(`'${value}' is not a number of ${unit}.`);
  return number;
}

const cache = join(root, '.cache');
const report = join(cache, 'soak.md');
mkdirSync(cache, { recursive: true });
const { binary } = await resolveNatsServer();
const env = childEnvironment({
  firstOnPath: pinnedNodeFolder,
  set: { NATS_SERVER: binary, SOAK_REPORT: report, ...soak.set },
});
const jest = join(root, 'node_modules', 'jest', 'bin', 'jest.js');
// Its ledger records every run of a handler.
const flags = ['--experimental-vm-modules', '--no-warnings', '--max-old-space-size=4096'];
const spec = `<rootDir>/test/conformance/soak/${soak.file}.soak.ts`;
const args = [...flags, jest, '--ci', '--runInBand', '--testMatch', spec];
try {
  await run(join(pinnedNodeFolder, 'node'), args, { cwd: root, env, timeoutMs: LIMIT_MS });
  console.log(readFileSync(report, 'utf8'));
} catch (error) {
  console.error(error.output ?? error);
  process.exitCode = 1;
}
