import { failureText, sentence } from './thrown-value';
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
    remedy = 'Check the durable name.',
  ) {
    super(`Stream '${stream}' has no consumer '${durable}'. ${remedy}`, { value: durable, cause });
  }
}

/** The message is not in the stream. Nothing was done. */
export class MissingMessageError extends NatsJetStreamError {
  readonly code = 'MISSING_MESSAGE';

  /** @param value sequence or subject of the message */
  constructor(
    readonly stream: string,
    value: number | string,
    cause?: unknown,
  ) {
    const [what, key] =
      typeof value === 'number' ? [`sequence ${value}`, 'sequence'] : [`message of '${value}'`, 'subject'];
    super(`Stream '${stream}' has no ${what}. It was never stored, or it was removed. Check the ${key}.`, {
      value,
      cause,
    });
  }
}

/**
 * The configuration of the stream or the permissions of the user forbid the operation. Nothing was
 * done.
 */
export class AdminNotAllowedError extends NatsJetStreamError {
  readonly code = 'ADMIN_NOT_ALLOWED';

  constructor(task: string, remedy: string, cause: unknown) {
    super(`Not allowed to ${task}. ${remedy}.`, { value: task, cause });
  }
}

/** The version of the server does not support the operation. Nothing was done. */
export class UnsupportedByServerError extends NatsJetStreamError {
  readonly code = 'UNSUPPORTED_BY_SERVER';

  constructor(task: string, version: string, minimum: string) {
    super(`nats-server ${version} cannot ${task}. Upgrade it to ${minimum} or later.`, { value: version });
  }
}

/**
 * The server did not answer in time. The operation may or may not be done. It can safely be
 * repeated.
 */
export class AdminTimeoutError extends NatsJetStreamError {
  readonly code = 'ADMIN_TIMEOUT';

  constructor(task: string, waitedMs: number, cause?: unknown) {
    super(
      `The server did not answer the request to ${task} within ${waitedMs} ms. ` +
        `Check that nats-server is reachable, then try again.`,
      { value: task, cause },
    );
  }
}

/** The server refused the operation for another reason. `cause` is its answer. Nothing was done. */
export class AdminRefusedError extends NatsJetStreamError {
  readonly code = 'ADMIN_REFUSED';

  constructor(task: string, cause: unknown) {
    super(`The server refused to ${task}. ${sentence(failureText(cause))}`, { value: task, cause });
  }
}

/**
 * The consumer cannot be moved to the start of the replay, or the stream no longer has its
 * messages. Nothing was done.
 */
export class ReplayRefusedError extends NatsJetStreamError {
  readonly code = 'REPLAY_REFUSED';

  constructor(
    readonly stream: string,
    durable: string,
    problem: string,
  ) {
    super(`Consumer '${durable}' of stream '${stream}' cannot replay messages. ${problem}`, { value: durable });
  }
}

/**
 * A message in a dead-letter stream that this package did not store. It has no original subject to
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
      `Sequence ${sequence} of stream '${stream}' has no original subject, because this package did not store it. ` +
        `Remove it with eraseMessage('${stream}', ${sequence}), or publish it by hand.`,
      { value: sequence, cause },
    );
  }
}
