import { Controller, Module, type Type } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import * as promClient from 'prom-client';
import {
  getJetStreamClientToken,
  getJetStreamServerToken,
  JetStreamConsumer,
  NatsJetStreamTransport,
  type JetStreamConsumerOptions,
} from '@nest-jetstream/transport';
import { prometheus } from '@nest-jetstream/transport/prometheus';
import { eventually } from '../support/eventually';
import { Gate } from '../support/gate';
import { probe, type JetStreamProbe } from '../support/jetstream-probe';
import { parseMetrics, type Samples } from '../support/metrics-page';
import { startProxy } from '../support/nats-proxy';
import { startTestServer } from '../support/nats-server';
import { startTestApp, type TestAppOptions } from '../support/nest-app';
import { ORDER_CREATED, OrdersStream, order } from '../support/orders';

const BILLING = 'billing';
const READ_EVERY_MS = 5_000;
const CONSUMER = { connection: 'default', stream: 'ORDERS', durable: 'orders' };

@Module({})
class RootModule {}

const scrape = async (): Promise<Samples> => parseMetrics(await promClient.register.metrics());

const lagOf = (samples: Samples): number => samples['nest_jetstream_consumer_lag_seconds']?.[0]?.value ?? 0;

function consumerThat(handle: () => unknown, options: JetStreamConsumerOptions = {}): Type {
  @Controller()
  class Orders {
    @JetStreamConsumer(ORDER_CREATED, { durable: 'orders', ...options })
    async handle(): Promise<void> {
      await handle();
    }
  }
  return Orders;
}

/** Moves the clock of the process, so that the next scrape reads the server again. */
function passTime(): void {
  const now = performance.now.bind(performance);
  jest.spyOn(performance, 'now').mockImplementation(() => now() + READ_EVERY_MS);
}

