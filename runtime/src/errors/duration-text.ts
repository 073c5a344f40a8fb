export const MILLIS_PER_UNIT = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;
export type DurationUnit = keyof typeof MILLIS_PER_UNIT;
const UNITS = Object.keys(MILLIS_PER_UNIT) as DurationUnit[];

/** A duration with its unit. */
export type DurationText = `${number}${DurationUnit}`;

/** The server and nats.js measure in nanoseconds. */
export const NANOS_PER_MILLI = 1_000_000;

/** Writes milliseconds in the largest unit that needs no fraction. */
export function durationText(millis: number): DurationText {
  const fitting = UNITS.filter((unit) => millis % MILLIS_PER_UNIT[unit] === 0);
  const unit = fitting.at(-1) ?? 'ms';
  return `${millis / MILLIS_PER_UNIT[unit]}${unit}`;
}
