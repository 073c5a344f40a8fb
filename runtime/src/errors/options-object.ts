import { InvalidOptionError } from './configuration.errors';

/** Returns true for an object that is not an array. */
export function isOptionsObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Returns the type of a value for an error message. The value may be a misplaced secret. */
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
    throw InvalidOptionError.of(
      `The argument of ${call} must be an object, but it is ${typeOf(value)}. Pass an object such as ${example}.`,
    );
}
