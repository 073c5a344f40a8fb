import { Controller, type INestApplicationContext, Module, type Type } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import {
  defineStream,
  JetStreamAdmin,
  JetStreamConsumer,
  NatsJetStreamClientProxy,
  NatsJetStreamHealth,
  NatsJetStreamServer,
  NatsJetStreamTransport,
  type NatsJetStreamTransportOptions,
  type StreamDefinition,
} from '@nest-jetstream/transport';
import { eventually } from '../support/eventually';
import { Gate } from '../support/gate';
import { isSettled, probe } from '../support/jetstream-probe';
import { startProxy } from '../support/nats-proxy';
import { startTestServer, type TestServer } from '../support/nats-server';
import { startTestApp } from '../support/nest-app';
import { ORDER_CREATED, OrdersStream, order, type OrderCreatedEvent } from '../support/orders';
import { connectionsOf } from '../support/server-connections';

const DURABLE = 'orders';
/** Upper bound for closing an idle application, including drains. */
const BOUND_MS = 30_000;

function consumer(handled: number[]): Type {
  @Controller()
  class OrderCreatedConsumer {
    @JetStreamConsumer(ORDER_CREATED, { durable: DURABLE })
    handle({ id }: OrderCreatedEvent): void {
      handled.push(id);
    }
  }
  return OrderCreatedConsumer;
}

async function expectBounded(ending: Promise<unknown>): Promise<void> {
  const began = performance.now();
  await ending;
  expect(performance.now() - began).toBeLessThan(BOUND_MS);
}

let server: TestServer;
beforeEach(async () => {
  server = await startTestServer({ monitor: true });
});

describe('Closing an application', () => {
  it('can be requested twice in parallel and again later, and leaves no connection open', async () => {
    const app = await startTestApp(server.url, { controllers: [consumer([])], streams: [OrdersStream] });
    await expectBounded(Promise.all([app.close(), app.close()]));
    await expectBounded(app.close());
    for (const part of [NatsJetStreamServer, NatsJetStreamClientProxy])
      await expectBounded(app.get<{ close(): Promise<void> }>(part).close());
    await eventually('no connection is left', async () => (await connectionsOf(server)).length === 0);
  });

  it('waits for a running handler, even if requested repeatedly', async () => {
    const gate = new Gate();
    let running = 0;
    let ended = 0;
    @Controller()
    class Slow {
      @JetStreamConsumer(ORDER_CREATED, { durable: DURABLE })
      async handle(_event: OrderCreatedEvent): Promise<void> {
        running++;
        await gate.opened;
        ended++;
      }
    }
    const app = await startTestApp(server.url, { controllers: [Slow], streams: [OrdersStream] });
    await app.get(NatsJetStreamClientProxy).emitAsync(ORDER_CREATED, order(1));
    await eventually('the handler runs', () => running === 1);
    const transport = app.get(NatsJetStreamServer);
    const endedBefore: number[] = [];
    const closings = [1, 2, 3].map(async () => {
      await transport.close();
      endedBefore.push(ended);
    });
    // A close that does not wait would end during this round trip.
    await (await probe(server.url)).connection.flush();
    gate.open();
    await expectBounded(Promise.all(closings));
    expect(endedBefore).toEqual([1, 1, 1]);
    const jetStream = await probe(server.url);
    expect(await isSettled(jetStream, 'ORDERS', DURABLE)).toBe(true);
  });

  it('fails an open admin call with CONNECTION_CLOSED', async () => {
    const proxy = await startProxy(server.url);
    const app = await startTestApp(proxy.url, { streams: [OrdersStream] });
    const operator = app.get(JetStreamAdmin);
    await operator.purgeSubject('ORDERS', ORDER_CREATED);
    proxy.freeze();
    const purging = operator.purgeSubject('ORDERS', ORDER_CREATED).catch((error: unknown) => error);
    await expectBounded(app.close());
    expect(await purging).toMatchObject({ code: 'CONNECTION_CLOSED' });
  });

  it.each(['runs', 'is stopped', 'does not answer'])('succeeds during startup while the server %s', async (state) => {
    if (state === 'is stopped') await server.stop();
    const frozen = state === 'does not answer' ? await startProxy(server.url) : undefined;
    frozen?.freeze();
    @Module({})
    class RootModule {}
    const app = await NestFactory.create(
      {
        module: RootModule,
        imports: [
          NatsJetStreamTransport.register({
            id: 'test',
            connectionOptions: { servers: frozen?.url ?? server.url, timeout: 300, reconnectTimeWait: 50 },
          }),
          NatsJetStreamTransport.forFeature({ streams: [OrdersStream] }),
        ],
        controllers: [consumer([])],
      },
      { logger: false, abortOnError: false },
    );
    app.connectMicroservice({ strategy: app.get(NatsJetStreamServer) });
    const starting = app.startAllMicroservices().then(
      () => 'started',
      ({ code }: { code: string }) => code,
    );

    await expectBounded(app.close());

    // The application is closed, so the result of startup does not matter as long as it ends.
    expect(['started', 'CONNECTION_CLOSED']).toContain(await starting);
    if (state !== 'runs') return;
    await eventually('no connection is left', async () => (await connectionsOf(server)).length === 0);
  });
});

