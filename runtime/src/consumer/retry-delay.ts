import { durationMillis, type Duration } from '../duration/duration';
import { InvalidOptionError } from '../errors/configuration.errors';

const JITTER = 0.2;
export const USUAL_RETRY_DELAY = ['1s', '5s', '30s', '2m'] as const satisfies RetryDelay;

/** Pause before a failed message is delivered again: one, a list by attempt, of which the last repeats, or a function. */
export type RetryDelay = Duration | readonly Duration[] | ((deliveryCount: number, failure: unknown) => Duration);

/** The pause in whole milliseconds: the server takes a fraction for an invalid delay, and delivers again at once. */
export type RetryPause = (deliveryCount: number, failure: unknown) => number;

/** @throws InvalidOptionError (`INVALID_OPTION`) */
export function retryPause(retryDelay: RetryDelay): RetryPause {
  if (typeof retryDelay === 'function') {
    return (deliveryCount, failure) => durationMillis(whole(retryDelay(deliveryCount, failure)), 'retryDelay');
  }
  if (typeof retryDelay === 'string' || typeof retryDelay === 'number') return retryPause([retryDelay]);
  if (!Array.isArray(retryDelay) || retryDelay.length === 0) {
    throw new InvalidOptionError('retryDelay', retryDelay, "give a list of at least one pause, such as ['1s', '10s']");
  }
  const delaysMs = retryDelay.map((pause: Duration) => durationMillis(pause, 'retryDelay'));
  return (deliveryCount) => {
    const at = Math.min(Math.max(deliveryCount, 1), delaysMs.length) - 1;
    return jittered(delaysMs[at] ?? 0);
  };
}

/** What a function computes need not be whole, as with an exponent or a jitter of its own. */
function whole(pause: Duration): Duration {
  return typeof pause === 'number' && pause > 0 ? Math.max(1, Math.round(pause)) : pause;
}

/** The pauses of a consumer that says nothing else. */
export const usualPause = retryPause(USUAL_RETRY_DELAY);

function jittered(millis: number): number {
  return Math.max(1, Math.round(millis * (1 + JITTER * (2 * Math.random() - 1))));
}
