import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Controller, Module, type INestApplicationContext } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import {
  JetStreamConsumer,
  NatsJetStreamClientProxy,
  NatsJetStreamServer,
  NatsJetStreamTransport,
  type NatsConnectionOptions,
  type NatsJetStreamTransportOptions,
} from '@nest-jetstream/transport';
import { credsAuthenticator } from '@nats-io/transport-node';
import { connectionSettings } from '../../runtime/src/connection/connection-settings';
import { mayShareConnection } from '../../runtime/src/connection/connection-pool';
import { PATIENT } from '../support/clients';
import { eventually } from '../support/eventually';
import { probe } from '../support/jetstream-probe';
import { startTestServer, type TestServer } from '../support/nats-server';
import { startTestApp } from '../support/nest-app';
import { ORDER_CREATED, OrdersStream, order, type OrderCreatedEvent } from '../support/orders';
import { connectionsEver, connectionsOf } from '../support/server-connections';

const closeables: { close(): Promise<void> }[] = [];
afterEach(async () => {
  await Promise.all(closeables.splice(0).map(async (closeable) => closeable.close()));
});

function clientOf(connectionOptions: NatsConnectionOptions, id?: string): NatsJetStreamClientProxy {
  const client = new NatsJetStreamClientProxy({ connectionOptions, ...(id === undefined ? {} : { id }) });
  closeables.push(client);
  return client;
}

function serverOf(connectionOptions: NatsConnectionOptions, id: string): NatsJetStreamServer {
  const server = new NatsJetStreamServer({ id, connectionOptions });
  closeables.push(server);
  return server;
}

async function listen(server: NatsJetStreamServer): Promise<void> {
  await new Promise<void>((resolve, reject) => void server.listen((error) => (error ? reject(error) : resolve())));
}

@Module({})
class RootModule {}

async function startPublisher(
  connectionOptions: NatsConnectionOptions,
  options: NatsJetStreamTransportOptions = {},
): Promise<INestApplicationContext> {
  const imports = [
    NatsJetStreamTransport.register({ id: 'publisher', connectionOptions, ...options }),
    NatsJetStreamTransport.forFeature({ streams: [OrdersStream] }),
  ];
  const app = await NestFactory.createApplicationContext({ module: RootModule, imports }, { logger: false });
  closeables.push(app);
  return app;
}

