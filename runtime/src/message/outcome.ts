import type { Duration } from '../duration/duration';
import { durationMillis } from '../duration/duration';

/**
 * What becomes of a message; a handler may return one instead of throwing:
 *
 * ```ts
 * return Outcome.retry({ delay: '30s' });
 * ```
 */
export class Outcome {
  private static readonly done = new Outcome('ack');

  private constructor(
    readonly kind: 'ack' | 'retry' | 'terminate',
    readonly delayMs?: number,
    /** What went wrong, for logs and the dead letter. */
    readonly failure?: unknown,
  ) {}

  /** Done. */
  static ack(): Outcome {
    return Outcome.done;
  }

  /**
   * Deliver again, after `delay`, or the pause that `retryDelay` gives; counted towards `maxDeliver` like any failure.
   * @throws InvalidOptionError (`INVALID_OPTION`)
   */
  static retry({ delay, cause }: { delay?: Duration; cause?: unknown } = {}): Outcome {
    return new Outcome('retry', delay === undefined ? undefined : durationMillis(delay, 'delay'), cause);
  }

  /** Never deliver again: to the dead letters at once. */
  static terminate(reason: unknown): Outcome {
    return new Outcome('terminate', undefined, reason);
  }
}

/** Thrown in a handler: deliver again after `delay`, instead of the pause that `retryDelay` gives. */
export class RetryError extends Error {
  override readonly name = 'RetryError';
  readonly delay: Duration | undefined;

  constructor(message: string, { delay, cause }: { delay?: Duration; cause?: unknown } = {}) {
    super(message, cause === undefined ? undefined : { cause });
    this.delay = delay;
  }
}

/** Thrown in a handler: no retry can help, to the dead letters at once. */
export class TerminateError extends Error {
  override readonly name = 'TerminateError';

  constructor(reason: string, { cause }: { cause?: unknown } = {}) {
    super(reason, cause === undefined ? undefined : { cause });
  }
}
