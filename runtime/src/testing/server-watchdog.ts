// Program of the watchdog, a process between a test and its nats-server. It stops the server when
// its standard input closes.
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { failureText } from '../errors/thrown-value';
import { findBinary } from './find-binary';
import { untilListening } from './until-listening';

/** The only line that it writes. */
export type WatchdogReport = { readonly url: string } | { readonly failure: string };

async function runServer(stopping: AbortSignal, started: (url: string) => void): Promise<void> {
  const store = await mkdtemp(join(tmpdir(), 'nats-test-server-'));
  let server: ChildProcess | undefined;
  try {
    const binary = await findBinary(process.cwd(), stopping);
    stopping.throwIfAborted();
    server = spawn(binary, ['--addr=127.0.0.1', '--port=-1', '--jetstream', `--store_dir=${store}`], {
      stdio: ['ignore', 'ignore', 'pipe'],
      windowsHide: true,
    });
    const { url, ended } = await untilListening(server, binary, stopping);
    started(url);
    await Promise.race([once(stopping, 'abort'), ended]);
  } finally {
    await kill(server);
    await rm(store, { recursive: true, force: true, maxRetries: 5 });
  }
}

/** Kills the server. It need not flush its store, which is removed. */
async function kill(server: ChildProcess | undefined): Promise<void> {
  if (!server?.pid || server.exitCode !== null || server.signalCode !== null) return;
  const exited = once(server, 'exit');
  server.kill('SIGKILL');
  await exited;
}

function write(report: WatchdogReport): void {
  process.stdout.write(`${JSON.stringify(report)}\n`);
}

const stopping = new AbortController();
process.stdin.resume().once('close', () => stopping.abort());
for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.on(signal, () => stopping.abort());
// The test process may have exited already.
process.stdout.on('error', () => stopping.abort());

let isStarted = false;
runServer(stopping.signal, (url) => {
  isStarted = true;
  write({ url });
})
  .catch((error: unknown) => {
    if (stopping.signal.aborted) return;
    // Reports are only read until the server has started.
    if (isStarted) console.error(`The test server stopped: ${failureText(error)}`);
    else write({ failure: failureText(error) });
  })
  .finally(() => process.stdin.destroy());
