import { JetStreamAdmin } from '../admin/jetstream-admin';
import { NatsJetStreamClientProxy } from '../client/nats-jetstream-client.proxy';
import { NatsJetStreamHealth } from '../health/nats-jetstream.health';
import { NatsJetStreamServer } from '../server/nats-jetstream.server';

/** What the client of `register({ name })` is injected by; without a name, `NatsJetStreamClientProxy` itself. */
export function getJetStreamClientToken(name?: string): string | typeof NatsJetStreamClientProxy {
  return name === undefined ? NatsJetStreamClientProxy : `NatsJetStreamClientProxy(${name})`;
}

/**
 * What the server of `register({ name })` is found by; without a name, `NatsJetStreamServer` itself:
 * `app.connectMicroservice({ strategy: app.get(getJetStreamServerToken('billing-cluster')) })`.
 */
export function getJetStreamServerToken(name?: string): string | typeof NatsJetStreamServer {
  return name === undefined ? NatsJetStreamServer : `NatsJetStreamServer(${name})`;
}

/** What the operator's calls to the cluster of `register({ name })` are injected by; without a name, `JetStreamAdmin` itself. */
export function getJetStreamAdminToken(name?: string): string | typeof JetStreamAdmin {
  return name === undefined ? JetStreamAdmin : `JetStreamAdmin(${name})`;
}

/** What the health of `register({ name })` is injected by; without a name, `NatsJetStreamHealth` itself. */
export function getJetStreamHealthToken(name?: string): string | typeof NatsJetStreamHealth {
  return name === undefined ? NatsJetStreamHealth : `NatsJetStreamHealth(${name})`;
}
