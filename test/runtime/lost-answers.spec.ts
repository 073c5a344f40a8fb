import { Controller } from '@nestjs/common';
import { JetStreamConsumer, NatsJetStreamClientProxy, NatsJetStreamServer } from '@nest-jetstream/transport';
import { eventually } from '../support/eventually';
import { isSettled, probe, type JetStreamProbe } from '../support/jetstream-probe';
import { startProxy, type NatsProxy } from '../support/nats-proxy';
import { startTestServer } from '../support/nats-server';
import { startTestApp } from '../support/nest-app';
import { ORDER_CREATED, OrdersStream, order, type OrderCreatedEvent } from '../support/orders';

function counting(handled: number[], options = {}) {
  @Controller()
  class OrderCreatedConsumer {
    @JetStreamConsumer(ORDER_CREATED, { durable: 'order-created', ackWait: 500, ...options })
    handle(event: OrderCreatedEvent): void {
      handled.push(event.id);
    }
  }
  return OrderCreatedConsumer;
}

const isAck = ({ line, payload }: { line: string; payload: string }): boolean =>
  line.startsWith('PUB $JS.ACK.ORDERS.order-created.') && payload === '+ACK';

describe('Recovery from messages lost on the wire', () => {
  let jetStream: JetStreamProbe;
  let proxy: NatsProxy;
  beforeEach(async () => {
    const server = await startTestServer();
    jetStream = await probe(server.url);
    proxy = await startProxy(server.url);
  });

  it('publishes an event again with its message id after a lost PubAck, and stores it once', async () => {
    const app = await startTestApp(proxy.url, { streams: [OrdersStream], jetStreamOptions: { timeout: 300 } });
    const client = app.get(NatsJetStreamClientProxy);
    await client.emitAsync(ORDER_CREATED, order(1));
    const lost = proxy.loseOne('toClient', ({ payload }) => payload.includes('"seq":2'));
    const ack = await client.emitAsync(ORDER_CREATED, order(2));
    await lost;
    expect(ack).toEqual({ stream: 'ORDERS', seq: 2, duplicate: true });
    expect((await jetStream.manager.streams.info('ORDERS')).state.messages).toBe(2);
  });

  it('repeats a lost acknowledgement on redelivery without running the handler again', async () => {
    const handled: number[] = [];
    await startTestApp(proxy.url, { controllers: [counting(handled)], streams: [OrdersStream] });
    const lost = proxy.loseOne('toServer', isAck);
    await jetStream.client.publish('order.created', JSON.stringify(order(1)));
    await lost;
    await eventually('the message is acknowledged', async () => isSettled(jetStream, 'ORDERS', 'order-created'));
    const { num_redelivered, delivered } = await jetStream.manager.consumers.info('ORDERS', 'order-created');
    expect({ num_redelivered, deliveries: delivered.consumer_seq }).toEqual({ num_redelivered: 0, deliveries: 2 });
    expect(handled).toEqual([1]);
  });

  it('repeats a lost confirmed acknowledgement before the message is redelivered', async () => {
    const handled: number[] = [];
    await startTestApp(proxy.url, {
      controllers: [counting(handled, { ackMode: 'double', ackWait: '10m' })],
      streams: [OrdersStream],
      jetStreamOptions: { timeout: 200 },
    });
    const lost = proxy.loseOne('toServer', isAck);
    await jetStream.client.publish('order.created', JSON.stringify(order(1)));
    await lost;
    await eventually('the message is acknowledged', async () => isSettled(jetStream, 'ORDERS', 'order-created'));
    expect((await jetStream.manager.consumers.info('ORDERS', 'order-created')).delivered.consumer_seq).toBe(1);
    expect(handled).toEqual([1]);
  });

  it('pulls again after the connection was cut', async () => {
    const handled: number[] = [];
    const connectionOptions = { servers: proxy.url, reconnectTimeWait: 50 };
    const app = await startTestApp(proxy.url, {
      controllers: [counting(handled)],
      streams: [OrdersStream],
      connectionOptions,
    });
    const statuses: string[] = [];
    app.get(NatsJetStreamServer).status.subscribe((status) => statuses.push(status));
    for (let cut = 1; cut <= 3; cut++) {
      proxy.cut();
      await eventually(
        'the connection is restored',
        () => statuses.filter((status) => status === 'connected').length === cut + 1,
      );
      await jetStream.client.publish('order.created', JSON.stringify(order(cut)));
      await eventually('everything is handled', () => handled.length === cut);
    }
    expect(handled).toEqual([1, 2, 3]);
  });

  it('reconnects after pings detect a half-open connection', async () => {
    const handled: number[] = [];
    const connectionOptions = { servers: proxy.url, reconnectTimeWait: 50, pingInterval: 200, maxPingOut: 2 };
    const app = await startTestApp(proxy.url, {
      controllers: [counting(handled)],
      streams: [OrdersStream],
      connectionOptions,
    });
    const statuses: string[] = [];
    app.get(NatsJetStreamServer).status.subscribe((status) => statuses.push(status));
    proxy.freeze();
    await jetStream.client.publish('order.created', JSON.stringify(order(1)));
    await eventually('the disconnect is noticed', () => statuses.includes('disconnected'));
    proxy.cut();
    await eventually('everything is handled', () => handled.length === 1);
    await eventually('the message is acknowledged', async () => isSettled(jetStream, 'ORDERS', 'order-created'));
    expect(handled).toEqual([1]);
  });

  it.each(['frozen', 'cut'] as const)(
    'lets the application end when the connection is %s at that moment',
    async (how) => {
      const app = await startTestApp(proxy.url, { controllers: [counting([])], streams: [OrdersStream] });
      const statuses: string[] = [];
      app.get(NatsJetStreamServer).status.subscribe((status) => statuses.push(status));
      if (how === 'frozen') proxy.freeze();
      else proxy.cut();
      await app.close();
      await eventually('the connection is closed', () => statuses.at(-1) === 'closed');
    },
  );
});
