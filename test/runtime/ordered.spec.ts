import { Controller } from '@nestjs/common';
import { Ctx, Payload } from '@nestjs/microservices';
import { JetStreamConsumer, type NatsJetStreamContext } from '@nest-jetstream/transport';
import { deadLettersOf } from '../support/dead-letters';
import { eventually } from '../support/eventually';
import { Gate } from '../support/gate';
import { isSettled, probe, type JetStreamProbe } from '../support/jetstream-probe';
import { logLines } from '../support/log-lines';
import { startTestServer, type TestServer } from '../support/nats-server';
import { startTestApp } from '../support/nest-app';
import { ORDER_CREATED, OrdersStream, order, type OrderCreatedEvent } from '../support/orders';

describe('Messages with one key', () => {
  let server: TestServer;
  let jetStream: JetStreamProbe;
  beforeEach(async () => {
    server = await startTestServer();
    jetStream = await probe(server.url);
  });

  const publish = async (product: string, id: number): Promise<void> => {
    await jetStream.client.publish('order.created', JSON.stringify({ ...order(id), product }));
  };

  it('are handled in order through a retry, while other keys continue', async () => {
    const handled: string[] = [];
    const sockFails = new Gate();
    @Controller()
    class Ordered {
      @JetStreamConsumer(ORDER_CREATED, {
        durable: 'ordered',
        concurrency: 4,
        retryDelay: [20],
        orderBy: (event) => event.product,
      })
      async handle(event: OrderCreatedEvent): Promise<void> {
        const attempt = `${event.product} ${event.id}`;
        handled.push(attempt);
        if (attempt === 'Socks 1' && handled.filter((each) => each === attempt).length < 3) {
          await sockFails.opened;
          throw new Error('not yet');
        }
      }
    }
    await startTestApp(server.url, { controllers: [Ordered], streams: [OrdersStream] });
    for (const id of [1, 2, 3]) {
      await publish('Socks', id);
      await publish('Hat', id);
    }
    await eventually('every hat is handled', () => handled.filter((each) => each.startsWith('Hat')).length === 3);
    expect(handled.filter((each) => each.startsWith('Socks'))).toEqual(['Socks 1']);
    sockFails.open();
    await eventually(
      'every event is handled',
      async () => handled.length === 8 && isSettled(jetStream, 'ORDERS', 'ordered'),
    );
    expect(handled.filter((each) => each.startsWith('Hat'))).toEqual(['Hat 1', 'Hat 2', 'Hat 3']);
    expect(handled.filter((each) => each.startsWith('Socks'))).toEqual([
      'Socks 1',
      'Socks 1',
      'Socks 1',
      'Socks 2',
      'Socks 3',
    ]);
    expect((await jetStream.manager.consumers.info('ORDERS', 'ordered')).num_redelivered).toBe(0);
  });

  it('keep their order over 16 keys and 50 events each, despite failures', async () => {
    const seen = new Map<string, number[]>();
    const failed = new Set<string>();
    @Controller()
    class Ordered {
      @JetStreamConsumer(ORDER_CREATED, { durable: 'ordered', retryDelay: [1], orderBy: ({ product }) => product })
      async handle(event: OrderCreatedEvent): Promise<void> {
        const name = `${event.product} ${event.id}`;
        if (event.id % 7 === 0 && !failed.has(name)) {
          failed.add(name);
          throw new Error('at its first attempt');
        }
        const ids = seen.get(event.product) ?? [];
        seen.set(event.product, [...ids, event.id]);
      }
    }
    await startTestApp(server.url, { controllers: [Ordered], streams: [OrdersStream] });
    const ids = Array.from({ length: 50 }, (_, id) => id + 1);
    const keys = Array.from({ length: 16 }, (_, key) => `product ${key}`);
    for (const id of ids) await Promise.all(keys.map(async (key) => publish(key, id)));
    await eventually(
      'every message is settled',
      async () => seen.size === 16 && isSettled(jetStream, 'ORDERS', 'ordered'),
    );
    expect([...seen.values()]).toEqual(keys.map(() => ids));
  });

  it.each<[string, () => never]>([
    [
      'throws',
      () => {
        throw new Error('no idea');
      },
    ],
    ['returns no duration', () => 'soon' as never],
  ])('are retried with the default delay if retryDelay %s', async (_what, retryDelay) => {
    const handled: number[] = [];
    const { logger, lines } = logLines();
    @Controller()
    class Ordered {
      @JetStreamConsumer(ORDER_CREATED, { durable: 'ordered', retryDelay, orderBy: () => 'one' })
      handle(event: OrderCreatedEvent): void {
        handled.push(event.id);
        if (handled.length === 1) throw new Error('not yet');
      }
    }
    await startTestApp(server.url, { controllers: [Ordered], streams: [OrdersStream], logger });
    await publish('Socks', 1);
    await publish('Socks', 2);
    await eventually(
      'every message is settled',
      async () => handled.length === 3 && isSettled(jetStream, 'ORDERS', 'ordered'),
    );
    expect(handled).toEqual([1, 1, 2]);
    expect(lines.filter((line) => line.includes("'retryDelay' failed"))).toHaveLength(1);
    expect((await jetStream.manager.consumers.info('ORDERS', 'ordered')).num_redelivered).toBe(0);
  });

  it('continue after one that was dead-lettered after maxDeliver attempts', async () => {
    const handled: number[] = [];
    @Controller()
    class Ordered {
      @JetStreamConsumer(ORDER_CREATED, { durable: 'ordered', maxDeliver: 3, retryDelay: [5], orderBy: () => 'one' })
      handle(event: OrderCreatedEvent): void {
        handled.push(event.id);
        if (event.id === 1) throw new Error('never');
      }
    }
    await startTestApp(server.url, { controllers: [Ordered], streams: [OrdersStream] });
    await publish('Socks', 1);
    await publish('Socks', 2);
    await eventually(
      'both messages are settled',
      async () => handled.length === 4 && isSettled(jetStream, 'ORDERS', 'ordered'),
    );
    expect(handled).toEqual([1, 1, 1, 2]);
    expect(await deadLettersOf(jetStream, 'ORDERS')).toHaveLength(1);
  });

  it('are handed back at a shutdown during a retry delay', async () => {
    let attempts = 0;
    @Controller()
    class Ordered {
      @JetStreamConsumer(ORDER_CREATED, {
        durable: 'ordered',
        retryDelay: ['1h'],
        maxProcessingTime: '2h',
        orderBy: () => 'one',
      })
      handle(): void {
        if (++attempts === 1) throw new Error('later');
      }
    }
    const options = { controllers: [Ordered], streams: [OrdersStream] };
    const app = await startTestApp(server.url, options);
    await publish('Socks', 1);
    await eventually('the handler failed once', () => attempts === 1);
    await app.close();
    await startTestApp(server.url, options);
    await eventually(
      'the next instance handles the event',
      async () => attempts === 2 && isSettled(jetStream, 'ORDERS', 'ordered'),
    );
  });
});

