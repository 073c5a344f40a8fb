// The program of the guardian: a process between a test and its nats-server. It lives as long as
// its standard input is open.
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { failureText } from '../errors/failure-text';
import { findBinary } from './find-binary';
import { untilListening } from './until-listening';

/** The one line that it writes. */
export type GuardianReport = { readonly url: string } | { readonly failure: string };

async function guard(ending: AbortSignal, started: (url: string) => void): Promise<void> {
  const store = await mkdtemp(join(tmpdir(), 'nats-test-server-'));
  let server: ChildProcess | undefined;
  try {
    const binary = await findBinary(process.cwd(), ending);
    ending.throwIfAborted();
    server = spawn(binary, ['--addr=127.0.0.1', '--port=-1', '--jetstream', `--store_dir=${store}`], {
      stdio: ['ignore', 'ignore', 'pipe'],
      windowsHide: true,
    });
    const { url, ended } = await untilListening(server, binary, ending);
    started(url);
    await Promise.race([once(ending, 'abort'), ended]);
  } finally {
    await end(server);
    await rm(store, { recursive: true, force: true, maxRetries: 5 });
  }
}

/** Without a chance to write its store, which is thrown away. */
async function end(server: ChildProcess | undefined): Promise<void> {
  if (!server?.pid || server.exitCode !== null || server.signalCode !== null) return;
  const exited = once(server, 'exit');
  server.kill('SIGKILL');
  await exited;
}

function report(said: GuardianReport): void {
  process.stdout.write(`${JSON.stringify(said)}\n`);
}

const ending = new AbortController();
process.stdin.resume().once('close', () => ending.abort());
for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.on(signal, () => ending.abort());
// The test may be gone already; its end is noticed at the standard input.
process.stdout.on('error', () => ending.abort());

let isStarted = false;
guard(ending.signal, (url) => {
  isStarted = true;
  report({ url });
})
  .catch((error: unknown) => {
    if (ending.signal.aborted) return;
    // Once it has started, nobody reads reports any more.
    if (isStarted) console.error(`The test server: ${failureText(error)}`);
    else report({ failure: failureText(error) });
  })
  .finally(() => process.stdin.destroy());
