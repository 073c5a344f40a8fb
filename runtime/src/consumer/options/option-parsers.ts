import { durationMillis, timerMillis, type Duration } from '../../util/duration';
import { durationText } from '../../errors/duration-text';
import { InvalidOptionError } from '../../errors/configuration.errors';
import { assertPublishSubject } from '../../subject/subject-syntax';
import { assertName } from '../../util/names';

/**
 * Checks and converts the declared value of an option.
 * @throws InvalidOptionError (`INVALID_OPTION`)
 */
export type Parser<Value, Parsed> = (value: Value, option: string, warnings: string[]) => Parsed;

interface DurationLimits {
  readonly leastMs?: number;
  readonly mostMs?: number;
  /** A smaller bare number is most likely meant as seconds, and causes a warning. */
  readonly suspiciousBelowMs?: number;
  /** True if a timer of this process measures the time. Timers are limited to 24 days. */
  readonly isTimer?: boolean;
}

/** A bare number of 11 days or more is most likely meant as nanoseconds. */
const NANOSECONDS_FROM = 1_000_000_000;

/** Parses a duration to milliseconds. */
export function duration(limits: DurationLimits = {}): Parser<Duration, number> {
  const { leastMs = 1, mostMs = Number.POSITIVE_INFINITY, suspiciousBelowMs = 0, isTimer = false } = limits;
  return (value, option, warnings) => {
    const millis = isTimer ? timerMillis(value, option) : durationMillis(value, option);
    const bare = typeof value === 'number';
    if (bare && millis >= NANOSECONDS_FROM)
      throw new InvalidOptionError(
        option,
        value,
        `a bare number is milliseconds, and this is ${inDays(millis)}. ${UNIT}`,
      );
    if (millis < leastMs) {
      const hint = bare ? `. A bare number is milliseconds. For ${value} seconds write '${value}s'` : '';
      throw new InvalidOptionError(option, value, `pass at least ${durationText(leastMs)}${hint}`);
    }
    if (millis > mostMs) throw new InvalidOptionError(option, value, `pass at most ${durationText(mostMs)}`);
    if (bare && millis < suspiciousBelowMs)
      warnings.push(
        `Option '${option}' is ${value} ms, because a bare number is milliseconds. ` +
          `Write '${value}s' for seconds, or '${value}ms' to confirm it.`,
      );
    return millis;
  };
}

const UNIT = "Write it with its unit, such as '30s'";

function inDays(millis: number): string {
  return `${Math.round(millis / 86_400_000)} days`;
}

export function wholeNumber(least = 1, most = Number.MAX_SAFE_INTEGER): (value: number, option: string) => number {
  return (value, option) => {
    if (Number.isSafeInteger(value) && value >= least && value <= most) return value;
    const range = most === Number.MAX_SAFE_INTEGER ? `from ${least} up` : `from ${least} to ${most}`;
    throw new InvalidOptionError(option, value, `pass a whole number ${range}`);
  };
}

export function trueOrFalse(value: boolean, option: string): boolean {
  if (typeof value === 'boolean') return value;
  throw new InvalidOptionError(option, value, 'pass true or false');
}

export function text(value: string, option: string): string {
  if (typeof value === 'string') return value;
  throw new InvalidOptionError(option, value, 'pass a string');
}

/** Parses a name of a list, in any of its spellings, such as `ByStartTime` and `by_start_time`. */
export function oneOf<const Parsed extends string>(
  values: readonly Parsed[],
): (value: string, option: string) => Parsed {
  return (value, option) => {
    const found = values.find((each) => typeof value === 'string' && spelling(each) === spelling(value));
    if (found !== undefined) return found;
    throw new InvalidOptionError(option, value, `pass one of ${values.map((each) => `'${each}'`).join(', ')}`);
  };
}

function spelling(name: string): string {
  return name.replaceAll('_', '').toLowerCase();
}

export function listOf<Value, Parsed>(parse: Parser<Value, Parsed>): Parser<readonly Value[], Parsed[]> {
  return (values, option, warnings) => {
    if (!Array.isArray(values)) throw new InvalidOptionError(option, values, 'pass a list');
    return values.map((value: Value) => parse(value, option, warnings));
  };
}

export function subjectToPublish(value: string, option: string): string {
  assertPublishSubject(value);
  return text(value, option);
}

/** Parses a name that is one token of a subject, such as that of a group or of a stream. */
export function token(what: string): (value: string, option: string) => string {
  return (value, option) => {
    assertName(value, option, what);
    return value;
  };
}

export function pastDate(value: Date, option: string): Date {
  if (!(value instanceof Date) || Number.isNaN(value.getTime()))
    throw new InvalidOptionError(option, value, 'pass a valid Date');
  if (value.getTime() <= Date.now()) return value;
  throw new InvalidOptionError(
    option,
    value,
    "the time is in the future. Pass a time in the past, or deliverPolicy: 'New'",
  );
}

export function texts(value: Readonly<Record<string, string>>, option: string): Readonly<Record<string, string>> {
  const isRecord = typeof value === 'object' && value !== null && !Array.isArray(value);
  if (isRecord && Object.values(value).every((each) => typeof each === 'string')) return { ...value };
  throw new InvalidOptionError(option, value, "pass an object of strings, such as { team: 'shop' }");
}
