export type OperationErrorCode =
  'NOT_BUILT' | 'NO_APPLICATION' | 'BUNDLED_NEST' | 'NO_TRANSPORT_PACKAGE' | 'NEEDS_CONFIRMATION';

/** Expected failure of a command that operates a service. The message has the remedy. */
export class OperationError extends Error {
  override readonly name = 'OperationError';

  constructor(
    readonly code: OperationErrorCode,
    message: string,
    /** File, folder or command that the error is about. */
    readonly value: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

/** Error of the child process with the application. `code` is that of the transport's error. */
export class ApplicationError extends Error {
  override readonly name = 'ApplicationError';

  constructor(
    readonly code: string,
    message: string,
  ) {
    super(message);
  }
}
