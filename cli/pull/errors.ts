export type PullErrorCode = 'INTERNAL_STREAM' | 'NO_SUBJECTS';

/** Expected failure of `pull`: a stream that a project cannot declare. */
export class PullError extends Error {
  override readonly name = 'PullError';

  constructor(
    readonly code: PullErrorCode,
    message: string,
    /** Name of the stream. */
    readonly value: string,
  ) {
    super(message);
  }
}
