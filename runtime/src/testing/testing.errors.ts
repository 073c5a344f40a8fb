import { NatsJetStreamError } from '../errors/nats-jetstream.error';

/** The embedded nats-server could not be found, fetched or started. */
export class TestServerStartError extends NatsJetStreamError {
  readonly code = 'TEST_SERVER_START';

  constructor(reason: string, cause?: unknown) {
    super(`The test server did not start. ${reason}`, { cause });
  }
}

/**
 * Not so many messages were handled in time; `value` is what was waited for, and the message says
 * what was there instead.
 */
export class NotHandledError extends NatsJetStreamError {
  readonly code = 'NOT_HANDLED';

  constructor(value: unknown, message: string, cause?: unknown) {
    super(message, { value, cause });
  }
}

/**
 * Not so many messages became dead letters in time; `value` is what was waited for, and the message
 * says what was there instead.
 */
export class NotDeadLetteredError extends NatsJetStreamError {
  readonly code = 'NOT_DEAD_LETTERED';

  constructor(value: unknown, message: string, cause?: unknown) {
    super(message, { value, cause });
  }
}

/**
 * A message that was to be handled was given up by its consumer: it will not be delivered again.
 */
export class UnexpectedDeadLetterError extends NatsJetStreamError {
  readonly code = 'UNEXPECTED_DEAD_LETTER';

  constructor(value: unknown, what: string) {
    super(`${what} If that was meant, wait with deadLettered() instead.`, { value });
  }
}
