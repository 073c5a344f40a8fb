import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { withDeadline } from '../util/deadline';
import { failureText } from '../errors/thrown-value';

export interface ListeningServer {
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
export async function untilListening(
  server: ChildProcess,
  binary: string,
  signal: AbortSignal,
): Promise<ListeningServer> {
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
