import { Controller } from '@nestjs/common';
import { Payload } from '@nestjs/microservices';
import { JetStreamConsumer, type JetStreamConsumerOptions, type StreamSettings } from '@nest-jetstream/transport';
import { eventually } from '../support/eventually';
import { probe, type JetStreamProbe } from '../support/jetstream-probe';
import { startTestServer, type TestServer } from '../support/nats-server';
import { startTestApp } from '../support/nest-app';
import { ORDER_CREATED } from '../support/orders';

const ORDERS: StreamSettings = { name: 'ORDERS', subjects: ['order.>'] };

let server: TestServer;
let jetStream: JetStreamProbe;
let good: number;
let failures: number;
beforeEach(async () => {
  server = await startTestServer();
  jetStream = await probe(server.url);
  good = 0;
  failures = 0;
});

async function start(options: JetStreamConsumerOptions = {}, stream: StreamSettings = ORDERS): Promise<void> {
  @Controller()
  class Orders {
    @JetStreamConsumer(ORDER_CREATED, { durable: 'orders', ...options })
    handle(@Payload() { quantity }: { quantity: number }): void {
      if (quantity > 0) good++;
      else {
        failures++;
        throw new Error('out of stock');
      }
    }
  }
  await startTestApp(server.url, { controllers: [Orders], streamConfig: stream });
}

async function publish(count: number, quantity: number): Promise<void> {
  const event = JSON.stringify({ id: 1, product: 'Socks', quantity });
  await Promise.all(Array.from({ length: count }, async () => jetStream.client.publish('order.created', event)));
}

const maxAckPending = async () => (await jetStream.manager.consumers.info('ORDERS', 'orders')).config.max_ack_pending;

describe('Messages that wait for a delayed retry', () => {
  it('do not block new messages, even beyond the default limit of the server', async () => {
    await start();
    await publish(1_500, 0);
    await eventually('every bad event failed once', () => failures >= 1_500);
    await publish(100, 1);
    await eventually('the good events are handled', () => good === 100);
  });
});

describe('maxAckPending', () => {
  it('follows a lower limit of the stream, even if it changes later', async () => {
    await start({}, { ...ORDERS, consumer_limits: { max_ack_pending: 500 } });
    expect(await maxAckPending()).toBe(500);
    await jetStream.manager.streams.update('ORDERS', { consumer_limits: { max_ack_pending: 700 } });
    await start({}, { ...ORDERS, consumer_limits: { max_ack_pending: 700 } });
    expect(await maxAckPending()).toBe(700);
  });

  it('is used as declared', async () => {
    await start({ maxAckPending: 70 }, { ...ORDERS, consumer_limits: { max_ack_pending: 700 } });
    expect(await maxAckPending()).toBe(70);
  });
});

it('takes inactiveThreshold from the limit of the stream by default', async () => {
  const stream: StreamSettings = { ...ORDERS, consumer_limits: { inactive_threshold: '1h' } };
  await start({}, stream);
  await start({}, stream);
  const { config } = await jetStream.manager.consumers.info('ORDERS', 'orders');
  expect(config.inactive_threshold).toBe(3_600e9);
});
