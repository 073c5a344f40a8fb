import { NatsJetStreamError } from './nats-jetstream.error';

/** The event with its headers exceeds a limit of the server or its stream. It is not stored. */
export class PayloadTooLargeError extends NatsJetStreamError {
  readonly code = 'PAYLOAD_TOO_LARGE';

  constructor(
    subject: string,
    /** Size of the event with its headers, in bytes. */
    readonly size: number,
    /** Limit in bytes. Undefined if the server did not return it. */
    readonly limit: number | undefined,
    limitName: 'max_payload of the server' | 'max_msg_size of the stream',
    cause?: unknown,
  ) {
    super(
      `The event for '${subject}' is too large. It has ${size} bytes with its headers, and ${limitName} is ${limit ?? 'less'}. ` +
        `Store large data elsewhere and publish a reference to it, or raise the limit.`,
      { value: size, cause },
    );
  }
}

/**
 * The stream is at a limit and discards new messages, or the account or the server has no storage
 * left. The event is not stored.
 */
export class StreamFullError extends NatsJetStreamError {
  readonly code = 'STREAM_FULL';

  constructor(
    subject: string,
    readonly messageId: string,
    cause: Error,
  ) {
    super(
      `The event for '${subject}' (message id ${messageId}) was not stored, because the server answered "${cause.message}". ` +
        `Raise the limits of its stream or account, or let consumers catch up. Then publish it again.`,
      { value: subject, cause },
    );
  }
}

/** `expect` was not met, because of another publish in the meantime. The event is not stored. */
export class WrongLastSequenceError extends NatsJetStreamError {
  readonly code = 'WRONG_LAST_SEQUENCE';

  constructor(
    subject: string,
    readonly messageId: string,
    cause: Error,
  ) {
    super(
      `The event for '${subject}' (message id ${messageId}) was not stored, because 'expect' does not match the last ` +
        `message (${cause.message}). Read the current state, and publish with its sequence.`,
      { value: subject, cause },
    );
  }
}
