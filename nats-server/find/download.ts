import { isNativeError } from 'node:util/types';
import { createHash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { Readable, Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { SourceFailure } from './source';

// Short, so that a closed network is reported quickly.
const ANSWER_TIMEOUT_MS = 5000;
const STALL_TIMEOUT_MS = 15_000;
const TOTAL_TIMEOUT_MS = 10 * 60_000;

/** Downloads a small text. */
export async function downloadText(url: string, signal: AbortSignal): Promise<string> {
  return receive(url, signal, async (response) => response.text());
}

/** Downloads a file to disk and returns its SHA-256 checksum in hexadecimal. */
export async function downloadFile(url: string, path: string, signal: AbortSignal): Promise<string> {
  return receive(url, signal, async (response, alive) => {
    if (response.body === null) throw new SourceFailure('the response is empty');
    const hash = createHash('sha256');
    const meter = new Transform({
      transform(chunk: Buffer, _encoding, done) {
        alive();
        hash.update(chunk);
        done(null, chunk);
      },
    });
    await pipeline(Readable.fromWeb(response.body), meter, createWriteStream(path));
    return hash.digest('hex');
  });
}

async function receive<T>(
  url: string,
  signal: AbortSignal,
  read: (response: Response, alive: () => void) => Promise<T>,
): Promise<T> {
  const watchdog = new AbortController();
  const tooLong = AbortSignal.timeout(TOTAL_TIMEOUT_MS);
  let timer = setTimeout(() => watchdog.abort(), ANSWER_TIMEOUT_MS);
  const alive = (): void => {
    clearTimeout(timer);
    timer = setTimeout(() => watchdog.abort(), STALL_TIMEOUT_MS);
  };
  try {
    const response = await fetch(url, { signal: AbortSignal.any([signal, watchdog.signal, tooLong]) });
    if (!response.ok) throw new SourceFailure(`the server responded with ${response.status}`);
    alive();
    return await read(response, alive);
  } catch (cause) {
    signal.throwIfAborted();
    if (cause instanceof SourceFailure) throw cause;
    throw new SourceFailure(
      watchdog.signal.aborted || tooLong.aborted ? 'the server did not respond in time' : explain(cause),
      {
        cause,
      },
    );
  } finally {
    clearTimeout(timer);
  }
}

/** fetch hides the reason ("fetch failed", "terminated") in its cause. */
function explain(error: unknown): string {
  if (!isNativeError(error)) return String(error);
  const { cause } = error;
  if (!isNativeError(cause)) return error.message;
  return 'code' in cause && typeof cause.code === 'string' ? `${error.message}: ${cause.code}` : cause.message;
}
