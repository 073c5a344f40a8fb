import { InvalidOptionError } from '../errors/configuration.errors';

const MILLIS_PER_UNIT = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;
type DurationUnit = keyof typeof MILLIS_PER_UNIT;
const UNITS = Object.keys(MILLIS_PER_UNIT) as DurationUnit[];

/** A length of time with its unit. */
export type DurationText = `${number}${DurationUnit}`;

/** A length of time: a bare number is milliseconds; a string carries its unit, such as `'250ms'`, `'30s'`, `'2m'`, `'1h'`, `'7d'`. */
export type Duration = number | DurationText;

/**
 * Milliseconds of a duration.
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

/** Node's timers take no more, and fire at once when they are given more: 24 days. */
export const LONGEST_TIMER_MS = 2 ** 31 - 1;

/** As {@link durationMillis}, for what this process times itself. @throws InvalidOptionError (`INVALID_OPTION`) above 24 days, too */
export function timerMillis(duration: Duration, option: string): number {
  const millis = durationMillis(duration, option);
  if (millis <= LONGEST_TIMER_MS) return millis;
  throw new InvalidOptionError(option, duration, "give at most '24d', which is as long as a timer runs");
}

/** Whole milliseconds in the largest unit that needs no fraction. */
export function durationText(millis: number): DurationText {
  const fitting = UNITS.filter((unit) => millis % MILLIS_PER_UNIT[unit] === 0);
  const unit = fitting.at(-1) ?? 'ms';
  return `${millis / MILLIS_PER_UNIT[unit]}${unit}`;
}

function parse(text: string): number {
  const [, amount, unit] = /^(\d+(?:\.\d+)?)(ms|s|m|h|d)$/.exec(text) ?? [];
  return amount === undefined ? Number.NaN : Number(amount) * MILLIS_PER_UNIT[unit as DurationUnit];
}
