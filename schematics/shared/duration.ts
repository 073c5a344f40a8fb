import { invalidOption } from './errors';

/**
 * Returns a duration in the format of the transport, a positive number with its unit.
 * @throws SchematicError (`INVALID_OPTION`)
 */
export function durationOption(option: string, value: string): string {
  if (!/^\d+(\.\d+)?(ms|s|m|h|d)$/.test(value) || Number.parseFloat(value) === 0) {
    throw invalidOption(option, value, 'must be a number above 0 with a unit (ms, s, m, h or d), such as 30s.');
  }
  return value;
}

const MILLIS_PER_UNIT = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;

/** Returns the milliseconds of a duration that {@link durationOption} has accepted. */
export function durationMillis(value: string): number {
  const unit = value.replace(/^[\d.]+/, '') as keyof typeof MILLIS_PER_UNIT;
  return Number.parseFloat(value) * MILLIS_PER_UNIT[unit];
}
