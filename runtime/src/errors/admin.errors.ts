import { failureText, sentence } from './failure-text';
import { NatsJetStreamError } from './nats-jetstream.error';

/** The server has no stream of this name. Nothing was done. */
export class MissingStreamError extends NatsJetStreamError {
  readonly code = 'MISSING_STREAM';

  constructor(
    stream: string,
    cause?: unknown,
    remedy = 'Check its name, and the account and domain of the connection.',
  ) {
    super(`Stream '${stream}' does not exist. ${remedy}`, { value: stream, cause });
  }
}

/** The stream has no consumer of this name. Nothing was done. */
export class MissingConsumerError extends NatsJetStreamError {
  readonly code = 'MISSING_CONSUMER';

  constructor(
    readonly stream: string,
    durable: string,
    cause?: unknown,
  ) {
    super(`Stream '${stream}' has no consumer '${durable}': check the durable name.`, { value: durable, cause });
  }
}

/** The stream holds no such message, or not any more. Nothing was done. */
export class MissingMessageError extends NatsJetStreamError {
  readonly code = 'MISSING_MESSAGE';

  /** @param value sequence or subject that was looked for */
  constructor(
    readonly stream: string,
    value: number | string,
    cause?: unknown,
  ) {
    const what = typeof value === 'number' ? `sequence ${value}` : `message of '${value}'`;
    super(`Stream '${stream}' has no ${what}: it was never stored, or is removed already.`, { value, cause });
  }
}

/**
 * The stream's configuration or the permissions of this connection's user forbid it. Nothing was
 * done.
 */
export class AdminNotAllowedError extends NatsJetStreamError {
  readonly code = 'ADMIN_NOT_ALLOWED';

  constructor(task: string, remedy: string, cause: unknown) {
    super(`Not allowed to ${task}: ${remedy}.`, { value: task, cause });
  }
}

/** The server is too old for it. Nothing was done. */
export class UnsupportedByServerError extends NatsJetStreamError {
  readonly code = 'UNSUPPORTED_BY_SERVER';

  constructor(task: string, version: string, minimum: string) {
    super(`nats-server ${version} cannot ${task}: upgrade it to ${minimum} or later.`, { value: version });
  }
}

/** No answer came in time. It may or may not be done; doing it again is harmless. */
export class AdminTimeoutError extends NatsJetStreamError {
  readonly code = 'ADMIN_TIMEOUT';

  constructor(task: string, waitedMs: number, cause?: unknown) {
    super(`No answer within ${waitedMs} ms to ${task}: check that nats-server is reachable, then try again.`, {
      value: task,
      cause,
    });
  }
}

/** The server refused for a reason of its own; `cause` is its answer. Nothing was done. */
export class AdminRefusedError extends NatsJetStreamError {
  readonly code = 'ADMIN_REFUSED';

  constructor(task: string, cause: unknown) {
    super(`The server refused to ${task}: ${sentence(failureText(cause))}`, { value: task, cause });
  }
}

/**
 * A message in a stream of dead letters that this package did not store: it names no subject to
 * return to.
 */
export class InvalidDeadLetterError extends NatsJetStreamError {
  readonly code = 'INVALID_DEAD_LETTER';

  constructor(
    readonly stream: string,
    sequence: number,
    cause: unknown,
  ) {
    super(
      `Sequence ${sequence} of stream '${stream}' names no subject to return to. This package did not store it. ` +
        `Remove it with eraseMessage('${stream}', ${sequence}), or publish it by hand.`,
      { value: sequence, cause },
    );
  }
}
