import { failureText } from './thrown-value';
import { NatsJetStreamError } from './nats-jetstream.error';

/** No stream stores the subject. The event is not stored. */
export class NoStreamForSubjectError extends NatsJetStreamError {
  readonly code = 'NO_STREAM_FOR_SUBJECT';

  constructor(subject: string, cause?: unknown) {
    super(
      `No stream stores '${subject}'. Declare a stream with this subject in ` +
        `NatsJetStreamTransport.forFeature({ streams: [...] }), or check that JetStream is enabled on the server.`,
      { value: subject, cause },
    );
  }
}

/**
 * No PubAck arrived within the timeout of the last attempt. The event may or may not be stored.
 * Publishing it again with the same message id does not store it twice within the stream's
 * duplicate window.
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
      `No PubAck for '${subject}' (message id ${messageId}) arrived within ${waitedMs} ms. The event may or may not be stored. ` +
        `Check that nats-server is reachable. Retry with the same message id to avoid a duplicate.`,
      { value: subject, cause },
    );
  }
}

/**
 * The connection was closed or permanently lost before the PubAck arrived. The event may or may not
 * be stored. Publishing it again with the same message id does not store it twice within the
 * stream's duplicate window.
 */
export class PublishUnconfirmedError extends NatsJetStreamError {
  readonly code = 'PUBLISH_UNCONFIRMED';

  constructor(
    subject: string,
    readonly messageId: string,
    cause?: unknown,
  ) {
    super(
      `The connection was closed before the PubAck for '${subject}' (message id ${messageId}) arrived. ` +
        `The event may or may not be stored. Retry with the same message id to avoid a duplicate.`,
      { value: subject, cause },
    );
  }
}

/** The server refused the event. It is not stored. `cause` is the answer of the server. */
export class PublishRefusedError extends NatsJetStreamError {
  readonly code = 'PUBLISH_REFUSED';

  constructor(
    subject: string,
    readonly messageId: string,
    cause: unknown,
  ) {
    super(
      `The server refused the event for '${subject}' (message id ${messageId}). ` +
        `Its answer is "${cause instanceof Error ? cause.message : String(cause)}".`,
      { value: subject, cause },
    );
  }
}

/**
 * The event cannot be written as JSON (undefined, a function, a BigInt, a cycle), JSON would drop a
 * part of it (a Map, a Set, an Error at any depth), or the `serializer` failed. Nothing was sent.
 */
export class UnserializableEventError extends NatsJetStreamError {
  readonly code = 'UNSERIALIZABLE_EVENT';

  constructor(subject: string, event: unknown, cause?: unknown, format: 'as JSON' | 'by the serializer' = 'as JSON') {
    super(
      `The event for '${subject}' cannot be written ${format}` +
        ` (${cause === undefined ? `it is ${typeof event}` : reasonOf(cause)}). ` +
        `Pass ${format === 'as JSON' ? 'plain data' : 'a value that the serializer supports'}, or a Uint8Array.`,
      { value: event, cause },
    );
  }
}

function reasonOf(cause: unknown): string {
  return cause instanceof Error ? cause.message : failureText(cause);
}
