import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Controller, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import {
  JetStreamConsumer,
  NatsJetStreamClientProxy,
  NatsJetStreamServer,
  NatsJetStreamTransport,
  type JetStreamConsumerOptions,
} from '@nest-jetstream/transport';
import { eventually } from '../support/eventually';
import { Gate } from '../support/gate';
import { probe } from '../support/jetstream-probe';
import { logLines } from '../support/log-lines';
import { startTestServer } from '../support/nats-server';
import { startTestApp } from '../support/nest-app';
import { ORDER_CREATED, OrdersStream, order } from '../support/orders';

function consumerWith(options: JetStreamConsumerOptions, handle: () => void | Promise<void> = () => undefined) {
  @Controller()
  class OrderCreatedConsumer {
    @JetStreamConsumer(ORDER_CREATED, options)
    async handle(): Promise<void> {
      await handle();
    }
  }
  return OrderCreatedConsumer;
}

@Module({})
class AppModule {}

describe('Log', () => {
  it('lists the consumers once when they begin to receive messages', async () => {
    const { url } = await startTestServer();
    const { logger, lines } = logLines();
    const controllers = [
      consumerWith({ durable: 'billing', concurrency: 4 }),
      consumerWith({ orderedConsumer: true }),
      consumerWith({ durable: false }),
    ];
    await startTestApp(url, { controllers, streams: [OrdersStream], logger });
    expect(lines.filter((line) => line.startsWith('Receiving'))).toEqual([
      'Receiving messages: ' +
        "billing (OrderCreatedConsumer.handle, stream 'ORDERS', concurrency 4), " +
        "OrderCreatedConsumer.handle (stream 'ORDERS', ordered), " +
        "OrderCreatedConsumer.handle (stream 'ORDERS', concurrency 16).",
    ]);
  });

  it('names a consumer that begins later, when its stream exists', async () => {
    const { url } = await startTestServer();
    const { logger, lines } = logLines();
    const receiving = (): string[] => lines.filter((line) => line.startsWith('Receiving'));
    await startTestApp(url, { controllers: [consumerWith({ durable: 'billing' })], logger });
    expect(receiving()).toEqual([]);
    const { manager } = await probe(url);
    await manager.streams.add({ name: 'ORDERS', subjects: ['order.>'] });
    await eventually('it begins', () => receiving().length > 0);
    expect(receiving()).toEqual([
      "Receiving messages: billing (OrderCreatedConsumer.handle, stream 'ORDERS', concurrency 16).",
    ]);
  });

  it('says at shutdown how many handlers finish and how many messages are returned', async () => {
    const { url } = await startTestServer();
    const { logger, lines } = logLines();
    const gate = new Gate();
    let running = 0;
    const handler = consumerWith({ durable: 'billing', concurrency: 2, prefetch: 5 }, async () => {
      running++;
      await gate.opened;
    });
    const app = await startTestApp(url, { controllers: [handler], streams: [OrdersStream], logger });
    const client = app.get(NatsJetStreamClientProxy);
    await Promise.all([1, 2, 3, 4, 5, 6].map(async (id) => client.emitAsync(ORDER_CREATED, order(id))));
    await eventually('two handlers run', () => running === 2);
    const closed = app.close();
    await eventually('the shutdown is logged', () => lines.some((line) => line.startsWith('Stopping')));
    gate.open();
    await closed;
    expect(lines.filter((line) => line.startsWith('Stopping'))).toEqual([
      expect.stringMatching(/^Stopping: finishing 2 handlers, returning [0-3] messages\.$/),
    ]);
  });

  it('names the handlers that no server receives messages for', async () => {
    const { url } = await startTestServer();
    const { logger, lines } = logLines();
    const imports = [
      NatsJetStreamTransport.register({ id: 'shop', connectionOptions: { servers: url } }),
      NatsJetStreamTransport.forFeature({ streams: [OrdersStream] }),
    ];
    const controllers = [consumerWith({ durable: 'billing' })];
    const app = await NestFactory.create({ module: AppModule, imports, controllers }, { logger });
    app.connectMicroservice({ strategy: app.get(NatsJetStreamServer) });
    try {
      await app.init();
      const warnings = (): string[] => lines.filter((line) => line.startsWith('No messages are received'));
      await eventually('a warning is logged', () => warnings().length > 0);
      expect(warnings()).toEqual([
        'No messages are received for OrderCreatedConsumer.handle, because no server was started. ' +
          'Call app.connectMicroservice({ strategy: app.get(NatsJetStreamServer) }), and then app.startAllMicroservices().',
      ]);
    } finally {
      await app.close();
    }
  });
});

const failure = async (url: string, options: object): Promise<unknown> =>
  startTestApp(url, options).then(
    () => undefined,
    (error: unknown) => error,
  );

describe('Startup without JetStream', () => {
  it.each([
    ['a declared stream', { streams: [OrdersStream] }],
    ['a handler of another stream', { controllers: [consumerWith({ durable: 'billing' })] }],
    ['a handler with a stream', { controllers: [consumerWith({ durable: 'billing', stream: 'ORDERS' })] }],
  ])('says with %s how to enable it', async (_what, options) => {
    const { url } = await startTestServer({ jetstream: false });
    expect(await failure(url, options)).toMatchObject({
      name: 'JetStreamDisabledError',
      code: 'JETSTREAM_DISABLED',
      message:
        "JetStream is not enabled on nats-server. Start it with '-js'. 'npx nest-jetstream server' starts a local server with it.",
    });
  });

  it('names the account if only that has none', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'nats-account-'));
    const config = join(folder, 'server.conf');
    await writeFile(
      config,
      'accounts { APP { users: [{ user: app, password: secret }] }, STORE { jetstream: enabled } }\n',
    );
    const { url } = await startTestServer({ extraArguments: ['-c', config] });
    const connectionOptions = { servers: url, user: 'app', pass: 'secret' };
    expect(await failure(url, { streams: [OrdersStream], connectionOptions })).toMatchObject({
      code: 'JETSTREAM_DISABLED',
      message:
        "JetStream is not enabled for the account of the connection's user. Enable it in the configuration of the account.",
    });
    await rm(folder, { recursive: true });
  });
});
