import { Controller, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import {
  JetStreamConsumer,
  NatsJetStreamClientProxy,
  NatsJetStreamServer,
  NatsJetStreamTransport,
  type JetStreamConsumerOptions,
} from '@nest-jetstream/transport';
import { PATIENT } from '../support/clients';
import { eventually } from '../support/eventually';
import { logLines } from '../support/log-lines';
import { probe } from '../support/jetstream-probe';
import { startTestServer, type TestServer } from '../support/nats-server';
import { startTestApp, type TestAppOptions } from '../support/nest-app';
import { ORDER_CREATED, OrdersStream, order, type OrderCreatedEvent } from '../support/orders';

const failureOfStart = async (url: string, options: TestAppOptions): Promise<unknown> =>
  startTestApp(url, options).then(
    () => 'the application started',
    (error: unknown) => error,
  );

function consumerWith(options: JetStreamConsumerOptions, handled: number[] = []) {
  @Controller()
  class OrderCreatedConsumer {
    @JetStreamConsumer(ORDER_CREATED, options)
    handle(event: OrderCreatedEvent): void {
      handled.push(event.id);
    }
  }
  return OrderCreatedConsumer;
}

describe('Startup', () => {
  let server: TestServer;
  beforeEach(async () => {
    server = await startTestServer();
  });

  it('succeeds without a server, and provisions and publishes once one answers', async () => {
    await server.stop();
    const handled: number[] = [];
    const app = await startTestApp(server.url, {
      controllers: [consumerWith({ durable: 'order-created' }, handled)],
      streams: [OrdersStream],
      connectionOptions: { servers: server.url, reconnectTimeWait: 50 },
    });
    const published = app.get(NatsJetStreamClientProxy).emitAsync(ORDER_CREATED, order(1));
    await server.restart();
    expect(await published).toMatchObject({ stream: 'ORDERS', seq: 1 });
    await eventually('everything is handled', () => handled.length === 1);
  });

  it('creates the streams of a publisher once the server is available, before its first event', async () => {
    await server.stop();
    @Module({
      imports: [
        NatsJetStreamTransport.register({ connectionOptions: { servers: server.url, reconnectTimeWait: 50 } }),
        NatsJetStreamTransport.forFeature({ streams: [OrdersStream] }),
      ],
    })
    class PublisherModule {}
    const app = await NestFactory.createApplicationContext(PublisherModule, { logger: false });
    await server.restart();
    const { manager } = await probe(server.url);
    const names = async (): Promise<string[]> => manager.streams.names().next();
    await eventually('the stream exists', async () => (await names()).includes('ORDERS'));
    await app.close();
  });

  it('logs a stream conflict once if the server becomes available late', async () => {
    const { manager } = await probe(server.url);
    await manager.streams.add({ name: 'OTHERS', subjects: ['order.*'] });
    await server.stop();
    const { logger, lines } = logLines();
    await startTestApp(server.url, {
      controllers: [consumerWith({ durable: 'order-created' })],
      streams: [OrdersStream],
      connectionOptions: { servers: server.url, reconnectTimeWait: 50 },
      logger,
    });
    await server.restart();
    const conflicts = (): string[] => lines.filter((line) => line.includes("'OTHERS'"));
    await eventually('the conflict is logged', () => conflicts().length > 0);
    // Other listeners of the session run in the same turn.
    await new Promise(setImmediate);
    expect(conflicts()).toHaveLength(1);
  });

  it('can be aborted by closing while no server answers', async () => {
    await server.stop();
    const app = await startTestApp(server.url, { streams: [OrdersStream] });
    await app.close();
    const client = app.get(NatsJetStreamClientProxy);
    await expect(client.emitAsync(ORDER_CREATED, order(1))).rejects.toMatchObject({ code: 'CONNECTION_CLOSED' });
  });

  it('fails at once without a server with waitOnFirstConnect: false, and never shows a password', async () => {
    await server.stop();
    const servers = server.url.replace('nats://', 'nats://shop:s3cret@');
    const error = await failureOfStart(server.url, { connectionOptions: { servers, waitOnFirstConnect: false } });
    expect(error).toMatchObject({ code: 'CONNECT_FAILED' });
    expect(String(error)).toContain(`Cannot connect to ${server.url}`);
    expect(String(error)).not.toContain('s3cret');
  });

  it('fails at once if the credentials are refused', async () => {
    const guarded = await startTestServer({ extraArguments: ['--user', 'shop', '--pass', 'right'] });
    const connectionOptions = { ...PATIENT, servers: guarded.url, user: 'shop', pass: 'wr0ng' };
    const error = await failureOfStart(guarded.url, { connectionOptions });
    expect(error).toMatchObject({ code: 'CONNECT_FAILED' });
    expect(String(error)).not.toContain('wr0ng');
  });

  it('takes the server from NATS_URL', async () => {
    process.env['NATS_URL'] = server.url;
    const app = await startTestApp(server.url, { connectionOptions: {}, streams: [OrdersStream] });
    delete process.env['NATS_URL'];
    expect(await app.get(NatsJetStreamClientProxy).emitAsync(ORDER_CREATED, order(1))).toMatchObject({ seq: 1 });
  });

  it('succeeds without the stream, and the consumer binds when another service declares it', async () => {
    const handled: number[] = [];
    const controllers = [consumerWith({ durable: 'order-created' }, handled)];
    await startTestApp(server.url, { controllers });
    const publisher = await startTestApp(server.url, { streams: [OrdersStream] });
    await publisher.get(NatsJetStreamClientProxy).emitAsync(ORDER_CREATED, order(1));
    await eventually('everything is handled', () => handled.length === 1);
  });

  it('does not modify its options', async () => {
    const connectionOptions = Object.freeze({ servers: Object.freeze([server.url]) as string[] });
    const jetStreamOptions = Object.freeze({ timeout: 3000 });
    await startTestApp(server.url, { connectionOptions, jetStreamOptions, streams: [OrdersStream] });
    expect(connectionOptions).toEqual({ servers: [server.url] });
    expect(jetStreamOptions).toEqual({ timeout: 3000 });
  });

  it.each<[string, TestAppOptions & { durables?: JetStreamConsumerOptions[] }, string, string]>([
    ['no id and no durable', { id: '', durables: [{}] }, 'MISSING_SERVICE_ID', "Set 'id'"],
    [
      'one durable for two handlers',
      { durables: [{ durable: 'a' }, { durable: 'a' }] },
      'DUPLICATE_DURABLE',
      "Durable 'a' is used",
    ],
    [
      'a durable with a dot',
      { durables: [{ durable: 'a.b' }] },
      'INVALID_OPTION',
      'Option \'durable\' cannot be "a.b"',
    ],
    ['an empty durable', { durables: [{ durable: '' }] }, 'INVALID_OPTION', "'durable'"],
    ['a concurrency of 0', { durables: [{ concurrency: 0 }] }, 'INVALID_OPTION', "'concurrency' cannot be 0"],
    ['a timeout of 0', { durables: [{ timeout: 0 }] }, 'INVALID_OPTION', "'timeout' cannot be 0"],
    ['a concurrency of NaN', { durables: [{ concurrency: Number.NaN }] }, 'INVALID_OPTION', "'concurrency'"],
    ['half a millisecond', { durables: [{ ackWait: 0.5 }] }, 'INVALID_OPTION', "'ackWait' cannot be 0.5"],
    [
      'an invalid retryDelay',
      { durables: [{ retryDelay: 'soon' as '1s' }] },
      'INVALID_OPTION',
      '\'retryDelay\' cannot be "soon"',
    ],
    ['an empty retryDelay', { durables: [{ retryDelay: [] }] }, 'INVALID_OPTION', "'retryDelay'"],
    ['an unknown option', { durables: [{ maxRetries: 3 } as object] }, 'INVALID_OPTION', "Unknown option 'maxRetries'"],
    [
      'an unknown default',
      { durables: [{}], consumerOptions: { deliverTwo: 'x' } as object },
      'INVALID_OPTION',
      "Unknown option 'deliverTwo' of consumerOptions. Did you mean 'deliverTo'?",
    ],
  ])('fails with %s and names the remedy', async (_what, { durables = [], ...options }, code, message) => {
    const controllers = durables.map((durable) => consumerWith(durable));
    const error = await failureOfStart(server.url, { controllers, streams: [OrdersStream], ...options });
    expect(error).toMatchObject({ code });
    expect(String(error)).toContain(message);
    const { manager } = await probe(server.url);
    expect(await manager.streams.names().next()).toEqual([]);
  });

  it('fails if a durable exists with settings that cannot change', async () => {
    const { manager } = await probe(server.url);
    await manager.streams.add({ name: 'ORDERS', subjects: ['order.>'] });
    await manager.consumers.add('ORDERS', {
      durable_name: 'order-created',
      ack_policy: 'none',
      filter_subject: 'order.created',
    });
    const error = await failureOfStart(server.url, { controllers: [consumerWith({ durable: 'order-created' })] });
    expect(error).toMatchObject({ code: 'CONSUMER_DRIFT', durable: 'order-created' });
    expect(String(error)).toContain('ack_policy is "none", declared "explicit"');
  });

  it('updates changeable settings of an existing durable', async () => {
    const first = await startTestApp(server.url, {
      controllers: [consumerWith({ durable: 'order-created', ackWait: '10s' })],
      streams: [OrdersStream],
    });
    await first.close();
    await startTestApp(server.url, { controllers: [consumerWith({ durable: 'order-created', ackWait: '20s' })] });
    const { manager } = await probe(server.url);
    expect((await manager.consumers.info('ORDERS', 'order-created')).config.ack_wait).toBe(20e9);
  });

  it('works with a server created by hand, which may be closed twice', async () => {
    const options = { id: 'by-hand', connectionOptions: { servers: server.url }, streamConfig: OrdersStream };
    const strategy = new NatsJetStreamServer(options);
    const connected = new Promise<void>((resolve) => strategy.on('connected', resolve));
    const closed = new Promise<void>((resolve) => strategy.on('closed', resolve));
    strategy.addHandler('order.*', async () => undefined, true);
    await new Promise<void>((resolve, reject) => void strategy.listen((error) => (error ? reject(error) : resolve())));
    await connected;
    const { manager } = await probe(server.url);
    expect(await manager.consumers.list('ORDERS').next()).toHaveLength(1);
    await Promise.all([strategy.close(), strategy.close()]);
    await closed;
  });
});
