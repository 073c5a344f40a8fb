/** Part of the limit that must be free before a source requests more messages. */
export const REFILL_SHARE = 4;
/** Time of work that a process requests in advance, at the measured rate of its handlers. */
const AHEAD_MS = 20;
/** Maximum size of the messages that a raised limit admits. Two reads of a socket take it. */
const AHEAD_BYTES = 128 * 1_024;
/** A rate is measured over few messages, so it may be too high. */
const GROWTH = 2;

/** Limits of the messages that one process holds. */
export interface PrefetchRange {
  /** The limit at the start and for slow handlers. */
  readonly least: number;
  /** The limit for fast handlers. Equal to `least` if the limit is fixed. */
  readonly most: number;
}

/** Messages of a source since the last measurement. */
export class Traffic {
  handled = 0;
  received = 0;
  receivedBytes = 0;

  reset(): void {
    this.handled = 0;
    this.received = 0;
    this.receivedBytes = 0;
  }
}

/**
 * Raises the limit of a source for fast handlers, because few large requests cost less than many
 * small ones. A measurement at most doubles the limit, but lowers it at once. A handler that takes
 * longer than 5 ms never gets more than `least`, which is four times the concurrency by default.
 * Other instances can take the messages then.
 */
export class PrefetchLimit {
  private sinceMs: number;
  private mostBySize = Number.POSITIVE_INFINITY;

  constructor(
    private readonly range: PrefetchRange,
    private readonly nowMs = () => performance.now(),
  ) {
    this.sinceMs = nowMs();
  }

  /** Returns the next limit. The rate is that since the last measurement. */
  measure(limit: number, traffic: Traffic): number {
    const { least, most } = this.range;
    const { handled, received, receivedBytes } = traffic;
    const nowMs = this.nowMs();
    const elapsedMs = nowMs - this.sinceMs;
    const ahead = Math.floor((handled * AHEAD_MS) / elapsedMs);
    // A short pause of the process must not lower the limit.
    const isTooShort = handled < limit / REFILL_SHARE || ahead < limit;
    if (isTooShort && elapsedMs < AHEAD_MS) return limit;
    if (received > 0) this.mostBySize = Math.floor((AHEAD_BYTES * received) / receivedBytes);
    this.sinceMs = nowMs;
    traffic.reset();
    return Math.max(least, Math.min(ahead, limit * GROWTH, most, this.mostBySize));
  }
}
