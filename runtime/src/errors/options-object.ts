import { InvalidOptionError } from './configuration.errors';

/** True for a value that may hold options: an object that is not an array. */
export function isOptionsObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/**
 * Names the type of a value. The value itself is not shown, because it may be a secret in the wrong
 * place.
 */
export function typeOf(value: unknown): string {
  if (value === null || value === undefined) return String(value);
  if (Array.isArray(value)) return 'an array';
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`;
}

/**
 * Checks the argument of a call such as `register(options)`.
 * @throws InvalidOptionError (`INVALID_OPTION`) unless it is an object
 */
export function assertOptionsObject(call: string, value: unknown, example: string): void {
  if (!isOptionsObject(value))
    throw InvalidOptionError.of(`${call} needs an object, and it got ${typeOf(value)}. Pass one such as ${example}.`);
}
