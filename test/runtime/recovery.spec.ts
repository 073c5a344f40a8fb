import { Controller } from '@nestjs/common';
import { Ctx, Payload } from '@nestjs/microservices';
import {
  JetStreamConsumer,
  NatsJetStreamClientProxy,
  NatsJetStreamServer,
  type NatsJetStreamContext,
} from '@nest-jetstream/transport';
import { eventually } from '../support/eventually';
import { isSettled, probe } from '../support/jetstream-probe';
import { Ledger } from '../support/ledger';
import { startTestServer, type TestServer } from '../support/nats-server';
import { Gate } from '../support/gate';
import { startTestApp } from '../support/nest-app';
import { ORDER_CREATED, OrdersStream, order, type OrderCreatedEvent } from '../support/orders';

const connectionTo = (url: string) => ({ servers: url, reconnectTimeWait: 50 });

describe('Server outage', () => {
  let server: TestServer;
  beforeEach(async () => {
    server = await startTestServer();
  });

  it.each(['stopped', 'killed'] as const)('loses no acknowledged event if the server is %s', async (how) => {
    const handled = new Set<number>();
    @Controller()
    class OrderCreatedConsumer {
      @JetStreamConsumer(ORDER_CREATED, { durable: 'order-created', ackWait: '1s', retryDelay: [50] })
      handle(event: OrderCreatedEvent): void {
        handled.add(event.id);
      }
    }
    const options = {
      controllers: [OrderCreatedConsumer],
      streams: [OrdersStream],
      connectionOptions: connectionTo(server.url),
      jetStreamOptions: { timeout: 500 },
    };
    const app = await startTestApp(server.url, options);
    const client = app.get(NatsJetStreamClientProxy);
    const acknowledged = new Set<number>();
    const publish = async (id: number): Promise<void> => {
      const ack = await client.emitAsync(ORDER_CREATED, order(id)).catch(() => undefined);
      if (ack) acknowledged.add(id);
    };

    for (let id = 0; id < 50; id++) await publish(id);
    const inFlight = Array.from({ length: 50 }, (_, at) => publish(50 + at));
    if (how === 'stopped') await server.stop();
    else await server.kill();
    await server.restart();
    await Promise.all(inFlight);
    for (let id = 100; id < 150; id++) await publish(id);

    const jetStream = await probe(server.url);
    await eventually('every message is settled', async () => isSettled(jetStream, 'ORDERS', 'order-created'));
    expect(acknowledged.size).toBeGreaterThanOrEqual(100);
    expect([...acknowledged].filter((id) => !handled.has(id))).toEqual([]);
  });

  it('delivers an event that was published before a restart to a later consumer', async () => {
    const publisher = await startTestApp(server.url, { streams: [OrdersStream] });
    await publisher.get(NatsJetStreamClientProxy).emitAsync(ORDER_CREATED, order(1));
    await publisher.close();
    await server.stop();
    await server.restart();
    const handled: number[] = [];
    @Controller()
    class OrderCreatedConsumer {
      @JetStreamConsumer(ORDER_CREATED)
      handle(event: OrderCreatedEvent): void {
        handled.push(event.id);
      }
    }
    await startTestApp(server.url, { controllers: [OrderCreatedConsumer] });
    await eventually('everything is handled', () => handled.length === 1);
  });

  it('is visible in the status, and the application can be closed', async () => {
    const app = await startTestApp(server.url, {
      streams: [OrdersStream],
      connectionOptions: connectionTo(server.url),
    });
    const seen: string[] = [];
    app.get(NatsJetStreamServer).status.subscribe((status) => seen.push(status));
    await server.stop();
    await eventually('the client reconnects', () => seen.includes('reconnecting'));
    expect(seen.slice(0, 2)).toEqual(['connected', 'disconnected']);
    await server.restart();
    await eventually('the connection is restored', () => seen.at(-1) === 'connected');
    await server.stop();
    await eventually('the connection is lost again', () => seen.at(-1) !== 'connected');
    await app.close();
    await eventually('the connection is closed', () => seen.at(-1) === 'closed');
  });
});

