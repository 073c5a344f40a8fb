import { JetStreamApiError } from '@nats-io/jetstream';
import { errors } from '@nats-io/transport-node';
import { sentence } from './thrown-value';
import { NatsJetStreamError } from './nats-jetstream.error';

/**
 * The connection could not be opened: no server answered with `waitOnFirstConnect: false`, the
 * credentials were refused, or an option is invalid.
 */
export class NatsConnectError extends NatsJetStreamError {
  readonly code = 'CONNECT_FAILED';

  /** @param remedy default: derived from the cause */
  constructor(servers: string, cause: unknown, remedy: string = remedyFor(cause)) {
    super(
      `Cannot connect to ${servers}: ${sentence(cause instanceof Error ? cause.message : String(cause))} ${remedy}`,
      {
        value: servers,
        cause,
      },
    );
  }
}

/**
 * The client or the server was closed, or was closing, before the operation was done. An event that
 * fails with this error is not stored.
 */
export class ConnectionClosedError extends NatsJetStreamError {
  readonly code = 'CONNECTION_CLOSED';

  constructor(operation: string, cause?: unknown) {
    super(
      `Cannot ${operation}, because the connection is closed or closing. The application or this client was closed. ` +
        'Await pending operations before closing it.',
      { cause },
    );
  }
}

/** `unwrap()` was called before the first connection. */
export class NotConnectedError extends NatsJetStreamError {
  readonly code = 'NOT_CONNECTED';

  constructor() {
    super('The connection is not open yet. Await connect() or the first emitAsync() before you call unwrap().');
  }
}

/**
 * The connection was lost, and `connectionOptions` allow no further attempt because of
 * `maxReconnectAttempts`, `reconnect` or `ignoreAuthErrorAbort`.
 */
export class ConnectionLostError extends NatsJetStreamError {
  readonly code = 'CONNECTION_LOST';

  constructor(operation: string, servers: string, cause?: unknown) {
    super(
      `Cannot ${operation}, because the connection to ${servers} is permanently lost. Restart the application. To reconnect without ` +
        `a limit, remove 'maxReconnectAttempts', 'reconnect' and 'ignoreAuthErrorAbort' from connectionOptions.`,
      { value: servers, cause },
    );
  }
}

/** The server, or the account of the connection's user, has no JetStream. Nothing was done. */
export class JetStreamDisabledError extends NatsJetStreamError {
  readonly code = 'JETSTREAM_DISABLED';

  constructor({ domain, apiPrefix = domain && `$JS.${domain}.API` }: JetStreamPlace, cause: Error) {
    super(`JetStream ${disabledText(apiPrefix, cause.cause)}.`, { cause });
  }
}

/** Options of nats.js that select the JetStream of a connection. */
interface JetStreamPlace {
  readonly domain?: string;
  readonly apiPrefix?: string;
}

function disabledText(apiPrefix: string | undefined, cause: unknown): string {
  if (cause instanceof JetStreamApiError) return ACCOUNT_DISABLED;
  if (apiPrefix === undefined || apiPrefix === '$JS.API') return SERVER_DISABLED;
  return `does not answer at '${apiPrefix}'. Check 'domain' and 'apiPrefix' of jetStreamOptions`;
}

const ACCOUNT_DISABLED =
  "is not enabled for the account of the connection's user. Enable it in the configuration of the account";
const SERVER_DISABLED =
  "is not enabled on nats-server. Start it with '-js'. 'npx nest-jetstream server' starts a local server with it";

/**
 * Returns the error with the remedy for a disabled JetStream. Undefined for other errors. nats.js
 * does not export the class of this error, so its name identifies it.
 */
export function jetStreamDisabled(error: unknown, place: JetStreamPlace = {}): JetStreamDisabledError | undefined {
  const isDisabled = error instanceof Error && error.name === 'JetStreamNotEnabled';
  return isDisabled ? new JetStreamDisabledError(place, error) : undefined;
}

function remedyFor(cause: unknown): string {
  return cause instanceof errors.AuthorizationError
    ? 'Check the credentials in connectionOptions or in the address, and the permissions of their user.'
    : "Check NATS_URL or connectionOptions. 'npx nest-jetstream server' starts a local server.";
}

/**
 * A process that only reads what its application declares must not connect. Nest could not be
 * replaced there, because the bundle of the application contains it.
 */
export class BundledNestError extends NatsJetStreamError {
  readonly code = 'BUNDLED_NEST';

  constructor() {
    super(
      'The bundle of this application contains Nest itself, so its declarations cannot be read without starting it. ' +
        'Mark @nestjs/* and @nest-jetstream/transport as external in the bundler.',
    );
  }
}