describe('The gauges of a backlog', () => {
  let url: string;
  let jetStream: JetStreamProbe;
  beforeEach(async () => {
    ({ url } = await startTestServer());
    jetStream = await probe(url);
    promClient.register.clear();
  });
  afterEach(() => jest.restoreAllMocks());

  const start = async (handle: () => unknown, options: TestAppOptions = {}) =>
    startTestApp(url, {
      controllers: [consumerThat(handle)],
      streams: [OrdersStream],
      telemetry: [prometheus(promClient)],
      ...options,
    });

  it('belong to their connection, if two connections share one page', async () => {
    const gate = new Gate();
    const { url: billingUrl } = await startTestServer();
    const telemetry = [prometheus(promClient)];
    const app = await NestFactory.create(
      {
        module: RootModule,
        imports: [
          NatsJetStreamTransport.register({ id: 'test', connectionOptions: { servers: url }, telemetry }),
          NatsJetStreamTransport.register({
            id: 'test',
            connection: BILLING,
            connectionOptions: { servers: billingUrl },
            telemetry,
          }),
          NatsJetStreamTransport.forFeature({ streams: [OrdersStream] }),
          NatsJetStreamTransport.forFeature({ streams: [OrdersStream], connection: BILLING }),
        ],
        controllers: [consumerThat(() => undefined), consumerThat(() => gate.opened, { connection: BILLING })],
      },
      { logger: false, abortOnError: false },
    );
    try {
      for (const name of [undefined, BILLING])
        app.connectMicroservice({ strategy: app.get(getJetStreamServerToken(name)) });
      await app.startAllMicroservices();
      await app.init();
      await app.get(getJetStreamClientToken()).emitAsync(ORDER_CREATED, order(1));
      for (const id of [1, 2]) await app.get(getJetStreamClientToken(BILLING)).emitAsync(ORDER_CREATED, order(id));
      const billing = await probe(billingUrl);
      await eventually('the messages are delivered', async () => {
        const [one, other] = await Promise.all(
          [jetStream, billing].map(async ({ manager }) => manager.consumers.info('ORDERS', 'orders')),
        );
        return one?.ack_floor.stream_seq === 1 && other?.num_ack_pending === 2;
      });
      const inBilling = { ...CONSUMER, connection: BILLING };
      expect(await scrape()).toMatchObject({
        nest_jetstream_connection_up: [
          { labels: { connection: BILLING }, value: 1 },
          { labels: { connection: 'default' }, value: 1 },
        ],
        nest_jetstream_published_messages_total: [
          { labels: { connection: BILLING }, value: 2 },
          { labels: { connection: 'default' }, value: 1 },
        ],
        nest_jetstream_consumer_state: [{ labels: inBilling }, { labels: CONSUMER }],
        nest_jetstream_consumer_ack_pending: [
          { labels: inBilling, value: 2 },
          { labels: CONSUMER, value: 0 },
        ],
        nest_jetstream_consumer_lag_seconds: [
          { labels: inBilling, value: expect.any(Number) },
          { labels: CONSUMER, value: 0 },
        ],
      });
    } finally {
      gate.open();
      await app.close();
    }
  });

  it('grow in another process, if the process of a message has exited', async () => {
    await (await start(() => undefined)).close();
    await jetStream.client.publish('order.created', JSON.stringify(order(1)));
    const exited = await probe(url);
    const consumer = await exited.client.consumers.get('ORDERS', 'orders');
    expect((await consumer.next())?.seq).toBe(1);
    await exited.connection.close();

    promClient.register.clear();
    await start(() => undefined);
    const before = await scrape();
    expect(before).toMatchObject({
      nest_jetstream_consumer_state: [{ labels: { ...CONSUMER, state: 'running' } }],
      nest_jetstream_consumer_in_flight: [{ value: 0 }],
      nest_jetstream_consumer_pending: [{ value: 0 }],
      nest_jetstream_consumer_ack_pending: [{ value: 1 }],
    });
    passTime();
    expect(lagOf(before)).toBeGreaterThan(0);
    expect(lagOf(await scrape())).toBeGreaterThan(lagOf(before));
  });

  it('are read every 5 s, and keep their last value if the server does not answer', async () => {
    const proxy = await startProxy(url);
    await start(() => undefined, { connectionOptions: { servers: proxy.url } });
    const reads = proxy.watch('toServer', ({ line }) => line.includes('CONSUMER.INFO.ORDERS.orders'));
    const before = reads.length;
    const first = await scrape();
    await scrape();
    expect(reads).toHaveLength(before + 1);

    passTime();
    proxy.freeze();
    const { nest_jetstream_consumer_pending: pending } = await scrape();
    expect(reads).toHaveLength(before + 2);
    expect(pending).toEqual(first['nest_jetstream_consumer_pending']);
    proxy.cut();
  });

  it('end with their consumer, and its state remains', async () => {
    await (await start(() => undefined)).close();
    promClient.register.clear();
    await start(() => undefined, { provisioning: 'none' });
    expect(await scrape()).toMatchObject({ nest_jetstream_consumer_pending: [{ labels: CONSUMER, value: 0 }] });

    await jetStream.manager.consumers.delete('ORDERS', 'orders');
    const stateOf = async (): Promise<unknown> =>
      (await scrape())['nest_jetstream_consumer_state']?.[0]?.labels['state'];
    await eventually('the consumer does not run', async () => (await stateOf()) !== 'running');
    passTime();
    const samples = await scrape();
    for (const name of ['pending', 'ack_pending', 'redelivered', 'lag_seconds'])
      expect(samples[`nest_jetstream_consumer_${name}`]).toBeUndefined();
    expect(samples).toMatchObject({
      nest_jetstream_connection_up: [{ value: 1 }],
      nest_jetstream_consumer_in_flight: [{ labels: CONSUMER, value: 0 }],
      nest_jetstream_dead_letters: [{ value: 0 }],
    });
  });
});
