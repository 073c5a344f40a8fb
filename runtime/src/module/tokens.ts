import { JetStreamAdmin } from '../admin/jetstream-admin';
import { NatsJetStreamClientProxy } from '../client/nats-jetstream-client.proxy';
import { NatsJetStreamHealth } from '../health/nats-jetstream.health';
import { NatsJetStreamServer } from '../server/nats-jetstream.server';

/**
 * Returns the injection token of a connection's client; the class itself for the default
 * connection.
 */
export function getJetStreamClientToken(connection?: string): string | typeof NatsJetStreamClientProxy {
  return connection === undefined ? NatsJetStreamClientProxy : `NatsJetStreamClientProxy(${connection})`;
}

/**
 * Returns the injection token of a connection's server; the class itself for the default
 * connection: `app.connectMicroservice({ strategy: app.get(getJetStreamServerToken('billing')) })`.
 */
export function getJetStreamServerToken(connection?: string): string | typeof NatsJetStreamServer {
  return connection === undefined ? NatsJetStreamServer : `NatsJetStreamServer(${connection})`;
}

/**
 * Returns the injection token of a connection's `JetStreamAdmin`; the class itself for the default
 * connection.
 */
export function getJetStreamAdminToken(connection?: string): string | typeof JetStreamAdmin {
  return connection === undefined ? JetStreamAdmin : `JetStreamAdmin(${connection})`;
}

/**
 * Returns the injection token of a connection's health indicator; the class itself for the default
 * connection.
 */
export function getJetStreamHealthToken(connection?: string): string | typeof NatsJetStreamHealth {
  return connection === undefined ? NatsJetStreamHealth : `NatsJetStreamHealth(${connection})`;
}
