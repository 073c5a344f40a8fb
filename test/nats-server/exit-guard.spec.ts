import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { isPortTaken } from '../../nats-server/run/port-check';
import { eventually } from '../support/eventually';
import { testBinary } from '../support/nats-server';
import { temporaryFolder } from './support/temporary-folder';

const LIBRARY = join(__dirname, '../../dist/nats-server/index.js');

// Starts a server, freezes it if requested, and exits without stopping it.
const PROGRAM = `
const [library, binary, storeDir, how] = process.argv.slice(1);
require(library).startNatsServer({ binary, storeDir, port: 0, ownProcessGroup: true }).then(({ pid, url }) => {
  if (how === 'frozen') process.kill(pid, 'SIGSTOP');
  console.log(url);
  if (how === 'throws') throw new Error('on purpose');
  process.exit(0);
});`;

describe('a server that was not stopped', () => {
  it.each(['exits', 'throws', 'frozen'])('stops with the process that started it (%s)', async (how) => {
    if (!existsSync(LIBRARY)) throw new Error('dist/nats-server is missing: run `npm run build` before this spec.');
    const args = ['-e', PROGRAM, LIBRARY, await testBinary(), await temporaryFolder(), how];
    const { stdout } = await promisify(execFile)(process.execPath, args).catch((error: { stdout: string }) => error);
    const port = Number(new URL(stdout.trim()).port);
    // Checked by its port, because the process id stays in use until the new parent has reaped it.
    await eventually('the server has stopped', async () => !(await isPortTaken('127.0.0.1', port)));
  });
});
