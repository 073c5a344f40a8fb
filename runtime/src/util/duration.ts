import { InvalidOptionError } from '../errors/configuration.errors';
import { MILLIS_PER_UNIT, type DurationText, type DurationUnit } from '../errors/duration-text';

/**
 * A duration: a number of milliseconds, or a string with its unit, such as `'250ms'`, `'30s'`,
 * `'2m'`, `'1.5h'`, `'7d'`.
 */
export type Duration = number | DurationText;

/**
 * Converts a duration to milliseconds.
 * @throws InvalidOptionError (`INVALID_OPTION`) naming `option` when it is not a positive whole
 * number of milliseconds
 */
export function durationMillis(duration: Duration, option: string): number {
  const millis = typeof duration === 'number' ? duration : parse(duration);
  if (!Number.isSafeInteger(millis) || millis <= 0) {
    throw new InvalidOptionError(
      option,
      duration,
      "pass milliseconds as a whole number above 0, or a string such as '30s'",
    );
  }
  return millis;
}

/**
 * Longest delay of a Node.js timer, about 24 days. A timer with a longer delay fires immediately.
 */
export const LONGEST_TIMER_MS = 2 ** 31 - 1;

/**
 * Converts a duration to milliseconds, for a timer of this process.
 * @throws InvalidOptionError (`INVALID_OPTION`) also above 24 days
 */
export function timerMillis(duration: Duration, option: string): number {
  const millis = durationMillis(duration, option);
  if (millis <= LONGEST_TIMER_MS) return millis;
  throw new InvalidOptionError(option, duration, "pass at most '24d', the longest delay of a timer");
}

/** Uses integers, because 1.1 × 3,600,000 is not a whole number in floating point. */
function parse(text: string): number {
  const [, whole = '', fraction = '', unit] = /^(\d+)(?:\.(\d+))?(ms|s|m|h|d)$/.exec(text) ?? [];
  if (unit === undefined) return Number.NaN;
  const parts = BigInt(whole + fraction) * BigInt(MILLIS_PER_UNIT[unit as DurationUnit]);
  const partsPerMilli = 10n ** BigInt(fraction.length);
  return parts % partsPerMilli === 0n ? Number(parts / partsPerMilli) : Number.NaN;
}