describe('Connection status', () => {
  it.each<['server' | 'client', typeof NatsJetStreamServer | typeof NatsJetStreamClientProxy]>([
    ['server', NatsJetStreamServer],
    ['client', NatsJetStreamClientProxy],
  ])('is reported to the %s by on() and by status, and the current one to late subscribers', async (_what, part) => {
    const proxy = await startProxy(server.url);
    const connectionOptions = { servers: proxy.url, reconnectTimeWait: 20 };
    const app = await startTestApp(proxy.url, { connectionOptions, streams: [OrdersStream] });
    const events: string[] = [];
    const statuses: string[] = [];
    const transport: NatsJetStreamServer | NatsJetStreamClientProxy = app.get(part);
    for (const event of ['connected', 'disconnected', 'reconnecting', 'closed'] as const)
      transport.on(event, () => events.push(event));
    transport.status.subscribe((status) => statuses.push(status));
    expect(events).toEqual(['connected']);

    proxy.cut();
    await eventually(
      'the connection is lost and restored',
      () => events.filter((event) => event === 'connected').length === 2,
    );
    await app.close();

    expect(events).toEqual(statuses);
    expect(new Set(events)).toEqual(new Set(['connected', 'disconnected', 'reconnecting', 'closed']));
    expect([events.at(0), events.at(1), events.at(-2), events.at(-1)]).toEqual([
      'connected',
      'disconnected',
      'connected',
      'closed',
    ]);
  });
});

describe('Server that dies during startup', () => {
  it.each([
    ['the lookup of the stream', /\$JS\.API\.STREAM\.INFO\.ORDERS /],
    ['the creation of the stream', /\$JS\.API\.STREAM\.CREATE\.ORDERS /],
    ['the creation of the consumer', /\$JS\.API\.CONSUMER\.(DURABLE\.)?CREATE\./],
    ['the creation of the dead-letter stream', /\$JS\.API\.STREAM\.CREATE\.ORDERS_DEAD /],
    ['the creation of the attempt stream', /\$JS\.API\.STREAM\.CREATE\.JETSTREAM_ATTEMPTS /],
  ])('does not end the application if it dies at %s', async (_when, call) => {
    const proxy = await startProxy(server.url);
    let dying: Promise<void> | undefined;
    proxy.watch('toServer', ({ line }) => {
      if (call.test(line)) dying ??= server.kill();
      return false;
    });
    const handled: number[] = [];

    const app = await startTestApp(proxy.url, {
      controllers: [consumer(handled)],
      streams: [OrdersStream],
      connectionOptions: { servers: proxy.url, reconnectTimeWait: 50 },
      jetStreamOptions: { timeout: 1_000 },
    });
    await eventually('the server dies', () => dying !== undefined);
    await dying;
    const health = app.get(NatsJetStreamHealth);
    expect(health.check().status).toBe('down');

    await server.restart();
    await eventually('health is up', () => health.check().status === 'up');
    await app.get(NatsJetStreamClientProxy).emitAsync(ORDER_CREATED, order(1));
    const jetStream = await probe(server.url);
    await eventually(
      'the event is settled',
      async () => handled.length === 1 && isSettled(jetStream, 'ORDERS', DURABLE),
    );
    const { consumer_count, messages } = (await jetStream.manager.streams.info('ORDERS')).state;
    expect([consumer_count, messages]).toEqual([1, 1]);
  });
});

const OtherOrdersStream = defineStream({ name: 'ORDERS', subjects: ['order.>'], maxAge: '1d' });
const startBoth = async (
  one: StreamDefinition,
  other: StreamDefinition,
  options: NatsJetStreamTransportOptions = {},
): Promise<INestApplicationContext> => {
  @Module({ imports: [NatsJetStreamTransport.forFeature({ streams: [one] })] })
  class OneModule {}
  @Module({ imports: [NatsJetStreamTransport.forFeature({ streams: [other] })] })
  class OtherModule {}
  const imports = [
    NatsJetStreamTransport.register({ id: 'test', connectionOptions: { servers: server.url }, ...options }),
    OneModule,
    OtherModule,
  ];
  @Module({ imports })
  class RootModule {}
  return NestFactory.createApplicationContext(RootModule, { logger: false, abortOnError: false });
};

describe('Two modules that declare one stream', () => {
  it('fail startup with different declarations, before anything is created', async () => {
    await expect(startBoth(OrdersStream, OtherOrdersStream)).rejects.toMatchObject({
      code: 'STREAM_DECLARED_TWICE',
      value: 'ORDERS',
    });
    const options = { streamConfig: { name: 'ORDERS', subjects: ['order.*'] } };
    await expect(startBoth(OtherOrdersStream, OtherOrdersStream, options)).rejects.toMatchObject({
      code: 'STREAM_DECLARED_TWICE',
    });
    expect(await (await probe(server.url)).manager.streams.names().next()).toEqual([]);
  });

  it('create it once with the same declaration', async () => {
    const app = await startBoth(OrdersStream, OrdersStream);
    const { manager } = await probe(server.url);
    expect(await manager.streams.names().next()).toEqual(['ORDERS']);
    await app.close();
  });
});
