import { setTimeout as delay } from 'node:timers/promises';
import { durationMillis, type Duration } from '../util/duration';
import { InvalidOptionError } from '../errors/configuration.errors';

/** Options of `handled` and `deadLettered`. */
export interface WaitOptions {
  /** Minimum number of messages. Default 1. */
  count?: number;
  /**
   * Maximum time to wait. Default 4 s, which is less than the default test timeout of jest and
   * vitest (5 s).
   */
  timeout?: Duration;
}

export interface Wait {
  readonly count: number;
  readonly timeoutMs: number;
}

const DEFAULT_TIMEOUT_MS = 4_000;
const PAUSE_MS = 10;

/** @throws InvalidOptionError (`INVALID_OPTION`) */
export function checkedWait({ count = 1, timeout = DEFAULT_TIMEOUT_MS }: WaitOptions): Wait {
  if (!Number.isSafeInteger(count) || count < 1)
    throw new InvalidOptionError('count', count, 'pass a number of messages, from 1 up');
  return { count, timeoutMs: durationMillis(timeout, 'timeout') };
}

/**
 * Repeats `look` until `isDone`, and resolves to its last result.
 * @throws the error of `onTimeout` after the timeout
 */
export async function waitUntil<Seen>(
  look: () => Promise<Seen>,
  isDone: (seen: Seen) => boolean,
  timeoutMs: number,
  onTimeout: (seen: Seen) => Error,
): Promise<Seen> {
  // A fake clock of the test affects neither this nor the pause.
  const over = AbortSignal.timeout(timeoutMs);
  for (;;) {
    const seen = await look();
    if (isDone(seen)) return seen;
    if (over.aborted) throw onTimeout(seen);
    await delay(PAUSE_MS);
  }
}
