import { InvalidOptionError, type UnknownOptionDetails } from './configuration.errors';

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

interface UnknownOptions extends Pick<UnknownOptionDetails, 'owner'> {
  /** Path of the options with a final dot, such as `expect.`. */
  readonly path?: string;
  /** Returns the known name for an option of another library. */
  readonly aliasOf?: (option: string) => string | undefined;
  /** Shown instead of the value, which may be a misplaced secret. */
  readonly shown?: string;
}

/** Returns an error for each option that is set but unknown. It would be ignored silently. */
export function unknownOptions(
  options: object,
  known: readonly string[],
  { path = '', owner, aliasOf, shown }: UnknownOptions = {},
): InvalidOptionError[] {
  return Object.entries<unknown>({ ...options })
    .filter(([option, value]) => value !== undefined && !known.includes(option))
    .map(([option, value]) =>
      InvalidOptionError.unknown(path + option, shown ?? value, known, { owner, alias: aliasOf?.(option) }),
    );
}

/** @throws InvalidOptionError (`INVALID_OPTION`) for the first unknown option */
export function assertKnownOptions(options: object, known: readonly string[], details?: UnknownOptions): void {
  const [first] = unknownOptions(options, known, details);
  if (first) throw first;
}