describe('Equal connection options', () => {
  let server: TestServer;
  let servers: string;
  beforeEach(async () => {
    server = await startTestServer({ monitor: true });
    servers = server.url;
  });

  const connections = async (): Promise<number> => (await connectionsOf(server)).length;

  it('share one connection between modules, servers and clients created by hand', async () => {
    const app = await startTestApp(servers, { streams: [OrdersStream] });
    const byHand = serverOf({ servers }, 'test');
    await listen(byHand);
    const client = clientOf({ servers });
    await client.emitAsync(ORDER_CREATED, order(1));
    expect(await connectionsOf(server)).toMatchObject([{ name: 'test' }]);

    await app.close();
    await byHand.close();
    expect(await client.emitAsync(ORDER_CREATED, order(2))).toMatchObject({ seq: 2 });
    expect(await connections()).toBe(1);
    await client.close();
    await eventually('its last user has closed it', async () => (await connections()) === 0);
  });

  it('share it between applications, even while it is being opened', async () => {
    const [one, other] = await Promise.all([startTestApp(servers), startTestApp(servers)]);
    expect(await connections()).toBe(1);
    await one.close();
    expect(await connections()).toBe(1);
    await other.close();
    await eventually('the connection is closed', async () => (await connections()) === 0);
  });

  it('are compared by the values given, and never modified', async () => {
    const given: NatsConnectionOptions = { servers: [servers], maxPingOut: 3 };
    const client = clientOf(given);
    const frozen = Object.freeze({
      servers: Object.freeze([servers]) as string[],
      maxPingOut: 3,
      pingInterval: 15_000,
    });
    await clientOf(frozen).connect();
    given.maxPingOut = 4;
    given.servers = 'nats://127.0.0.1:1';
    await client.connect();
    expect(await connections()).toBe(1);
    expect(given).toEqual({ servers: 'nats://127.0.0.1:1', maxPingOut: 4 });
  });

  it('open a new connection for a later user after the last one has closed it', async () => {
    await startTestApp(servers, { streams: [OrdersStream], connectionOptions: { servers, name: 'application' } });
    const late = serverOf({ servers, name: 'by-hand' }, 'late');
    const handled: unknown[] = [];
    late.addHandler('order.*', async (event) => void handled.push(event), true);
    const first = clientOf({ servers, name: 'by-hand' });
    const second = clientOf({ servers, name: 'by-hand' });
    await first.emitAsync(ORDER_CREATED, order(1));
    const closing = first.close();
    await second.emitAsync(ORDER_CREATED, order(2));
    await closing;
    await second.close();
    await listen(late);
    await eventually('both are handled', () => handled.length === 2);
    expect(await connectionsOf(server)).toHaveLength(2);
  });

  it('report its own status to each user', async () => {
    const [one, other] = [clientOf({ servers }), clientOf({ servers })];
    const seen: string[] = [];
    one.status.subscribe((status) => seen.push(`one ${status}`));
    other.status.subscribe((status) => seen.push(`other ${status}`));
    await one.connect();
    await other.connect();
    await one.close();
    expect(seen).toEqual(['one connected', 'other connected', 'one closed']);
    expect(await connections()).toBe(1);
  });

  it('let one user close while another has events in flight', async () => {
    const app = await startPublisher({ servers });
    const [one, other] = [clientOf({ servers }), clientOf({ servers })];
    await one.emitAsync(ORDER_CREATED, order(1));
    await other.connect();
    let answered = 0;
    const publish = async (id: number): Promise<number> => {
      const { seq } = await other.emitAsync(ORDER_CREATED, order(id));
      answered++;
      return seq;
    };
    process.kill(server.pid, 'SIGSTOP');
    try {
      const inFlight = [2, 3, 4].map(publish);
      await Promise.all([one.close(), app.close()]);
      expect(answered).toBe(0);
      process.kill(server.pid, 'SIGCONT');
      expect(new Set(await Promise.all(inFlight))).toEqual(new Set([2, 3, 4]));
    } finally {
      process.kill(server.pid, 'SIGCONT');
    }
    expect(await connectionsOf(server)).toHaveLength(1);
    await expect(one.emitAsync(ORDER_CREATED, order(5))).rejects.toMatchObject({ code: 'CONNECTION_CLOSED' });
    expect(await other.emitAsync(ORDER_CREATED, order(6))).toMatchObject({ seq: 5 });
  });

  it('leave no connection behind after a failed start', async () => {
    const { manager } = await probe(servers);
    await manager.streams.add({ name: 'ORDERS', subjects: ['order.>'] });
    await manager.consumers.add('ORDERS', {
      durable_name: 'mine',
      ack_policy: 'none',
      filter_subject: 'order.created',
    });
    @Controller()
    class OrderCreatedConsumer {
      @JetStreamConsumer(ORDER_CREATED, { durable: 'mine' })
      handle(event: OrderCreatedEvent): number {
        return event.id;
      }
    }
    const imports = [NatsJetStreamTransport.register({ id: 'failing', connectionOptions: { servers } })];
    const app = await NestFactory.create(
      { module: RootModule, imports, controllers: [OrderCreatedConsumer] },
      { logger: false, abortOnError: false },
    );
    app.connectMicroservice({ strategy: app.get(NatsJetStreamServer) });
    await expect(app.startAllMicroservices()).rejects.toMatchObject({ code: 'CONSUMER_DRIFT' });
    await eventually('only the probe is connected', async () => (await connections()) === 1);
  });
});

