export type ContractErrorCode = 'NO_EVENTS' | 'NOT_JSON' | 'TYPE_ERRORS' | 'NO_BASELINE' | 'INVALID_DOCUMENT';

/** Expected failure of `contract`. The message is shown to the user and says what to do. */
export class ContractError extends Error {
  override readonly name = 'ContractError';

  constructor(
    readonly code: ContractErrorCode,
    message: string,
    /** File, revision or events that the error is about. */
    readonly value: unknown,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}
