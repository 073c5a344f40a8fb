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
 * nats.js's connection options. Durations are milliseconds, or strings such as `'30s'`. Some
 * defaults differ from nats.js:
 * - `servers`: NATS_URL (comma-separated), or `nats://127.0.0.1:4222`. Credentials in an address
 *   are used, and `tls://` requires TLS. nats.js itself ignores both.
 * - `maxReconnectAttempts`: -1, and `ignoreAuthErrorAbort`: true. A service must survive any outage
 *   of its server, including one of its credentials.
 * - `pingInterval`: 15 s, so that a half-open connection is detected within 45 s.
 * - `timeout`: 3 s, so that a server that hangs up during an attempt does not delay the next one.
 * - `noAsyncTraces`: true.
 * - `waitOnFirstConnect`: true. The application starts before a server answers.
 */
export interface NatsConnectionOptions extends Omit<NodeConnectionOptions, ConnectionDuration> {
  /** Timeout of one attempt to connect. Default 3 s. */
  timeout?: Duration;
  /** Interval of pings to the server. Default 15 s. */
  pingInterval?: Duration;
  /** Delay between attempts to connect, also before the first connection. Default 2 s. */
  reconnectTimeWait?: Duration;
  /** Maximum random delay that is added to `reconnectTimeWait`. Default 100 ms. */
  reconnectJitter?: Duration;
  /** The same as `reconnectJitter`, for connections with `tls`. Default 1 s. */
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

/** Names of all options. `KNOWN` does not compile if nats.js adds one. */
export const CONNECTION_OPTIONS: readonly string[] = Object.keys(KNOWN);
