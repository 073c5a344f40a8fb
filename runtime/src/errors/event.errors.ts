import { NatsJetStreamError } from './nats-jetstream.error';

/**
 * The bytes of a message are not what its handler reads: JSON in UTF-8, or what the `deserializer`
 * takes. No retry can help.
 */
export class UndecodableEventError extends NatsJetStreamError {
  readonly code = 'UNDECODABLE_EVENT';

  constructor(subject: string, cause: unknown, reader: 'JSON' | 'deserializer' = 'JSON') {
    const reason = cause instanceof Error ? cause.message : String(cause);
    super(
      reader === 'JSON'
        ? `The message on '${subject}' is not JSON in UTF-8 (${reason}): see to it that its publisher writes the event itself as JSON.`
        : `The deserializer cannot read the message on '${subject}' (${reason}): see to it that its publisher has the serializer that belongs to it.`,
      { value: subject, cause },
    );
  }
}

/** One thing that a schema found wrong with an event; `path` is empty for the event itself. */
export interface EventIssue {
  readonly path: string;
  readonly message: string;
}

/** An event is not what the schema of its subject describes: no retry can help. */
export class InvalidEventError extends NatsJetStreamError {
  readonly code = 'INVALID_EVENT';

  constructor(
    readonly subject: string,
    readonly issues: readonly EventIssue[],
  ) {
    const found = issues.map(({ path, message }) => (path ? `${path}: ${message}` : message));
    super(
      `The event on '${subject}' is not what its schema describes: ${found.join('; ')}. ` +
        `See to it that its publisher sends what the schema takes, or change the schema.`,
      { value: subject },
    );
  }
}

/**
 * A `deserializer` took longer than the handler's `timeout`, else `maxProcessingTime`; the message
 * is delivered again.
 */
export class DeserializerTimeoutError extends NatsJetStreamError {
  readonly code = 'DESERIALIZER_TIMEOUT';

  constructor(subject: string, limitMs: number) {
    super(
      `The deserializer did not read the message on '${subject}' within ${limitMs} ms: end what it waits for, or raise the ` +
        `handler's 'timeout', and without one its 'maxProcessingTime'.`,
      { value: limitMs },
    );
  }
}

/**
 * What a handler of batches returned cannot be its messages' outcomes; they are delivered again.
 */
export class InvalidBatchResultError extends NatsJetStreamError {
  readonly code = 'INVALID_BATCH_RESULT';

  constructor(message: string, value: unknown) {
    super(message, { value });
  }
}

/** A handler is a generator, whose body nobody ran; its messages are delivered again. */
export class GeneratorHandlerError extends NatsJetStreamError {
  readonly code = 'GENERATOR_HANDLER';

  constructor(handler: string) {
    super(`${handler} is a generator, so its body did not run. Make it an async function.`, { value: handler });
  }
}

/**
 * A handler took longer than its `timeout`; its `context.signal` was aborted, and the message is
 * delivered again.
 */
export class HandlerTimeoutError extends NatsJetStreamError {
  readonly code = 'HANDLER_TIMEOUT';

  constructor(handler: string, timeoutMs: number) {
    super(
      `${handler} did not finish within ${timeoutMs} ms: raise its 'timeout', or end its work when context.signal is aborted.`,
      { value: timeoutMs },
    );
  }
}
