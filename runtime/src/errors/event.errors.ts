import { NatsJetStreamError } from './nats-jetstream.error';

/** The bytes of a message are not what its handler reads: JSON in UTF-8. No retry can help. */
export class UndecodableEventError extends NatsJetStreamError {
  readonly code = 'UNDECODABLE_EVENT';

  constructor(subject: string, cause: unknown) {
    super(
      `The message on '${subject}' is not JSON in UTF-8 (${cause instanceof Error ? cause.message : String(cause)}): ` +
        `see to it that its publisher writes the event itself as JSON.`,
      { value: subject, cause },
    );
  }
}

/** A handler took longer than its `timeout`; its `context.signal` was aborted, and the message is delivered again. */
export class HandlerTimeoutError extends NatsJetStreamError {
  readonly code = 'HANDLER_TIMEOUT';

  constructor(handler: string, timeoutMs: number) {
    super(
      `${handler} did not finish within ${timeoutMs} ms: raise its 'timeout', or end its work when context.signal is aborted.`,
      { value: timeoutMs },
    );
  }
}
