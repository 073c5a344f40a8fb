import { NatsJetStreamError } from './nats-jetstream.error';

/** The event with its headers is larger than the server or its stream takes. It is not stored. */
export class PayloadTooLargeError extends NatsJetStreamError {
  readonly code = 'PAYLOAD_TOO_LARGE';

  constructor(
    subject: string,
    /** Bytes of the event and its headers. */
    readonly size: number,
    /** Bytes that are allowed; undefined when the server did not say. */
    readonly limit: number | undefined,
    limitName: 'max_payload of the server' | 'max_msg_size of the stream',
    cause?: unknown,
  ) {
    super(
      `The event for '${subject}' has ${size} bytes with its headers, and ${limitName} is ${limit ?? 'less'}: ` +
        `store large data elsewhere and publish a reference to it, or raise the limit.`,
      { value: size, cause },
    );
  }
}

/**
 * The stream is at a limit and discards new messages, or the account or the server has no storage
 * left. Not stored.
 */
export class StreamFullError extends NatsJetStreamError {
  readonly code = 'STREAM_FULL';

  constructor(
    subject: string,
    readonly messageId: string,
    cause: Error,
  ) {
    super(
      `The event for '${subject}' (message id ${messageId}) was not stored: ${cause.message}. Raise the limits of its ` +
        `stream or account, or let consumers catch up; then publish it again.`,
      { value: subject, cause },
    );
  }
}

/** `expect` did not hold: somebody else published in the meantime. The event is not stored. */
export class WrongLastSequenceError extends NatsJetStreamError {
  readonly code = 'WRONG_LAST_SEQUENCE';

  constructor(
    subject: string,
    readonly messageId: string,
    cause: Error,
  ) {
    super(
      `The event for '${subject}' (message id ${messageId}) was not stored, because what 'expect' says of the last ` +
        `message is not so: ${cause.message}. Read the present state, decide again, and publish with its sequence.`,
      { value: subject, cause },
    );
  }
}
