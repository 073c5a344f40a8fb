import { Controller } from '@nestjs/common';
import { Ctx, EventPattern, Payload } from '@nestjs/microservices';
import { JetStreamConsumer, NatsJetStreamClientProxy, type NatsJetStreamContext } from '@nest-jetstream/transport';
import { firstValueFrom } from 'rxjs';
import { eventually } from '../support/eventually';
import { isSettled, probe } from '../support/jetstream-probe';
import { startTestServer, type TestServer } from '../support/nats-server';
import { startTestApp } from '../support/nest-app';
import { ORDER_CREATED, ORDER_DELETED, OrdersStream, order, type OrderCreatedEvent } from '../support/orders';

describe('Published event', () => {
  let server: TestServer;
  beforeEach(async () => {
    server = await startTestServer();
  });

  it('is stored, handled with its context and acknowledged', async () => {
    const handled: { event: OrderCreatedEvent; context: NatsJetStreamContext }[] = [];
    @Controller()
    class OrderCreatedConsumer {
      @JetStreamConsumer(ORDER_CREATED, { durable: 'order-created' })
      handle(@Payload() event: OrderCreatedEvent, @Ctx() context: NatsJetStreamContext): void {
        handled.push({ event, context });
      }
    }
    const app = await startTestApp(server.url, { controllers: [OrderCreatedConsumer], streams: [OrdersStream] });
    const client = app.get(NatsJetStreamClientProxy);

    const first = await client.emitAsync(ORDER_CREATED, order(1));
    const second = await firstValueFrom(client.emit(ORDER_CREATED, order(2)));

    expect(first).toEqual({ stream: 'ORDERS', seq: 1, duplicate: false });
    expect(second).toEqual({ stream: 'ORDERS', seq: 2, duplicate: false });
    await eventually('both are handled', () => handled.length === 2);
    expect(handled.map(({ event }) => event)).toEqual([order(1), order(2)]);
    const { context } = handled[0]!;
    expect(context).toMatchObject({
      subject: 'order.created',
      stream: 'ORDERS',
      sequence: 1,
      deliveryCount: 1,
      redelivered: false,
    });
    expect(context.timestamp.getTime()).toBeLessThanOrEqual(Date.now());
    expect(context.headers?.get('Nats-Msg-Id')).toMatch(/^[\w-]{36}$/);
    const jetStream = await probe(server.url);
    await eventually('both events are acknowledged', async () => isSettled(jetStream, 'ORDERS', 'order-created'));
  });

  it('is delivered to each consumer of its subject, and once to plain handlers that Nest chains', async () => {
    const handled: string[] = [];
    @Controller()
    class Consumers {
      @JetStreamConsumer(ORDER_CREATED)
      mail(): void {
        handled.push('mail');
      }
      @JetStreamConsumer(ORDER_CREATED)
      stock(): void {
        handled.push('stock');
      }
      // The types of Nest 12 allow a second parameter only with the type argument.
      @EventPattern<string>('order.*')
      audit(@Payload() _event: unknown, @Ctx() context: NatsJetStreamContext): void {
        handled.push(`audit ${context.subject}`);
      }
      @EventPattern('order.deleted')
      refund(_event: unknown): void {
        handled.push('refund');
      }
      @EventPattern('order.deleted')
      restock(_event: unknown): void {
        handled.push('restock');
      }
    }
    const app = await startTestApp(server.url, { controllers: [Consumers], streams: [OrdersStream] });
    const client = app.get(NatsJetStreamClientProxy);

    await client.emitAsync(ORDER_CREATED, order(1));
    await client.emitAsync(ORDER_DELETED, { id: 1 });

    await eventually('everything is handled', () => handled.length === 6);
    expect(handled.toSorted()).toEqual([
      'audit order.created',
      'audit order.deleted',
      'mail',
      'refund',
      'restock',
      'stock',
    ]);
    const { manager } = await probe(server.url);
    const durables = (await manager.consumers.list('ORDERS').next()).map(({ name }) => name);
    expect(durables).toHaveLength(4);
    expect(durables.every((name) => /^test-order-[\w-]*[0-9a-f]{8}$/.test(name))).toBe(true);
  });

  it('is handled by only one of two instances of a service', async () => {
    const handled: number[][] = [[], []];
    const consumerOf = (instance: number) => {
      @Controller()
      class OrderCreatedConsumer {
        @JetStreamConsumer(ORDER_CREATED, { durable: 'order-created', concurrency: 2 })
        handle(event: OrderCreatedEvent): void {
          handled[instance]!.push(event.id);
        }
      }
      return OrderCreatedConsumer;
    };
    const apps = [0, 1].map((instance) =>
      startTestApp(server.url, { controllers: [consumerOf(instance)], streams: [OrdersStream] }),
    );
    const client = (await Promise.all(apps))[0]!.get(NatsJetStreamClientProxy);
    const ids = Array.from({ length: 100 }, (_, id) => id);
    await Promise.all(ids.map(async (id) => client.emitAsync(ORDER_CREATED, order(id))));

    await eventually('everything is handled', () => handled.flat().length >= 100);
    expect(handled.flat().toSorted((a, b) => a - b)).toEqual(ids);
    expect(handled.every((part) => part.length > 0)).toBe(true);
  });
});
