import { type Duration, durationMillis } from '../util/duration';
import { hasBrand } from '../errors/thrown-value';

const OUTCOME = Symbol.for('nest-jetstream:outcome');
const RETRY = Symbol.for('nest-jetstream:retry-error');
const TERMINATE = Symbol.for('nest-jetstream:terminate-error');

/**
 * Outcome of a message. A handler may return one instead of throwing:
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
    /** Reason for logs and the dead letter. */
    readonly failure?: unknown,
  ) {}

  /** Acknowledges the message. */
  static ack(): Outcome {
    return Outcome.done;
  }

  /**
   * Redelivers the message after `delay` or else `retryDelay`. Counts towards `maxDeliver` like any
   * failure.
   * @throws InvalidOptionError (`INVALID_OPTION`)
   */
  static retry({ delay, cause }: { delay?: Duration; cause?: unknown } = {}): Outcome {
    return new Outcome('retry', delay === undefined ? undefined : durationMillis(delay, 'delay'), cause);
  }

  /** Dead-letters the message at once. */
  static terminate(reason: unknown): Outcome {
    return new Outcome('terminate', undefined, reason);
  }
}

/**
 * Error that a handler throws to redeliver the message after `delay` instead of `retryDelay`.
 */
export class RetryError extends Error {
  override readonly name = 'RetryError';
  readonly delay: Duration | undefined;

  constructor(message: string, { delay, cause }: { delay?: Duration; cause?: unknown } = {}) {
    super(message, cause === undefined ? undefined : { cause });
    this.delay = delay;
  }
}

/** Error that a handler throws to dead-letter the message at once, because a retry cannot help. */
export class TerminateError extends Error {
  override readonly name = 'TerminateError';

  constructor(reason: string, { cause }: { cause?: unknown } = {}) {
    super(reason, cause === undefined ? undefined : { cause });
  }
}

// On the prototypes, so that neither logs nor JSON show them.
Object.defineProperty(Outcome.prototype, OUTCOME, { value: true });
Object.defineProperty(RetryError.prototype, RETRY, { value: true });
Object.defineProperty(TerminateError.prototype, TERMINATE, { value: true });

/** Recognizes an Outcome, also of another copy of this package. */
export function isOutcome(value: unknown): value is Outcome {
  return hasBrand(value, OUTCOME);
}

export function isRetryError(value: unknown): value is RetryError {
  return hasBrand(value, RETRY);
}

export function isTerminateError(value: unknown): value is TerminateError {
  return hasBrand(value, TERMINATE);
}
