import { errors } from '@nats-io/transport-node';
import { NatsJetStreamError } from './nats-jetstream.error';

/**
 * No connection could be made: unreachable with `waitOnFirstConnect: false`, refused credentials,
 * or a wrong option.
 */
export class NatsConnectError extends NatsJetStreamError {
  readonly code = 'CONNECT_FAILED';

  /** @param remedy by default, what the cause suggests */
  constructor(servers: string, cause: unknown, remedy: string = remedyFor(cause)) {
    super(`Cannot connect to ${servers}: ${cause instanceof Error ? cause.message : String(cause)}. ${remedy}`, {
      value: servers,
      cause,
    });
  }
}

/**
 * The client or the server was closed, or closing, before the operation began or could be done. An
 * event that fails so is not stored.
 */
export class ConnectionClosedError extends NatsJetStreamError {
  readonly code = 'CONNECTION_CLOSED';

  constructor(operation: string, cause?: unknown) {
    super(
      `Cannot ${operation}: the connection is closed, or about to be, because the application or this client was closed.`,
      {
        cause,
      },
    );
  }
}

/** `unwrap()` was called before the first connection. */
export class NotConnectedError extends NatsJetStreamError {
  readonly code = 'NOT_CONNECTED';

  constructor() {
    super('There is no connection yet. Await connect(), or an event that was published, before unwrap().');
  }
}

/**
 * The connection was lost, and `connectionOptions` allow no further attempt:
 * `maxReconnectAttempts`, `reconnect` or `ignoreAuthErrorAbort`.
 */
export class ConnectionLostError extends NatsJetStreamError {
  readonly code = 'CONNECTION_LOST';

  constructor(operation: string, servers: string, cause?: unknown) {
    super(
      `Cannot ${operation}: the connection to ${servers} is lost for good. Restart the application; to try without an end, ` +
        `leave out maxReconnectAttempts, reconnect and ignoreAuthErrorAbort of connectionOptions.`,
      { value: servers, cause },
    );
  }
}

function remedyFor(cause: unknown): string {
  return cause instanceof errors.AuthorizationError
    ? 'Check the credentials in connectionOptions, or in the address, and the permissions of their user.'
    : "Check NATS_URL or connectionOptions; 'npx nest-jetstream server' starts a local server.";
}
