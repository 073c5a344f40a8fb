export type SchematicErrorCode =
  | 'INVALID_OPTION'
  | 'PROJECT_NOT_FOUND'
  | 'UNSUPPORTED_NEST'
  | 'STREAM_NOT_FOUND'
  | 'STREAM_AMBIGUOUS'
  | 'SUBJECT_OVERLAP'
  | 'NAME_TAKEN'
  | 'UNSAFE_EDIT'
  | 'EVENT_NOT_FOUND'
  | 'CANCELLED'
  | 'NAME_TOO_LONG'
  | 'OUTSIDE_PROJECT'
  | 'WRITE_FAILED'
  | 'PLUGIN_IN_USE'
  | 'DOCUMENT_NOT_FOUND'
  | 'INVALID_DOCUMENT'
  | 'NOTHING_TO_IMPORT';

/** Expected failure of a schematic. The message is shown to the user and says what to do. */
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

/** Creates the error for an invalid value of an option. */
export function invalidOption(option: string, value: unknown, problem: string): SchematicError {
  return new SchematicError('INVALID_OPTION', `Value ${JSON.stringify(value)} of option '${option}' ${problem}`, value);
}
