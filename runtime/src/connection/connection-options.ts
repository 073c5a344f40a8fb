import type { NodeConnectionOptions } from '@nats-io/transport-node';
import type { Duration } from '../util/duration';

/** Options of nats.js that are durations. */
export const CONNECTION_DURATIONS = [
  'timeout',
  'pingInterval',
  'reconnectTimeWait',
  'reconnectJitter',
  'reconnectJitterTLS',
] as const;
export type ConnectionDuration = (typeof CONNECTION_DURATIONS)[number];

/**
 * How to reach nats-server: nats.js's connection options. Durations are milliseconds, or strings
 * such as `'30s'`. Defaults that differ from nats.js's: `servers` is NATS_URL (comma-separated;
 * credentials in an address count, and `tls://` requires TLS, both of which nats.js itself ignores)
 * or `nats://127.0.0.1:4222`; `maxReconnectAttempts` is -1 and `ignoreAuthErrorAbort` true, because
 * a service must outlive any outage of its server, also one of its credentials; `pingInterval` is
 * 15 000 ms, so that a half-open connection is noticed within 45 s; `timeout` is 3 s, so that a
 * server that hangs up in the middle of an attempt does not hold up the next one; `noAsyncTraces`
 * is true. `waitOnFirstConnect` (default true here) lets the application start while no server
 * answers.
 */
export interface NatsConnectionOptions extends Omit<NodeConnectionOptions, ConnectionDuration> {
  /** How long one attempt to connect may take. Default 3 s. */
  timeout?: Duration;
  /** How often the server is asked whether it is there. Default 15 s. */
  pingInterval?: Duration;
  /** Pause between two attempts to reach a server, the first connection included. Default 2 s. */
  reconnectTimeWait?: Duration;
  /** At most this much is added to `reconnectTimeWait`, at random. Default 100 ms. */
  reconnectJitter?: Duration;
  /** As `reconnectJitter`, for connections with `tls`. Default 1 s. */
  reconnectJitterTLS?: Duration;
}

const KNOWN = {
  authenticator: true,
  debug: true,
  ignoreAuthErrorAbort: true,
  ignoreClusterUpdates: true,
  inboxPrefix: true,
  maxPingOut: true,
  maxReconnectAttempts: true,
  name: true,
  noAsyncTraces: true,
  noEcho: true,
  noRandomize: true,
  pass: true,
  pedantic: true,
  pingInterval: true,
  port: true,
  reconnect: true,
  reconnectDelayHandler: true,
  reconnectJitter: true,
  reconnectJitterTLS: true,
  reconnectTimeWait: true,
  reconnectToServer: true,
  resolve: true,
  servers: true,
  timeout: true,
  tls: true,
  token: true,
  user: true,
  verbose: true,
  waitOnFirstConnect: true,
} as const satisfies Record<keyof NatsConnectionOptions, true>;

/** The names of all options; does not compile while nats.js has one that is not here. */
export const CONNECTION_OPTIONS: readonly string[] = Object.keys(KNOWN);