describe('Shutdown', () => {
  it('finishes running handlers and hands waiting messages to other instances at once', async () => {
    const server = await startTestServer();
    const handled: [instance: string, id: number][] = [];
    const gate = new Gate();
    const slowConsumer = (instance: string) => {
      @Controller()
      class Slow {
        @JetStreamConsumer(ORDER_CREATED, { durable: 'slow', concurrency: 2, ackWait: '10m' })
        async handle(event: OrderCreatedEvent): Promise<void> {
          handled.push([instance, event.id]);
          if (instance === 'first') await gate.opened;
        }
      }
      return Slow;
    };
    const app = await startTestApp(server.url, { controllers: [slowConsumer('first')], streams: [OrdersStream] });
    const client = app.get(NatsJetStreamClientProxy);
    for (let id = 0; id < 5; id++) await client.emitAsync(ORDER_CREATED, order(id));
    await eventually('two handlers run', () => handled.length === 2);
    const closing = app.get(NatsJetStreamServer).close();
    await startTestApp(server.url, { controllers: [slowConsumer('second')] });

    // Long before ackWait, because they were handed back.
    await eventually('the other instance handles the rest', () => handled.length === 5);
    gate.open();
    await closing;
    expect(handled.slice(0, 2)).toEqual([
      ['first', 0],
      ['first', 1],
    ]);
    expect(handled.slice(2).toSorted((a, b) => a[1] - b[1])).toEqual([
      ['second', 2],
      ['second', 3],
      ['second', 4],
    ]);
    const jetStream = await probe(server.url);
    await eventually('every message is settled', async () => isSettled(jetStream, 'ORDERS', 'slow'));
  });

  it('does not wait for a hanging handler longer than gracePeriod, and redelivers its message', async () => {
    const server = await startTestServer();
    let started = 0;
    @Controller()
    class Hanging {
      @JetStreamConsumer(ORDER_CREATED, { durable: 'hung', ackWait: 500 })
      async handle(): Promise<void> {
        started++;
        if (started === 1) await new Promise(() => undefined);
      }
    }
    const options = { controllers: [Hanging], streams: [OrdersStream], gracePeriod: 100 };
    const app = await startTestApp(server.url, options);
    await app.get(NatsJetStreamClientProxy).emitAsync(ORDER_CREATED, order(1));
    await eventually('the handler runs', () => started === 1);
    await app.close();

    await startTestApp(server.url, options);
    const jetStream = await probe(server.url);
    await eventually(
      'the next instance handles the event',
      async () => started === 2 && isSettled(jetStream, 'ORDERS', 'hung'),
    );
  });
});

function consumerOf(handled: number[]) {
  @Controller()
  class OrderCreatedConsumer {
    @JetStreamConsumer(ORDER_CREATED, { durable: 'order-created', retryDelay: ['2s'] })
    handle(@Payload() event: OrderCreatedEvent, @Ctx() context: NatsJetStreamContext): void {
      handled.push(event.id);
      const firstTime = handled.filter((id) => id === 3).length === 1;
      if (event.id === 3 && firstTime && !context.redelivered) throw new Error('later');
    }
  }
  return OrderCreatedConsumer;
}

