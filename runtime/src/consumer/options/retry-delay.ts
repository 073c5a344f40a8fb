import { type Duration, durationMillis } from '../../util/duration';
import { InvalidOptionError } from '../../errors/configuration.errors';
import { duration } from './option-parsers';
import { VALUE_RULES } from './option-rules';

const JITTER = 0.2;
export const DEFAULT_RETRY_DELAY = ['1s', '5s', '30s', '2m'] as const satisfies RetryDelay;

/**
 * Delay before a failed message is redelivered: a delay, a list by attempt (the last entry
 * repeats), or a function.
 */
export type RetryDelay = Duration | readonly Duration[] | ((deliveryCount: number, failure: unknown) => Duration);

/** Returns whole milliseconds. The server rejects a fraction, and redelivers at once. */
export type RetryPause = (deliveryCount: number, failure: unknown) => number;

const parseDelay = duration({ suspiciousBelowMs: 100 });

/** @throws InvalidOptionError (`INVALID_OPTION`) */
export function retryPause(retryDelay: RetryDelay, option: string, warnings: string[]): RetryPause {
  if (typeof retryDelay === 'function')
    return (deliveryCount, failure) => durationMillis(whole(retryDelay(deliveryCount, failure)), option);
  const delaysMs = retryDelays(retryDelay, option, warnings);
  return (deliveryCount) => {
    const at = Math.min(Math.max(deliveryCount, 1), delaysMs.length) - 1;
    return jittered(delaysMs[at] ?? 0);
  };
}

/** Returns the delays of a list in milliseconds. */
export function retryDelays(
  retryDelay: Duration | readonly Duration[],
  option: string,
  warnings: string[] = [],
): number[] {
  const delays = typeof retryDelay === 'string' || typeof retryDelay === 'number' ? [retryDelay] : retryDelay;
  if (!Array.isArray(delays))
    throw new InvalidOptionError(option, delays, "pass a delay such as '1s', or a list of them");
  if (delays.length === 0) throw InvalidOptionError.of(VALUE_RULES.retryDelay, delays);
  return delays.map((delay: Duration) => parseDelay(delay, option, warnings));
}

/** Rounds a computed delay, for example one with an exponent or jitter. */
function whole(pause: Duration): Duration {
  return typeof pause === 'number' && pause > 0 ? Math.max(1, Math.round(pause)) : pause;
}

/** Delays of a consumer without `retryDelay`. */
export const usualPause = retryPause(DEFAULT_RETRY_DELAY, 'retryDelay', []);

function jittered(millis: number): number {
  return Math.max(1, Math.round(millis * (1 + JITTER * (2 * Math.random() - 1))));
}
