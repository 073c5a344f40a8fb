import type { NatsJetStreamClientOptions } from '../client/client-options';
import type { NatsJetStreamServerOptions } from '../server/nats-jetstream-server.options';
import { KNOWN_OPTIONS } from '../session/known-options';

/** Name and visibility of a registered connection. */
export interface RegistrationOptions {
  /**
   * Name of the connection, for applications with several: handlers select it by `connection`,
   * and `InjectJetStreamClient(connection)` injects its client. By default it has no name, and its
   * client is injected by class.
   */
  connection?: string;
  /**
   * Lets every module inject the client, the server and so on, not only importing ones. Default:
   * true.
   */
  isGlobal?: boolean;
}

/** Options of the server and of the client, which share one connection. */
export type NatsJetStreamTransportOptions = NatsJetStreamServerOptions &
  NatsJetStreamClientOptions &
  RegistrationOptions;

/** Options that other providers may supply: all except those that the module itself needs. */
export type NatsJetStreamServiceOptions = Omit<NatsJetStreamTransportOptions, keyof RegistrationOptions>;

// An option that the check of all options does not know would be refused.
void (KNOWN_OPTIONS satisfies Record<keyof NatsJetStreamTransportOptions, true>);
