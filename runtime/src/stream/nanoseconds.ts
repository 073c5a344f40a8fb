import { durationMillis, durationText, type DurationText } from '../duration/duration';
import { InvalidOptionError } from '../errors/configuration.errors';

/** A length of time where nats.js has nanoseconds: a number of them, or a string such as `'30s'`. */
export type Nanoseconds = number | DurationText;

const NANOS_PER_MILLI = 1_000_000;

/**
 * Nanoseconds of a duration; 0 stays 0, the server's word for "none" or "default".
 * @throws InvalidOptionError (`INVALID_OPTION`) naming `option`, also below 1 ms: somebody meant milliseconds or seconds.
 */
export function nanosecondsOf(duration: Nanoseconds, option: string): number {
  if (typeof duration === 'string') return durationMillis(duration, option) * NANOS_PER_MILLI;
  if (duration === 0 || (Number.isInteger(duration) && duration >= NANOS_PER_MILLI)) return duration;
  const remedy = isCount(duration)
    ? `a bare number is nanoseconds here; for ${duration} ms write '${durationText(duration)}'`
    : "give whole nanoseconds, or a string such as '30s'";
  throw new InvalidOptionError(option, duration, remedy);
}

function isCount(value: unknown): value is number {
  return Number.isInteger(value) && Number(value) > 0;
}