describe('Deleted consumer', () => {
  it('is recreated and continues without gaps or repeats', async () => {
    const server = await startTestServer();
    const handled: number[] = [];
    const app = await startTestApp(server.url, { controllers: [consumerOf(handled)], streams: [OrdersStream] });
    const client = app.get(NatsJetStreamClientProxy);
    for (let id = 1; id <= 5; id++) await client.emitAsync(ORDER_CREATED, order(id));
    await eventually('five events ran', () => handled.length === 5);
    const jetStream = await probe(server.url);
    await eventually('four events are acknowledged', async () => {
      return (await jetStream.manager.consumers.info('ORDERS', 'order-created')).num_ack_pending === 1;
    });
    await jetStream.manager.consumers.delete('ORDERS', 'order-created');
    await client.emitAsync(ORDER_CREATED, order(6));

    await eventually('the failed and the new event are handled', () => handled.length === 7);
    expect(handled.toSorted((a, b) => a - b)).toEqual([1, 2, 3, 3, 4, 5, 6]);
    await eventually('every message is settled', async () => isSettled(jetStream, 'ORDERS', 'order-created'));
  });

  it('is not replayed by an instance that had none of its messages after the other one ended', async () => {
    const server = await startTestServer();
    const jetStream = await probe(server.url);
    const publisher = await startTestApp(server.url, { streams: [OrdersStream] });
    const ledger = new Ledger(publisher.get(NatsJetStreamClientProxy));
    const handled: [instance: number, id: number][] = [];
    const startInstance = (instance: number) => {
      @Controller()
      class OrderCreatedConsumer {
        @JetStreamConsumer(ORDER_CREATED, { durable: 'order-created' })
        handle({ id }: OrderCreatedEvent): void {
          handled.push([instance, id]);
        }
      }
      return startTestApp(server.url, { controllers: [OrderCreatedConsumer] });
    };
    const first = await startInstance(1);
    await eventually('the first instance requests messages', async () => {
      return (await jetStream.manager.consumers.info('ORDERS', 'order-created')).num_waiting === 1;
    });
    await startInstance(2);
    await ledger.publish(1);
    await eventually('the first instance handles the event', () => handled.length === 1);
    await eventually('every message is settled', async () => isSettled(jetStream, 'ORDERS', 'order-created'));
    let lookups = 0;
    jetStream.connection.subscribe('$JS.API.CONSUMER.INFO.ORDERS.order-created', { callback: () => void lookups++ });
    await eventually('both instances read the position', () => lookups === 2);
    await first.close();
    await jetStream.manager.consumers.delete('ORDERS', 'order-created');
    await ledger.publish(1);
    await eventually('the second instance continues', () => handled.some(([, id]) => id === 2));
    expect(handled).toEqual([
      [1, 1],
      [2, 2],
    ]);
  });

  it('starts again with a recreated stream after publishing failed without it', async () => {
    const server = await startTestServer();
    const handled: number[] = [];
    const app = await startTestApp(server.url, { controllers: [consumerOf(handled)], streams: [OrdersStream] });
    const client = app.get(NatsJetStreamClientProxy);
    for (const id of [1, 2]) await client.emitAsync(ORDER_CREATED, order(id));
    await eventually('two events are handled', () => handled.length === 2);
    const { manager } = await probe(server.url);
    await manager.streams.delete('ORDERS');
    await expect(client.emitAsync(ORDER_CREATED, order(4))).rejects.toMatchObject({ code: 'NO_STREAM_FOR_SUBJECT' });
    await manager.streams.add({ name: 'ORDERS', subjects: ['order.>'] });
    await client.emitAsync(ORDER_CREATED, order(5));
    await eventually('the event of the new stream is handled', () => handled.includes(5));
    expect(handled).toEqual([1, 2, 5]);
  });

  it(
    'is recreated after 150,000 failed messages without running them again',
    async () => {
      const count = 150_000;
      const server = await startTestServer();
      const jetStream = await probe(server.url);
      await jetStream.manager.streams.add({ name: 'ORDERS', subjects: ['order.>'], storage: 'memory' });
      let failed = 0;
      const handled: number[] = [];
      @Controller()
      class Failing {
        @JetStreamConsumer<OrderCreatedEvent>('order.created', {
          durable: 'failing',
          maxDeliver: 1,
          deadLetter: 'off',
          concurrency: 500,
          maxAckPending: 2_000,
        })
        handle({ id }: OrderCreatedEvent): void {
          if (id >= 0) handled.push(id);
          else throw new Error(`no ${failed++}`);
        }
      }
      await startTestApp(server.url, { controllers: [Failing] });
      const failing = JSON.stringify(order(-1));
      for (let sent = 1; sent <= count; sent++) {
        jetStream.connection.publish('order.created', failing);
        if (sent % 5_000 === 0) await jetStream.connection.flush();
      }
      const isDone = async (): Promise<boolean> => isSettled(jetStream, 'ORDERS', 'failing');
      await eventually('every message is given up', isDone, { withinMs: 8 * 60_000 });
      expect(failed).toBe(count);
      await jetStream.manager.consumers.delete('ORDERS', 'failing');
      await jetStream.client.publish('order.created', JSON.stringify(order(1)));
      await eventually('everything is handled', () => handled.length === 1);
      expect(failed).toBe(count);
    },
    10 * 60_000,
  );
});
