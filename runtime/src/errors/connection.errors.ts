import { NatsJetStreamError } from './nats-jetstream.error';

/** No connection could be made: unreachable with `waitOnFirstConnect: false`, refused credentials, or a wrong option. */
export class NatsConnectError extends NatsJetStreamError {
  readonly code = 'CONNECT_FAILED';

  constructor(servers: string, cause: unknown) {
    super(
      `Cannot connect to ${servers}: ${cause instanceof Error ? cause.message : String(cause)}. ` +
        `Check NATS_URL or connectionOptions.servers; 'npx nest-jetstream server' starts a local server.`,
      { value: servers, cause },
    );
  }
}

/** The client or the server was closed while, or before, the operation ran. */
export class ConnectionClosedError extends NatsJetStreamError {
  readonly code = 'CONNECTION_CLOSED';

  constructor(operation: string, cause?: unknown) {
    super(`Cannot ${operation}: the connection is closed because the application is shutting down.`, { cause });
  }
}
