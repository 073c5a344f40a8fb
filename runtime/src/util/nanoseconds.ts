import { InvalidOptionError } from '../errors/configuration.errors';
import { durationMillis } from './duration';
import { durationText, NANOS_PER_MILLI, type DurationText } from '../errors/duration-text';

/**
 * A duration where nats.js takes nanoseconds: a number of nanoseconds, or a string such as `'30s'`.
 */
export type Nanoseconds = number | DurationText;

/**
 * Converts a duration to nanoseconds. 0 stays 0, which means "none" or "default" to the server.
 * @throws InvalidOptionError (`INVALID_OPTION`) also for numbers below 1 ms, which were meant as
 * milliseconds or seconds.
 */
export function nanosecondsOf(duration: Nanoseconds, option: string): number {
  if (typeof duration === 'string') return durationMillis(duration, option) * NANOS_PER_MILLI;
  if (duration === 0 || (Number.isInteger(duration) && duration >= NANOS_PER_MILLI)) return duration;
  const remedy = isCount(duration)
    ? `a bare number is nanoseconds here; for ${duration} ms write '${durationText(duration)}'`
    : "give whole nanoseconds, or a string such as '30s'";
  throw new InvalidOptionError(option, duration, remedy);
}

/**
 * Nanoseconds since 1970 of an RFC 3339 time, as decimal text; the text itself if it is not a time.
 */
export function timestampNanos(time: string): string {
  const [, seconds = '', fraction = '', zone = ''] =
    /^(.+T\d\d:\d\d:\d\d)(?:\.(\d{1,9}))?(Z|[+-]\d\d:\d\d)$/i.exec(time) ?? [];
  const millis = Date.parse(`${seconds}${zone}`);
  if (Number.isNaN(millis)) return time;
  return String(BigInt(millis) * BigInt(NANOS_PER_MILLI) + BigInt(fraction.padEnd(9, '0')));
}

function isCount(value: unknown): value is number {
  return Number.isInteger(value) && Number(value) > 0;
}
