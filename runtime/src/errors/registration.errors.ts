import { NatsJetStreamError } from './nats-jetstream.error';

/** Two `register` calls for one connection. The injected client would be ambiguous. */
export class RegisteredTwiceError extends NatsJetStreamError {
  readonly code = 'REGISTERED_TWICE';

  constructor(connection: string | undefined) {
    super(
      `${connectionLabel(connection, 'The')} is registered twice. Call NatsJetStreamTransport.register() once and ` +
        `import its result where it is needed, or give each registration its own name, as in ` +
        `register({ connection: 'billing' }).`,
      { value: connection },
    );
  }
}

/** A `forFeature` without its `register`. Its streams would never be created. */
export class NotRegisteredError extends NatsJetStreamError {
  readonly code = 'NOT_REGISTERED';

  constructor(connection: string | undefined) {
    const options = connection === undefined ? '' : `{ connection: ${JSON.stringify(connection)} }`;
    super(
      `forFeature() needs ${connectionLabel(connection)}, which is not registered. ` +
        `Import NatsJetStreamTransport.register(${options}) in the root module.`,
      { value: connection },
    );
  }
}

/**
 * A handler of a connection without a server in this application. It would never receive a message.
 */
export class UnknownConnectionError extends NatsJetStreamError {
  readonly code = 'UNKNOWN_CONNECTION';

  constructor(handler: string, connection: string | undefined, known: readonly string[]) {
    const names = known.map((name) => JSON.stringify(name)).join(', ');
    super(
      `${handler} belongs to ${connectionLabel(connection)}, which has no server in this application. ` +
        `Register the connection and call connectMicroservice() with its server, or change the handler's 'connection'.` +
        (names && ` Connections with a server: ${names}.`),
      { value: connection },
    );
  }
}

function connectionLabel(name: string | undefined, article = 'the'): string {
  return name === undefined ? `${article} default connection` : `${article} connection ${JSON.stringify(name)}`;
}
