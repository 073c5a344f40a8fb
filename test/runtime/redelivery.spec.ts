import { Controller } from '@nestjs/common';
import { Ctx, EventPattern, Payload } from '@nestjs/microservices';
import {
  JetStreamConsumer,
  NatsJetStreamClientProxy,
  type NatsJetStreamContext,
  type RetryDelay,
} from '@nest-jetstream/transport';
import { concat, interval, take, tap, throwError, type Observable } from 'rxjs';
import { eventually } from '../support/eventually';
import { isSettled, probe } from '../support/jetstream-probe';
import { startTestServer, type TestServer } from '../support/nats-server';
import { Gate } from '../support/gate';
import { startTestApp } from '../support/nest-app';
import { ORDER_CREATED, OrdersStream, order, type OrderCreatedEvent } from '../support/orders';

const fill = (length: number, value: number): number[] => Array.from({ length }, () => value);

const isAbout100 = (pause: number): boolean => Math.abs(pause - 100) <= 20;

describe('a message', () => {
  let server: TestServer;
  beforeEach(async () => {
    server = await startTestServer();
  });

  it('comes again, after the pauses of retryDelay, until its handler succeeds', async () => {
    const deliveries: { count: number; redelivered: boolean; atMs: number }[] = [];
    @Controller()
    class Flaky {
      @JetStreamConsumer(ORDER_CREATED, { durable: 'flaky', retryDelay: [50, 200] })
      async handle(@Payload() _event: OrderCreatedEvent, @Ctx() { deliveryCount, redelivered }: NatsJetStreamContext) {
        deliveries.push({ count: deliveryCount, redelivered, atMs: performance.now() });
        if (deliveryCount < 4) throw new Error('the database is away');
      }
    }
    const app = await startTestApp(server.url, { controllers: [Flaky], streams: [OrdersStream] });
    await app.get(NatsJetStreamClientProxy).emitAsync(ORDER_CREATED, order(1));

    await eventually('the fourth delivery', () => deliveries.length === 4);
    const jetStream = await probe(server.url);
    await eventually('acknowledged', async () => isSettled(jetStream, 'ORDERS', 'flaky'));
    expect(deliveries.map(({ count }) => count)).toEqual([1, 2, 3, 4]);
    expect(deliveries.map(({ redelivered }) => redelivered)).toEqual([false, true, true, true]);
    const pausesMs = deliveries.slice(1).map(({ atMs }, at) => atMs - deliveries[at]!.atMs);
    // Lower bounds only: the shortest pause that the jitter of 20 % allows.
    expect(pausesMs[0]).toBeGreaterThanOrEqual(40);
    expect(pausesMs[1]).toBeGreaterThanOrEqual(160);
    expect(pausesMs[2]).toBeGreaterThanOrEqual(160);
  });

  it.each<[string, RetryDelay, (pauses: readonly number[]) => void]>([
    ['of one pause with 20 % of jitter', '100ms', (pauses) => expect(pauses.every(isAbout100)).toBe(true)],
    [
      'of a list with 20 % of jitter',
      [100],
      (pauses) => {
        expect(pauses.every(isAbout100)).toBe(true);
        expect(new Set(pauses).size).toBeGreaterThan(3);
      },
    ],
    [
      'of a function as it gives them',
      (deliveryCount) => deliveryCount * 100.4,
      (pauses) => expect(pauses.toSorted((one, other) => one - other)).toEqual([...fill(20, 100), ...fill(20, 201)]),
    ],
  ])('asks the server for pauses of whole milliseconds, those %s', async (_what, retryDelay, check) => {
    @Controller()
    class Flaky {
      @JetStreamConsumer(ORDER_CREATED, { durable: 'flaky', retryDelay })
      async handle(@Payload() _event: OrderCreatedEvent, @Ctx() { deliveryCount }: NatsJetStreamContext) {
        if (deliveryCount < 3) throw new Error('the database is away');
      }
    }
    const jetStream = await probe(server.url);
    const nanos: number[] = [];
    jetStream.connection.subscribe('$JS.ACK.ORDERS.flaky.>', {
      callback: (_, message) => {
        const [, asked] = /^-NAK (.*)$/.exec(message.string()) ?? [];
        if (asked) nanos.push((JSON.parse(asked) as { delay: number }).delay);
      },
    });
    const app = await startTestApp(server.url, { controllers: [Flaky], streams: [OrdersStream] });
    const client = app.get(NatsJetStreamClientProxy);
    for (const id of fill(20, 1)) await client.emitAsync(ORDER_CREATED, order(id));
    await eventually('two pauses each', () => nanos.length === 40);
    await eventually('acknowledged', async () => isSettled(jetStream, 'ORDERS', 'flaky'));
    const pauses = nanos.map((asked) => asked / 1_000_000);
    expect(pauses.every((pause) => Number.isSafeInteger(pause))).toBe(true);
    check(pauses);
  });

  it('comes again when the Observable of its handler fails, and is acknowledged when that completes', async () => {
    let deliveries = 0;
    let values = 0;
    @Controller()
    class Streaming {
      @EventPattern(ORDER_CREATED)
      handle(_event: unknown): Observable<number> {
        deliveries++;
        const threeValues = interval(5).pipe(
          take(3),
          tap(() => values++),
        );
        return deliveries === 1
          ? concat(
              threeValues,
              throwError(() => new Error('half way')),
            )
          : threeValues;
      }
    }
    const options = { consumerOptions: { retryDelay: [10] }, streams: [OrdersStream], controllers: [Streaming] };
    const app = await startTestApp(server.url, options);
    await app.get(NatsJetStreamClientProxy).emitAsync(ORDER_CREATED, order(1));

    const jetStream = await probe(server.url);
    const [consumer] = await jetStream.manager.consumers.list('ORDERS').next();
    await eventually('acknowledged', async () => isSettled(jetStream, 'ORDERS', consumer!.name));
    expect(deliveries).toBe(2);
    expect(values).toBe(6);
  });

  it('is not delivered a second time while its handler runs longer than ackWait', async () => {
    let running = 0;
    const gate = new Gate();
    @Controller()
    class Slow {
      @JetStreamConsumer(ORDER_CREATED, { durable: 'slow', ackWait: 300 })
      async handle(): Promise<void> {
        running++;
        await gate.opened;
      }
    }
    const app = await startTestApp(server.url, { controllers: [Slow], streams: [OrdersStream] });
    const client = app.get(NatsJetStreamClientProxy);
    const jetStream = await probe(server.url);
    let extensions = 0;
    jetStream.connection.subscribe('$JS.ACK.ORDERS.slow.>', {
      callback: (_, message) => void (message.string() === '+WPI' && extensions++),
    });
    await client.emitAsync(ORDER_CREATED, order(1));

    // Nine extensions, three a period, are three times ackWait: without them the message had come
    // again.
    await eventually('nine extensions', () => extensions >= 9);
    expect(running).toBe(1);
    gate.open();
    await eventually('acknowledged', async () => isSettled(jetStream, 'ORDERS', 'slow'));
    expect((await jetStream.manager.consumers.info('ORDERS', 'slow')).num_redelivered).toBe(0);
  });

  it('waits on the server while its consumer has as many as prefetch says', async () => {
    let running = 0;
    let most = 0;
    const finished: number[] = [];
    const release: (() => void)[] = [];
    @Controller()
    class Bounded {
      @JetStreamConsumer(ORDER_CREATED, { durable: 'bounded', concurrency: 3, prefetch: 4 })
      async handle(event: OrderCreatedEvent): Promise<void> {
        most = Math.max(most, ++running);
        await new Promise<void>((resolve) => release.push(resolve));
        running--;
        finished.push(event.id);
      }
    }
    const app = await startTestApp(server.url, { controllers: [Bounded], streams: [OrdersStream] });
    const client = app.get(NatsJetStreamClientProxy);
    for (let id = 0; id < 10; id++) await client.emitAsync(ORDER_CREATED, order(id));
    const jetStream = await probe(server.url);
    await eventually('three run', () => running === 3);
    expect((await jetStream.manager.consumers.info('ORDERS', 'bounded')).num_pending).toBe(6);

    while (finished.length < 10) {
      release.shift()?.();
      await eventually('the next one', () => release.length > 0 || finished.length === 10);
    }
    expect(most).toBe(3);
    await eventually('all acknowledged', async () => isSettled(jetStream, 'ORDERS', 'bounded'));
  });
});
