import { failureText } from './failure-text';
import { NatsJetStreamError } from './nats-jetstream.error';

/** No stream stores the subject, so the server acknowledged nothing: the event is not stored. */
export class NoStreamForSubjectError extends NatsJetStreamError {
  readonly code = 'NO_STREAM_FOR_SUBJECT';

  constructor(subject: string, cause?: unknown) {
    super(
      `No stream stores '${subject}': declare one whose subjects cover it with ` +
        `NatsJetStreamTransport.forFeature({ streams: [...] }), or check that JetStream is enabled on the server.`,
      { value: subject, cause },
    );
  }
}

/**
 * No PubAck came in time, after every attempt. The event may or may not be stored: publishing it
 * again with the same message id, within the stream's duplicate window, cannot store it twice.
 */
export class PublishTimeoutError extends NatsJetStreamError {
  readonly code = 'PUBLISH_TIMEOUT';

  constructor(
    subject: string,
    readonly messageId: string,
    waitedMs: number,
    cause?: unknown,
  ) {
    super(
      `No PubAck for '${subject}' (message id ${messageId}) within ${waitedMs} ms: check that nats-server is reachable; ` +
        `to try again without a duplicate, publish with the same message id.`,
      { value: subject, cause },
    );
  }
}

/**
 * The connection ended, by `close()` or for good, before the PubAck came. The event may or may not
 * be stored: publishing it again with the same message id, within the stream's duplicate window,
 * cannot store it twice.
 */
export class PublishUnconfirmedError extends NatsJetStreamError {
  readonly code = 'PUBLISH_UNCONFIRMED';

  constructor(
    subject: string,
    readonly messageId: string,
    cause?: unknown,
  ) {
    super(
      `The connection ended before the PubAck for '${subject}' (message id ${messageId}) came: the event may or may not be stored. ` +
        `To try again without a duplicate, publish with the same message id.`,
      { value: subject, cause },
    );
  }
}

/** The server refused the event; `cause` is its answer. The event is not stored. */
export class PublishRefusedError extends NatsJetStreamError {
  readonly code = 'PUBLISH_REFUSED';

  constructor(
    subject: string,
    readonly messageId: string,
    cause: unknown,
  ) {
    super(
      `The event for '${subject}' (message id ${messageId}) was refused: ` +
        `${cause instanceof Error ? cause.message : String(cause)}.`,
      { value: subject, cause },
    );
  }
}

/**
 * The event cannot be written as JSON (undefined, a function, a BigInt, a cycle), JSON would drop
 * content of it (a Map, a Set, an Error at any depth), or the `serializer` failed. Nothing was
 * sent.
 */
export class UnserializableEventError extends NatsJetStreamError {
  readonly code = 'UNSERIALIZABLE_EVENT';

  constructor(subject: string, event: unknown, cause?: unknown, how: 'as JSON' | 'by the serializer' = 'as JSON') {
    super(
      `The event for '${subject}' cannot be written ${how}` +
        ` (${cause === undefined ? `it is ${typeof event}` : reasonOf(cause)}): pass ${how === 'as JSON' ? 'plain data' : 'what it takes'} or a Uint8Array.`,
      { value: event, cause },
    );
  }
}

function reasonOf(cause: unknown): string {
  return cause instanceof Error ? cause.message : failureText(cause);
}
