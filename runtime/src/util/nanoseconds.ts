import { InvalidOptionError } from '../errors/configuration.errors';
import { durationMillis } from './duration';
import { durationText, NANOS_PER_MILLI, type DurationText } from '../errors/duration-text';

/**
 * A duration of a nats.js option: a number of nanoseconds, or a string such as `'30s'`.
 */
export type Nanoseconds = number | DurationText;

/**
 * Converts a duration to nanoseconds. 0 stays 0, because the server takes it as "none" or
 * "default".
 * @throws InvalidOptionError (`INVALID_OPTION`) also for numbers below 1 ms, which are most likely
 * meant as milliseconds or seconds
 */
export function nanosecondsOf(duration: Nanoseconds, option: string): number {
  if (typeof duration === 'string') return durationMillis(duration, option) * NANOS_PER_MILLI;
  if (duration === 0 || (Number.isInteger(duration) && duration >= NANOS_PER_MILLI)) return duration;
  const remedy = isCount(duration)
    ? `A bare number is nanoseconds here. For ${duration} ms write '${durationText(duration)}'`
    : "pass a whole number of nanoseconds, or a string such as '30s'";
  throw new InvalidOptionError(option, duration, remedy);
}

/**
 * Converts an RFC 3339 time to nanoseconds since 1970, as decimal text. Returns other texts
 * unchanged.
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
