import { JetStreamApiError } from '@nats-io/jetstream';
import { errors } from '@nats-io/transport-node';

/** Codes of the transport's errors with the same meaning. */
export type NatsCommandErrorCode =
  | 'CONNECT_FAILED'
  | 'JETSTREAM_DISABLED'
  | 'NO_STREAM_FOR_SUBJECT'
  | 'PERMISSION_DENIED'
  | 'PUBLISH_REFUSED'
  | 'PUBLISH_TIMEOUT'
  | 'STREAM_NOT_FOUND';

/** Expected failure of a command that uses nats-server. The message is shown to the user. */
export class NatsCommandError extends Error {
  override readonly name = 'NatsCommandError';

  constructor(
    readonly code: NatsCommandErrorCode,
    message: string,
    /** Server, stream or subject that the error is about. */
    readonly value: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

/** Returns the error for a failed connection. */
export function connectError(servers: string, cause: unknown): NatsCommandError {
  const problem = cause instanceof Error ? cause.message : String(cause);
  const remedy =
    cause instanceof errors.AuthorizationError
      ? 'Check --creds, --user and --password, --token, or the credentials in the address.'
      : "Check --server or NATS_URL. 'npx nest-jetstream server' starts a local server.";
  return new NatsCommandError('CONNECT_FAILED', `Cannot connect to ${servers} (${problem}). ${remedy}`, servers, {
    cause,
  });
}

/** JetStream is disabled on the server, and for the account. */
const DISABLED_CODES: ReadonlySet<number> = new Set([10_039, 10_076]);

/**
 * Returns the error with its remedy for an error of nats.js, or the error itself if there is none.
 */
export function explained(error: unknown, servers: string): unknown {
  const cause = error instanceof errors.RequestError ? error.cause : error;
  if (cause instanceof errors.PermissionViolationError) {
    const { subject } = cause;
    const operation = cause.operation === 'publish' ? 'publish' : 'subscribe';
    const message = `Not allowed to ${operation} to '${subject}'. Allow it for the user of the connection.`;
    return new NatsCommandError('PERMISSION_DENIED', message, subject, { cause: error });
  }
  if (error instanceof JetStreamApiError && DISABLED_CODES.has(error.code)) {
    const message =
      "JetStream is not enabled for the account of the connection's user. Enable it in its configuration.";
    return new NatsCommandError('JETSTREAM_DISABLED', message, servers, { cause: error });
  }
  // Every server with JetStream answers requests to its API.
  if (isNoResponders(error)) {
    const message = `JetStream is not enabled on ${servers}. Start the server with '-js', or with 'npx nest-jetstream server'.`;
    return new NatsCommandError('JETSTREAM_DISABLED', message, servers, { cause: error });
  }
  if (error instanceof errors.TimeoutError) {
    const message = `JetStream on ${servers} did not answer in time. Check that the server or its cluster is healthy.`;
    return new NatsCommandError('CONNECT_FAILED', message, servers, { cause: error });
  }
  return error;
}

function isNoResponders(error: unknown): boolean {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  return (
    cause instanceof errors.NoRespondersError ||
    (cause instanceof errors.RequestError && cause.isNoResponders()) ||
    (error instanceof Error && error.name === 'JetStreamNotEnabled')
  );
}
