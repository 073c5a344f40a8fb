export interface NatsJetStreamErrorDetails {
  /** The value that was refused or that failed, for programs; the message repeats it for people. */
  readonly value?: unknown;
  readonly cause?: unknown;
}

/**
 * Base of every error that this package throws. Tell errors apart by `code`, which is stable; messages are for people.
 * Each message names the offending thing and the remedy.
 */
export abstract class NatsJetStreamError extends Error {
  abstract readonly code: string;
  readonly value: unknown;

  constructor(message: string, { value, cause }: NatsJetStreamErrorDetails = {}) {
    super(message, cause === undefined ? undefined : { cause });
    this.name = new.target.name;
    this.value = value;
  }
}
