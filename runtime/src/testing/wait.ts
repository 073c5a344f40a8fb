import { setTimeout as delay } from 'node:timers/promises';
import { durationMillis, type Duration } from '../util/duration';
import { InvalidOptionError } from '../errors/configuration.errors';

/** What `handled` and `deadLettered` wait for. */
export interface WaitOptions {
  /** How many messages at least. Default 1. */
  count?: number;
  /**
   * How long to wait at the most: ms or `'10s'`. Default 4 s, so that it ends before jest's and
   * vitest's own 5 s.
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
    throw new InvalidOptionError('count', count, 'give the number of messages, 1 or more');
  return { count, timeoutMs: durationMillis(timeout, 'timeout') };
}

/**
 * Looks until `isDone`, and resolves to what was seen then. After the time is over: @throws
 * `onTimeout()` of the last look.
 */
export async function waitUntil<Seen>(
  look: () => Promise<Seen>,
  isDone: (seen: Seen) => boolean,
  timeoutMs: number,
  onTimeout: (seen: Seen) => Error,
): Promise<Seen> {
  // A test's fake clock stops neither this nor the pause.
  const over = AbortSignal.timeout(timeoutMs);
  for (;;) {
    const seen = await look();
    if (isDone(seen)) return seen;
    if (over.aborted) throw onTimeout(seen);
    await delay(PAUSE_MS);
  }
}