describe('Different connection options', () => {
  it('are never shared, so that each user of the server has its own connection', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'nats-users-'));
    const file = join(folder, 'server.conf');
    await writeFile(file, 'authorization { users: [{ user: a, password: pa }, { user: b, password: pb }] }');
    const server = await startTestServer({ monitor: true, extraArguments: ['-c', file] });
    await rm(folder, { recursive: true });
    const servers = server.url;
    await clientOf({ servers, user: 'a', pass: 'pa' }).connect();
    await clientOf({ servers, user: 'b', pass: 'pb' }).connect();
    // The same user, written differently.
    await clientOf({ servers: servers.replace('//', '//a:pa@') }).connect();
    await expect(clientOf({ ...PATIENT, servers, user: 'a', pass: 'wrong' }).connect()).rejects.toMatchObject({
      code: 'CONNECT_FAILED',
    });
    const users = (await connectionsOf(server)).map(({ authorized_user }) => authorized_user);
    expect(users).toHaveLength(2);
    expect(users).toEqual(expect.arrayContaining(['a', 'b']));
  });

  const authenticator = credsAuthenticator(new Uint8Array());
  const tls = {};
  it.each<[string, NatsConnectionOptions, NatsConnectionOptions, boolean]>([
    ['no option', {}, {}, true],
    ['a default written out', {}, { pingInterval: 15_000, maxReconnectAttempts: -1 }, true],
    ['a list of one address', { servers: 'h:1' }, { servers: ['h:1'] }, true],
    ['another order of addresses', { servers: 'h:1,i:1' }, { servers: 'i:1,h:1' }, false],
    ['the same password', { user: 'a', pass: 'p' }, { user: 'a', pass: 'p' }, true],
    ['two passwords', { user: 'a', pass: 'p' }, { user: 'a', pass: 'q' }, false],
    ['a user that is a token', { user: 'user', pass: 'p' }, { token: 'p' }, false],
    ['credentials in an address', { servers: 'a:p@h' }, { servers: 'h', user: 'a', pass: 'p' }, true],
    ['TLS by the address', { servers: 'tls://h' }, { servers: 'tls://h' }, true],
    ['TLS by the address and without', { servers: 'tls://h' }, { servers: 'h' }, false],
    ['a duration in another unit', { timeout: '2s' }, { timeout: 2_000 }, true],
    ['a token and no token', { token: 't' }, {}, false],
    ['the same authenticator', { authenticator }, { authenticator }, true],
    [
      'the same authenticator in two lists',
      { authenticator: [authenticator] },
      { authenticator: [authenticator] },
      true,
    ],
    ['two authenticators', { authenticator }, { authenticator: credsAuthenticator(new Uint8Array()) }, false],
    ['the same tls object', { tls }, { tls }, true],
    ['two tls objects', { tls }, { tls: {} }, false],
    ['two inbox prefixes', { inboxPrefix: 'a' }, { inboxPrefix: 'b' }, false],
    ['the same name', { name: 'a' }, { name: 'a' }, true],
    ['two names', { name: 'a' }, { name: 'b' }, false],
    ['a name and no name', { name: 'a' }, {}, true],
  ])('share a connection only if they are equivalent: %s', (_what, one, other, shared) => {
    const [first, second] = [connectionSettings(one), connectionSettings(other)];
    expect(mayShareConnection(first, second)).toBe(shared);
    expect(mayShareConnection(second, first)).toBe(shared);
  });
});

describe('Publisher whose server is unavailable at startup', () => {
  let server: TestServer;
  let connectionOptions: NatsConnectionOptions;
  beforeEach(async () => {
    server = await startTestServer({ monitor: true });
    await server.stop();
    connectionOptions = { servers: server.url, reconnectTimeWait: 50 };
  });

  it('creates its streams once the server is available, before the first event', async () => {
    await startPublisher(connectionOptions);
    await server.restart();
    const { manager } = await probe(server.url);
    await eventually('ORDERS exists', async () => (await manager.streams.names().next()).includes('ORDERS'));
  });

  it('leaves nothing running if it closes meanwhile', async () => {
    const publisher = await startPublisher(connectionOptions, { closeTimeout: 100 });
    const emitting = publisher.get(NatsJetStreamClientProxy).emitAsync(ORDER_CREATED, order(1));
    const failure = emitting.catch((error: unknown) => error);
    await publisher.close();
    expect(await failure).toMatchObject({ code: 'CONNECTION_CLOSED' });
    const slower = clientOf({ ...connectionOptions, reconnectTimeWait: 300 }).connect();
    await server.restart();
    await slower;
    expect(await connectionsEver(server)).toBe(1);
  });

  it('does not stop other users of its connection when it closes', async () => {
    const publisher = await startPublisher(connectionOptions);
    const other = clientOf(connectionOptions).connect();
    await publisher.close();
    await server.restart();
    await other;
    const { manager } = await probe(server.url);
    expect(await manager.streams.names().next()).toEqual([]);
  });
});
