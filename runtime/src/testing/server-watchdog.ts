// Program of the watchdog, a process between a test and its nats-server. It stops the server when
// its standard input closes.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { failureText } from '../errors/thrown-value';
import { createInterface } from 'node:readline';
import { withDeadline } from '../util/deadline';
import { createRequire } from 'node:module';

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

interface ListeningServer {
  readonly url: string;
  /** Rejects if the server exits by itself. */
  readonly ended: Promise<never>;
}

const START_TIMEOUT_MS = 30_000;
const LAST_LINES = 12;
const REMEDY =
  'Install nest-jetstream as a devDependency, which finds or fetches a nats-server, or set NATS_SERVER to the path of one.';
const LISTENING = /Listening for client connections on \S*:(\d+)/;
const READY = /Server is ready/;

/**
 * Reads the log of a starting server until it is ready.
 * @throws Error with the last lines of the log, or if the binary cannot be run
 */
async function untilListening(server: ChildProcess, binary: string, signal: AbortSignal): Promise<ListeningServer> {
  const log: string[] = [];
  const failed = (what: string): Error =>
    new Error(`${binary} ${what}. Last lines of its log: ${log.join(' ') || 'none'}`);
  const ended = once(server, 'close').then(
    ([code, by]) => Promise.reject(failed(`exited (${by ?? code})`)),
    (error: unknown) => Promise.reject(new Error(`${binary} cannot be run (${failureText(error)}). ${REMEDY}`)),
  );
  // Avoids an unhandled rejection, because callers await it later.
  ended.catch(() => undefined);
  let port = '';
  const ready = new Promise<ListeningServer>((resolve) => {
    createInterface({ input: server.stderr ?? process.stdin }).on('line', (line) => {
      log.push(line);
      if (log.length > LAST_LINES) log.shift();
      port ||= LISTENING.exec(line)?.[1] ?? '';
      if (READY.test(line)) resolve({ url: `nats://127.0.0.1:${port}`, ended });
    });
  });
  const aborted = once(signal, 'abort').then(() => Promise.reject(signal.reason));
  return withDeadline(Promise.race([ready, ended, aborted]), START_TIMEOUT_MS, () =>
    failed(`was not ready within ${START_TIMEOUT_MS} ms`),
  );
}

/**
 * The part of `nest-jetstream/nats-server` that is used here. It looks at NATS_SERVER, PATH and the
 * cache, and otherwise downloads a nats-server.
 */
interface NatsServerFinder {
  resolveNatsServer(options: {
    report: (message: string) => void;
    signal: AbortSignal;
  }): Promise<{ readonly binary: string }>;
}

const FINDER = 'nest-jetstream/nats-server';

/**
 * Returns the nats-server for a test, as a path or a name on PATH. Without `nest-jetstream`, this
 * is NATS_SERVER or else the one on PATH.
 */
async function findBinary(project: string, signal: AbortSignal): Promise<string> {
  const finder = installedFinder(project);
  if (!finder) return process.env['NATS_SERVER'] || 'nats-server';
  const { binary } = await finder.resolveNatsServer({ report: (message) => console.error(message), signal });
  return binary;
}

/** Returns the finder of the tested project, or else of the project that installed this package. */
function installedFinder(project: string): NatsServerFinder | undefined {
  for (const from of [join(project, 'package.json'), __filename]) {
    const require = createRequire(from);
    const path = resolved(require, FINDER);
    if (path) return require(path) as NatsServerFinder;
  }
  return undefined;
}

function resolved(require: NodeJS.Require, name: string): string | undefined {
  try {
    return require.resolve(name);
  } catch {
    // Not installed, or a version without this entry point.
    return undefined;
  }
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
