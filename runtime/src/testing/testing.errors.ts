import { NatsJetStreamError } from '../errors/nats-jetstream.error';

/** The test server could not be found, downloaded or started. */
export class TestServerStartError extends NatsJetStreamError {
  readonly code = 'TEST_SERVER_START';

  constructor(reason: string, cause?: unknown) {
    super(`The test server did not start. ${reason}`, { cause });
  }
}

/**
 * Too few messages were handled in time. `value` is the subject or message that the test waited
 * for, and the message describes the status of the messages.
 */
export class NotHandledError extends NatsJetStreamError {
  readonly code = 'NOT_HANDLED';

  constructor(value: unknown, message: string, cause?: unknown) {
    super(message, { value, cause });
  }
}

/**
 * Too few messages were dead-lettered in time. `value` is the subject or message that the test
 * waited for, and the message describes the status of the messages.
 */
export class NotDeadLetteredError extends NatsJetStreamError {
  readonly code = 'NOT_DEAD_LETTERED';

  constructor(value: unknown, message: string, cause?: unknown) {
    super(message, { value, cause });
  }
}

/** A message that a test expected to be handled was dead-lettered. It will not be redelivered. */
export class UnexpectedDeadLetterError extends NatsJetStreamError {
  readonly code = 'UNEXPECTED_DEAD_LETTER';

  constructor(value: unknown, what: string) {
    super(`${what} If the test expects that, wait with deadLettered() instead.`, { value });
  }
}