describe('Handler timeout', () => {
  it('gives the next attempt in the same process a new signal', async () => {
    const server = await startTestServer();
    const jetStream = await probe(server.url);
    const aborted: boolean[] = [];
    @Controller()
    class Slow {
      @JetStreamConsumer(ORDER_CREATED, { durable: 'slow', timeout: 50, retryDelay: [10], orderBy: () => 'one' })
      async handle(@Payload() _event: OrderCreatedEvent, @Ctx() { signal }: NatsJetStreamContext): Promise<void> {
        aborted.push(signal.aborted);
        if (aborted.length === 1) await new Promise((resolve) => signal.addEventListener('abort', resolve));
      }
    }
    await startTestApp(server.url, { controllers: [Slow], streams: [OrdersStream] });
    await jetStream.client.publish('order.created', JSON.stringify(order(1)));
    await eventually(
      'every message is settled',
      async () => aborted.length === 2 && isSettled(jetStream, 'ORDERS', 'slow'),
    );
    expect(aborted).toEqual([false, false]);
  });

  it('aborts context.signal and redelivers the message', async () => {
    const server = await startTestServer();
    const jetStream = await probe(server.url);
    const reasons: string[] = [];
    @Controller()
    class Slow {
      @JetStreamConsumer(ORDER_CREATED, { durable: 'slow', timeout: 50, retryDelay: () => 10 })
      async handle(@Payload() _event: OrderCreatedEvent, @Ctx() context: NatsJetStreamContext): Promise<void> {
        if (context.redelivered) return;
        await new Promise<void>((resolve) => {
          context.signal.addEventListener('abort', () => {
            reasons.push((context.signal.reason as { code: string }).code);
            resolve();
          });
        });
      }
    }
    await startTestApp(server.url, { controllers: [Slow], streams: [OrdersStream] });
    await jetStream.client.publish('order.created', JSON.stringify(order(1)));
    await eventually('the signal is aborted', () => reasons.length === 1);
    await eventually('the message is handled again', async () => {
      const { delivered } = await jetStream.manager.consumers.info('ORDERS', 'slow');
      return delivered.consumer_seq === 2 && isSettled(jetStream, 'ORDERS', 'slow');
    });
    expect(reasons).toEqual(['HANDLER_TIMEOUT']);
  });
});
