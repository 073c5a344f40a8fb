// `npm run soak [-- <messages>]`: a million messages, or as many, with a fault every ten thousand. Not part of `npm test`.
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { childEnvironment } from './process/environment.mjs';
import { run } from './process/run.mjs';
import { resolveNatsServer } from './workspace/nats-server.mjs';
import { pinnedNodeFolder, root } from './workspace/root.mjs';

const MILLION = 1_000_000;
const LIMIT_MS = 3_600_000;
const messages = Number(process.argv[2] ?? MILLION);
if (!Number.isSafeInteger(messages) || messages < 1) throw new Error(`${process.argv[2]} is no number of messages.`);

const cache = join(root, '.cache');
const report = join(cache, 'soak.md');
mkdirSync(cache, { recursive: true });
const { binary } = await resolveNatsServer();
const env = childEnvironment({
  firstOnPath: pinnedNodeFolder,
  set: { NATS_SERVER: binary, SOAK_MESSAGES: String(messages), SOAK_REPORT: report },
});
const jest = join(root, 'node_modules', 'jest', 'bin', 'jest.js');
// It keeps account of every run.
const flags = ['--experimental-vm-modules', '--no-warnings', '--max-old-space-size=4096'];
const args = [...flags, jest, '--ci', '--runInBand', '--testMatch', '<rootDir>/test/conformance/soak/million.soak.ts'];
try {
  await run(join(pinnedNodeFolder, 'node'), args, { cwd: root, env, timeoutMs: LIMIT_MS });
  console.log(readFileSync(report, 'utf8'));
} catch (error) {
  console.error(error.output ?? error);
  process.exitCode = 1;
}
