export type SchematicErrorCode =
  | 'INVALID_OPTION'
  | 'PROJECT_NOT_FOUND'
  | 'STREAM_NOT_FOUND'
  | 'STREAM_AMBIGUOUS'
  | 'SUBJECT_OVERLAP'
  | 'NAME_TAKEN'
  | 'UNSAFE_EDIT'
  | 'EVENT_NOT_FOUND'
  | 'CANCELLED'
  | 'NAME_TOO_LONG'
  | 'OUTSIDE_PROJECT'
  | 'WRITE_FAILED';

/**
 * An expected failure of a schematic: its message is one sentence with the remedy, shown to the
 * user as it is.
 */
export class SchematicError extends Error {
  override readonly name = 'SchematicError';

  constructor(
    readonly code: SchematicErrorCode,
    message: string,
    readonly value?: unknown,
  ) {
    super(message);
  }
}

/** A value that an option cannot take. */
export function invalidOption(option: string, value: unknown, remedy: string): SchematicError {
  return new SchematicError('INVALID_OPTION', `${option}: ${JSON.stringify(value)} ${remedy}`, value);
}
