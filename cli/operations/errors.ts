export type OperationErrorCode = 'NOT_BUILT' | 'NO_APPLICATION';

/** Expected failure of a command that reads the built application. The message has the remedy. */
export class OperationError extends Error {
  override readonly name = 'OperationError';

  constructor(
    readonly code: OperationErrorCode,
    message: string,
    /** File that the error is about. */
    readonly value: string,
  ) {
    super(message);
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
