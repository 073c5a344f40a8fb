import { Controller } from '@nestjs/common';
import { JetStreamConsumer, NatsJetStreamHealth, type JetStreamConsumerOptions } from '@nest-jetstream/transport';
import { eventually } from '../support/eventually';
import { Gate } from '../support/gate';
import { probe, type JetStreamProbe } from '../support/jetstream-probe';
import { startTestServer, type TestServer } from '../support/nats-server';
import { startTestApp } from '../support/nest-app';
import { ORDER_CREATED, OrdersStream, order } from '../support/orders';

function consumerThat(handle: () => unknown, options: JetStreamConsumerOptions = {}) {
  @Controller()
  class OrderCreatedConsumer {
    @JetStreamConsumer(ORDER_CREATED, { durable: 'order-created', ...options })
    async handle(): Promise<void> {
      await handle();
    }
  }
  return OrderCreatedConsumer;
}

const DURABLE = 'order-created';
const LABEL = `${DURABLE} (OrderCreatedConsumer.handle)`;

describe('NatsJetStreamHealth', () => {
  let server: TestServer;
  let jetStream: JetStreamProbe;
  beforeEach(async () => {
    server = await startTestServer();
    jetStream = await probe(server.url);
  });

  async function startService(
    handle: () => unknown,
    options: JetStreamConsumerOptions = {},
  ): Promise<NatsJetStreamHealth> {
    const app = await startTestApp(server.url, {
      controllers: [consumerThat(handle, options)],
      streams: [OrdersStream],
      connectionOptions: { servers: server.url.replace('nats://', 'nats://shop:s3cret@'), reconnectTimeWait: 50 },
      gracePeriod: 100,
    });
    return app.get(NatsJetStreamHealth);
  }

  const publish = async (): Promise<unknown> => jetStream.client.publish('order.created', JSON.stringify(order(1)));

  it('is up while everything runs, in the format of terminus', async () => {
    const health = await startService(() => undefined);
    expect(health.isHealthy('nats')).toEqual({
      nats: { status: 'up', connection: 'connected', consumers: { [DURABLE]: 'running' }, problems: [] },
    });
  });

  it('is down while the server is away, without showing a password', async () => {
    const health = await startService(() => undefined);
    await server.stop();
    await eventually('health is down', () => health.check().status === 'down');
    expect(health.check().problems).toContain(`no connection to ${server.url}`);
    expect(JSON.stringify(health.check())).not.toContain('s3cret');
    expect(health.isHealthy('nats').nats).toEqual(health.check());
    await server.restart();
    await eventually('health is up', () => health.check().status === 'up');
  });

  it('shows consumers of classes with the same name by their durables', async () => {
    const controllers = ['billing', 'shipping'].map((durable) => consumerThat(() => undefined, { durable }));
    const app = await startTestApp(server.url, { controllers, streams: [OrdersStream] });
    const health = app.get(NatsJetStreamHealth);
    expect(health.check().consumers).toEqual({ billing: 'running', shipping: 'running' });
    await jetStream.manager.consumers.pause('ORDERS', 'shipping', new Date(Date.now() + 3_600_000));
    await eventually('health is degraded', () => health.check().status === 'degraded');
    expect(health.check().problems).toEqual([
      expect.stringMatching(/^shipping \(OrderCreatedConsumer\.handle\): paused until /),
    ]);
    expect(health.check().consumers).toEqual({
      billing: 'running',
      shipping: expect.stringMatching(/^running; paused until /),
    });
  });

  it('shows every consumer without a durable by its handler', async () => {
    const options: JetStreamConsumerOptions[] = [
      { durable: false },
      { durable: false },
      { durable: false, orderedConsumer: true },
    ];
    const controllers = options.map((each) => consumerThat(() => undefined, each));
    const app = await startTestApp(server.url, { controllers, streams: [OrdersStream] });
    expect(app.get(NatsJetStreamHealth).check().consumers).toEqual({
      'OrderCreatedConsumer.handle': 'running',
      'OrderCreatedConsumer.handle (2)': 'running',
      'OrderCreatedConsumer.handle (3)': 'running',
    });
  });

  it('is down while its stream does not exist', async () => {
    const health = await startService(() => undefined);
    await jetStream.manager.streams.delete('ORDERS');
    await eventually('health is down', () =>
      health.check().problems.some((problem) => problem.includes('stream not found')),
    );
    expect(health.check().consumers[DURABLE]).toContain('recovering');
    await jetStream.manager.streams.add({ name: 'ORDERS', subjects: ['order.>'] });
    await eventually('health is up', () => health.check().status === 'up');
  });

  it('is down while a consumer waits for its stream', async () => {
    const app = await startTestApp(server.url, { controllers: [consumerThat(() => undefined)] });
    const health = app.get(NatsJetStreamHealth);
    expect(health.check().problems).toEqual([`${LABEL} is waiting for a stream`]);
    await jetStream.manager.streams.add({ name: 'ORDERS', subjects: ['order.>'] });
    await eventually('health is up', () => health.check().status === 'up');
  });

  it('is down while a handler runs longer than maxProcessingTime, and names it', async () => {
    const gate = new Gate();
    const health = await startService(() => gate.opened, { maxProcessingTime: 50, ackWait: 150, maxDeliver: -1 });
    await publish();
    await eventually('the handler is stalled', () => health.check().consumers[DURABLE]?.startsWith('stalled') === true);
    gate.open();
    await eventually('health is up', () => health.check().status === 'up');
  });

  it('is down while a dead letter cannot be stored', async () => {
    const full = { name: 'ORDERS_DEAD', subjects: ['dead.ORDERS.>'], max_msgs: 1, max_age: 30 * 24 * 3600e9 };
    await jetStream.manager.streams.add({ ...full, discard: 'new' });
    await jetStream.client.publish('dead.ORDERS.other.1', 'fills it');
    const health = await startService(() => Promise.reject(new Error('no')), { maxDeliver: 1 });
    await publish();
    await eventually('health is down', () =>
      health.check().problems.some((problem) => problem.includes('could not be stored')),
    );
    await jetStream.manager.streams.update('ORDERS_DEAD', { max_msgs: 10 });
    await eventually('health is up', () => health.check().status === 'up');
  });

  it('is down before the first connection', async () => {
    await server.stop();
    const health = await startService(() => undefined);
    expect(health.check()).toMatchObject({
      status: 'down',
      connection: 'connecting',
      consumers: { [DURABLE]: 'starting' },
    });
  });
});
