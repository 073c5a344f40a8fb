import type { NatsJetStreamClientOptions } from '../client/client-options';
import type { NatsJetStreamServerOptions } from '../server/nats-jetstream-server.options';
import { KNOWN_OPTIONS } from '../session/known-options';

/** Name and visibility of a registered connection. */
export interface RegistrationOptions {
  /**
   * Name of the connection in an application with several connections. Handlers select it with
   * `connection`, and `InjectJetStreamClient(connection)` injects its client. Default: no name, and
   * the client is injected by class.
   */
  connection?: string;
  /**
   * Lets all modules inject the client and the server, not only importing modules. Default: true.
   */
  isGlobal?: boolean;
}

/** Options of the server and of the client, which share one connection. */
export type NatsJetStreamTransportOptions = NatsJetStreamServerOptions &
  NatsJetStreamClientOptions &
  RegistrationOptions;

/** Options that other providers may supply: all except those that the module itself needs. */
export type NatsJetStreamServiceOptions = Omit<NatsJetStreamTransportOptions, keyof RegistrationOptions>;

// Fails to compile if an option is missing from the list of known options.
void (KNOWN_OPTIONS satisfies Record<keyof NatsJetStreamTransportOptions, true>);
