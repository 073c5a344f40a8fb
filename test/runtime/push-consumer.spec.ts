import { Controller } from '@nestjs/common';
import { JetStreamConsumer, NatsJetStreamClientProxy, type JetStreamConsumerOptions } from '@nest-jetstream/transport';
import { eventually } from '../support/eventually';
import { probe, type JetStreamProbe } from '../support/jetstream-probe';
import { startTestServer, type TestServer } from '../support/nats-server';
import { startTestApp } from '../support/nest-app';
import { ORDER_CREATED, OrdersStream, order, type OrderCreatedEvent } from '../support/orders';

const DURABLE = 'shop-order-created';

let server: TestServer;
let jetStream: JetStreamProbe;
beforeEach(async () => {
  server = await startTestServer();
  jetStream = await probe(server.url);
});

function start(
  options: JetStreamConsumerOptions,
  received: number[] = [],
  { url = server.url, inboxPrefix = '' } = {},
) {
  @Controller()
  class OrderCreatedConsumer {
    @JetStreamConsumer(ORDER_CREATED, { durable: DURABLE, ackWait: '1s', ...options })
    handle({ id }: OrderCreatedEvent): void {
      received.push(id);
    }
  }
  return startTestApp(url, {
    controllers: [OrderCreatedConsumer],
    streams: [OrdersStream],
    connectionOptions: { servers: url, reconnectTimeWait: 50, ...(inboxPrefix ? { inboxPrefix } : {}) },
    jetStreamOptions: { timeout: 500 },
  });
}

describe('Push consumer', () => {
  it('delivers below the inboxPrefix of its connection, so that its permissions suffice', async () => {
    const received: number[] = [];
    const app = await start({ deliverGroup: 'shop' }, received, { inboxPrefix: '_INBOX_shop' });
    const { config } = await jetStream.manager.consumers.info('ORDERS', DURABLE);
    expect(config.deliver_subject).toBe(`_INBOX_shop.${DURABLE}`);
    await app.get(NatsJetStreamClientProxy).emitAsync(ORDER_CREATED, order(1));
    await eventually('everything is handled', () => received.length === 1);
  });

  it('moves to another inboxPrefix while no instance runs', async () => {
    const received: number[] = [];
    const before = await start({ deliverGroup: 'shop' }, [], { inboxPrefix: '_INBOX_old' });
    const second = start({ deliverGroup: 'shop' }, [], { inboxPrefix: '_INBOX_new' });
    await expect(second).rejects.toMatchObject({
      code: 'CONSUMER_TAKEN',
      message: expect.stringContaining(`delivers to '_INBOX_old.${DURABLE}'`),
    });
    await before.close();
    const app = await start({ deliverGroup: 'shop' }, received, { inboxPrefix: '_INBOX_new' });
    await app.get(NatsJetStreamClientProxy).emitAsync(ORDER_CREATED, order(1));
    await eventually('everything is handled', () => received.length === 1);
  });

  it('refuses a second instance without a group until the first has ended', async () => {
    const first = await start({ flowControl: true });
    await expect(start({ flowControl: true })).rejects.toMatchObject({
      code: 'CONSUMER_TAKEN',
      message: expect.stringContaining(`'${DURABLE}'`),
    });
    await first.close();
    await start({ flowControl: true });
  });
});
