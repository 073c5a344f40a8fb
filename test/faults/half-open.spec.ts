import { Controller } from '@nestjs/common';
import { JetStreamConsumer, NatsJetStreamServer } from '@nest-jetstream/transport';
import { eventually } from '../support/eventually';
import { isSettled, probe } from '../support/jetstream-probe';
import { startProxy } from '../support/nats-proxy';
import { startTestServer } from '../support/nats-server';
import { startTestApp } from '../support/nest-app';
import { ORDER_CREATED, OrdersStream, order, type OrderCreatedEvent } from '../support/orders';

const NOTICED_WITHIN_MS = 60_000;

it('a half-open connection is noticed within 60 s with the defaults, and made anew', async () => {
  const server = await startTestServer();
  const jetStream = await probe(server.url);
  const proxy = await startProxy(server.url);
  const handled: number[] = [];
  @Controller()
  class OrderCreatedConsumer {
    @JetStreamConsumer(ORDER_CREATED, { durable: 'order-created' })
    handle({ id }: OrderCreatedEvent): void {
      handled.push(id);
    }
  }
  const app = await startTestApp(proxy.url, { controllers: [OrderCreatedConsumer], streams: [OrdersStream] });
  const statuses: string[] = [];
  app.get(NatsJetStreamServer).status.subscribe((status) => statuses.push(status));
  proxy.freezeOpenConnections();
  await jetStream.client.publish(ORDER_CREATED, JSON.stringify(order(1)));
  await eventually('noticed', () => statuses.includes('disconnected'), { withinMs: NOTICED_WITHIN_MS });
  await eventually('handled', () => handled.length === 1, { withinMs: 35_000 });
  await eventually('settled', async () => isSettled(jetStream, 'ORDERS', 'order-created'));
}, 90_000);
