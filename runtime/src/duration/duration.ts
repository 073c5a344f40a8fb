import { InvalidOptionError } from '../errors/configuration.errors';

const MILLIS_PER_UNIT = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;
type DurationUnit = keyof typeof MILLIS_PER_UNIT;
const UNITS = Object.keys(MILLIS_PER_UNIT) as DurationUnit[];

/** A duration with its unit. */
export type DurationText = `${number}${DurationUnit}`;

/** A duration: a number of milliseconds, or a string with its unit, such as `'250ms'`, `'30s'`, `'2m'`, `'1.5h'`, `'7d'`. */
export type Duration = number | DurationText;

/**
 * Converts a duration to milliseconds.
 * @throws InvalidOptionError (`INVALID_OPTION`) naming `option` when it is not a positive whole number of milliseconds.
 */
export function durationMillis(duration: Duration, option: string): number {
  const millis = typeof duration === 'number' ? duration : parse(duration);
  if (!Number.isSafeInteger(millis) || millis <= 0) {
    throw new InvalidOptionError(
      option,
      duration,
      "give milliseconds as a whole number above 0, or a string such as '30s'",
    );
  }
  return millis;
}

/** The server and nats.js measure in nanoseconds. */
export const NANOS_PER_MILLI = 1_000_000;

/** Longest delay of a Node.js timer, about 24 days. A timer with a longer delay fires immediately. */
export const LONGEST_TIMER_MS = 2 ** 31 - 1;

/** {@link durationMillis} for timers of this process. @throws InvalidOptionError (`INVALID_OPTION`) also above 24 days */
export function timerMillis(duration: Duration, option: string): number {
  const millis = durationMillis(duration, option);
  if (millis <= LONGEST_TIMER_MS) return millis;
  throw new InvalidOptionError(option, duration, "give at most '24d', the longest delay of a timer");
}

/** Writes milliseconds in the largest unit that needs no fraction. */
export function durationText(millis: number): DurationText {
  const fitting = UNITS.filter((unit) => millis % MILLIS_PER_UNIT[unit] === 0);
  const unit = fitting.at(-1) ?? 'ms';
  return `${millis / MILLIS_PER_UNIT[unit]}${unit}`;
}

/** Exact, unlike a product of floating-point numbers: 1.1 × 3,600,000 is not a whole number. */
function parse(text: string): number {
  const [, whole = '', fraction = '', unit] = /^(\d+)(?:\.(\d+))?(ms|s|m|h|d)$/.exec(text) ?? [];
  if (unit === undefined) return Number.NaN;
  const parts = BigInt(whole + fraction) * BigInt(MILLIS_PER_UNIT[unit as DurationUnit]);
  const partsPerMilli = 10n ** BigInt(fraction.length);
  return parts % partsPerMilli === 0n ? Number(parts / partsPerMilli) : Number.NaN;
}
