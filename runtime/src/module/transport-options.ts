import type { NatsJetStreamClientOptions } from '../client/nats-jetstream-client.proxy';
import type { NatsJetStreamServerOptions } from '../server/nats-jetstream-server.options';
import { KNOWN_OPTIONS } from '../session/known-options';

/** What a registration is called, and who sees it. */
export interface RegistrationOptions {
  /**
   * Tells several clusters of one application apart: handlers say `cluster`, clients are injected by `InjectJetStreamClient(name)`.
   * Default: none, for the one whose client is injected by its class.
   */
  name?: string;
  /** Whether every module can inject the client, the server and the rest; else only those that import this one. Default: true. */
  isGlobal?: boolean;
}

/** Options of the server and of the client, which share one connection. */
export type NatsJetStreamTransportOptions = NatsJetStreamServerOptions &
  NatsJetStreamClientOptions &
  RegistrationOptions;

/** What other providers may give: all but what the module itself needs to know. */
export type NatsJetStreamServiceOptions = Omit<NatsJetStreamTransportOptions, keyof RegistrationOptions>;

// An option that the check of all options does not know would be refused.
void (KNOWN_OPTIONS satisfies Record<keyof NatsJetStreamTransportOptions, true>);
