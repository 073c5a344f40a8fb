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
