import { NatsJetStreamError } from './nats-jetstream.error';

/**
 * The bytes of a message are not JSON in UTF-8, or the `deserializer` cannot read them. The message
 * is dead-lettered, because a retry cannot help.
 */
export class UndecodableEventError extends NatsJetStreamError {
  readonly code = 'UNDECODABLE_EVENT';

  constructor(subject: string, cause: unknown, reader: 'JSON' | 'deserializer' = 'JSON') {
    const reason = cause instanceof Error ? cause.message : String(cause);
    super(
      reader === 'JSON'
        ? `The message on '${subject}' is not JSON in UTF-8 (${reason}). Publish the event itself as JSON.`
        : `The deserializer cannot read the message on '${subject}' (${reason}). Publish it with the matching serializer.`,
      { value: subject, cause },
    );
  }
}

/** Problem that a schema found in an event. `path` is empty for the event itself. */
export interface EventIssue {
  readonly path: string;
  readonly message: string;
}

/** An event does not match the schema of its subject. A retry cannot help. */
export class InvalidEventError extends NatsJetStreamError {
  readonly code = 'INVALID_EVENT';

  constructor(
    readonly subject: string,
    readonly issues: readonly EventIssue[],
  ) {
    const found = issues.map(({ path, message }) => (path ? `${path}: ${message}` : message));
    super(
      `The event on '${subject}' does not match its schema (${found.join('; ')}). ` +
        `Correct its publisher, or change the schema.`,
      { value: subject },
    );
  }
}

/**
 * A `deserializer` took longer than the `timeout` of the handler, or than `maxProcessingTime`
 * without one. The message is redelivered.
 */
export class DeserializerTimeoutError extends NatsJetStreamError {
  readonly code = 'DESERIALIZER_TIMEOUT';

  constructor(subject: string, limitMs: number) {
    super(
      `The deserializer did not read the message on '${subject}' within ${limitMs} ms. Raise 'timeout' of the handler, or ` +
        `'maxProcessingTime' if it has no timeout.`,
      { value: limitMs },
    );
  }
}

/**
 * A handler returned a result that cannot be the outcomes of its messages, or an array of promises,
 * which nothing awaits. The messages are redelivered.
 */
export class InvalidBatchResultError extends NatsJetStreamError {
  readonly code = 'INVALID_BATCH_RESULT';

  constructor(message: string, value: unknown) {
    super(message, { value });
  }
}

/** A handler is a generator function, so its body did not run. Its messages are redelivered. */
export class GeneratorHandlerError extends NatsJetStreamError {
  readonly code = 'GENERATOR_HANDLER';

  constructor(handler: string) {
    super(`${handler} is a generator, so its body did not run. Make it an async function.`, { value: handler });
  }
}

/**
 * A handler took longer than its `timeout`. Its `context.signal` was aborted, and the message is
 * redelivered.
 */
export class HandlerTimeoutError extends NatsJetStreamError {
  readonly code = 'HANDLER_TIMEOUT';

  constructor(handler: string, timeoutMs: number) {
    super(
      `${handler} did not finish within ${timeoutMs} ms. Raise its 'timeout', or stop its work when context.signal is aborted.`,
      { value: timeoutMs },
    );
  }
}
