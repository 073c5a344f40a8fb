import type { NodeConnectionOptions } from '@nats-io/transport-node';
import { credentialsOf, withoutCredentials } from './server-address';

/**
 * How to reach nats-server: nats.js's connection options. Durations are milliseconds. Defaults that differ from nats.js's:
 * `servers` is NATS_URL (comma-separated; credentials in an address count, which nats.js itself ignores) or `nats://127.0.0.1:4222`; `maxReconnectAttempts` is -1, because a service must
 * outlive any outage of its server; `pingInterval` is 15 000 ms, so that a half-open connection is noticed within 45 s;
 * `noAsyncTraces` is true. `waitOnFirstConnect` (default true here) lets the application start while no server answers.
 */
export type NatsConnectionOptions = NodeConnectionOptions;

export const DEFAULT_SERVER = 'nats://127.0.0.1:4222';

/** A copy with our defaults filled in: nats.js writes to the object that it is given. */
export function withConnectionDefaults(
  options: NatsConnectionOptions,
  name: string | undefined,
): NatsConnectionOptions {
  const servers = options.port === undefined ? serversOf(options) : [];
  return {
    maxReconnectAttempts: -1,
    pingInterval: 15_000,
    noAsyncTraces: true,
    ...(name === undefined ? {} : { name }),
    ...credentialsOf(servers),
    ...options,
    ...(servers.length === 0 ? {} : { servers: servers.map(withoutCredentials) }),
  };
}

/** Where to connect to, as text for people, without credentials. */
export function describeServers(options: NatsConnectionOptions): string {
  if (options.port !== undefined) return `127.0.0.1:${options.port}`;
  return serversOf(options).map(withoutCredentials).join(', ');
}

function serversOf({ servers = process.env['NATS_URL'] || DEFAULT_SERVER }: NatsConnectionOptions): string[] {
  return (typeof servers === 'string' ? servers.split(',') : [...servers])
    .map((server) => server.trim())
    .filter(Boolean);
}
