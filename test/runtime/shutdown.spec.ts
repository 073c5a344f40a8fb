import { Controller } from '@nestjs/common';
import {
  JetStreamConsumer,
  NatsJetStreamClientProxy,
  NatsJetStreamServer,
  type JetStreamConsumerOptions,
} from '@nest-jetstream/transport';
import { eventually } from '../support/eventually';
import { Gate } from '../support/gate';
import { isSettled, probe, type JetStreamProbe } from '../support/jetstream-probe';
import { Ledger } from '../support/ledger';
import { startProxy, type NatsProxy } from '../support/nats-proxy';
import { startTestServer, type TestServer } from '../support/nats-server';
import { startTestApp } from '../support/nest-app';
import { ORDER_CREATED, OrdersStream, type OrderCreatedEvent } from '../support/orders';

const GRACE_MS = 500;
/** Upper bound for the grace period and the drains. */
const BOUND_MS = 30_000;
const DURABLE = 'order-created';

const KINDS: [string, JetStreamConsumerOptions][] = [
  ['pull', { durable: DURABLE }],
  ['push', { durable: DURABLE, deliverGroup: 'shop' }],
  ['ordered', { orderedConsumer: true }],
];

let server: TestServer;
let jetStream: JetStreamProbe;
let proxy: NatsProxy;
let ledger: Ledger;
beforeEach(async () => {
  server = await startTestServer();
  jetStream = await probe(server.url);
  proxy = await startProxy(server.url);
  const publisher = await startTestApp(server.url, { streams: [OrdersStream] });
  ledger = new Ledger(publisher.get(NatsJetStreamClientProxy));
});

type Handle = (event: OrderCreatedEvent) => void | Promise<void>;

function start(options: JetStreamConsumerOptions, handle: Handle, url = proxy.url) {
  @Controller()
  class OrderCreatedConsumer {
    @JetStreamConsumer(ORDER_CREATED, options)
    handle(event: OrderCreatedEvent): void | Promise<void> {
      return handle(event);
    }
  }
  return startTestApp(url, {
    controllers: [OrderCreatedConsumer],
    connectionOptions: { servers: url, reconnectTimeWait: 50 },
    jetStreamOptions: { timeout: 500 },
    gracePeriod: GRACE_MS,
  });
}

async function expectBounded(closing: Promise<unknown>): Promise<void> {
  const began = performance.now();
  await closing;
  expect(performance.now() - began).toBeLessThan(BOUND_MS);
}

// Uncaught errors fail the running test.
describe.each(KINDS)('Shutdown with a %s consumer', (_kind, options) => {
  it('ends while the server is away and handlers still run', async () => {
    const gate = new Gate();
    let running = 0;
    let ended = 0;
    const app = await start(options, async () => {
      running++;
      await gate.opened;
      ended++;
    });
    await ledger.publish(5);
    await eventually('handlers run', () => running > 0);
    await server.stop();
    await expectBounded(app.close());
    gate.open();
    await eventually('the handlers ended', () => ended === running);
  });

  it('can be requested twice in parallel and again later', async () => {
    const app = await start(options, () => undefined);
    await ledger.publish(1);
    const transport = app.get(NatsJetStreamServer);
    await expectBounded(Promise.all([transport.close(), transport.close(), app.close()]));
    await transport.close();
  });

  it.each(['the server is there', 'the server is away'])('ends during startup while %s', async (when) => {
    if (when === 'the server is away') await server.stop();
    const transport = new NatsJetStreamServer({
      id: 'shop',
      connectionOptions: { servers: proxy.url, reconnectTimeWait: 50 },
      jetStreamOptions: { timeout: 500 },
      consumerOptions: options.orderedConsumer
        ? { orderedConsumer: true }
        : { deliverGroup: options.deliverGroup ?? 'x' },
      gracePeriod: GRACE_MS,
    });
    transport.addHandler('order.created', async () => undefined, true);
    transport.addHandler('order.sum', async () => undefined, false);
    const listening = new Promise((resolve) => void transport.listen(resolve));
    await expectBounded(transport.close());
    await expectBounded(listening);
  });
});

describe('Shutdown during many redeliveries', () => {
  it.each(KINDS.slice(0, 2))('loses nothing with a %s consumer', async (_kind, options) => {
    const redelivering = { ...options, maxDeliver: -1, retryDelay: [1], ackWait: '1s' } as const;
    let failed = 0;
    const app = await start(redelivering, () => {
      failed++;
      throw new Error('not yet');
    });
    const ids = await ledger.publish(50);
    await eventually('many redeliveries failed', () => failed > 500);
    await expectBounded(app.close());
    await start(redelivering, ({ id }) => void ledger.handled.push(id), server.url);
    await eventually('everything is handled', () => ledger.hasHandled(ids));
    await eventually('every message is settled', async () => isSettled(jetStream, 'ORDERS', DURABLE));
    expect(await ledger.lost(jetStream, 'ORDERS')).toEqual([]);
  });
});
