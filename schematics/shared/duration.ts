import { invalidOption } from './errors';

/**
 * A duration as the transport reads it: a positive number with its unit. @throws SchematicError for
 * anything else.
 */
export function durationOption(option: string, value: string): string {
  if (!/^\d+(\.\d+)?(ms|s|m|h|d)$/.test(value) || Number.parseFloat(value) === 0) {
    throw invalidOption(option, value, 'must be a number above 0 with its unit: ms, s, m, h or d, e.g. 30s.');
  }
  return value;
}
