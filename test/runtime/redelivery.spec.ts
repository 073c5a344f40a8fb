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

describe('Message', () => {
  let server: TestServer;
  beforeEach(async () => {
    server = await startTestServer();
  });

  it('is redelivered with the delays of retryDelay until its handler succeeds', async () => {
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

    await eventually('the fourth delivery runs', () => deliveries.length === 4);
    const jetStream = await probe(server.url);
    await eventually('the message is acknowledged', async () => isSettled(jetStream, 'ORDERS', 'flaky'));
    expect(deliveries.map(({ count }) => count)).toEqual([1, 2, 3, 4]);
    expect(deliveries.map(({ redelivered }) => redelivered)).toEqual([false, true, true, true]);
    const delaysMs = deliveries.slice(1).map(({ atMs }, at) => atMs - deliveries[at]!.atMs);
    // Lower bounds only: the shortest pause that the jitter of 20 % allows.
    expect(delaysMs[0]).toBeGreaterThanOrEqual(40);
    expect(delaysMs[1]).toBeGreaterThanOrEqual(160);
    expect(delaysMs[2]).toBeGreaterThanOrEqual(160);
  });

  it.each<[string, RetryDelay, (delays: readonly number[]) => void]>([
    ['one delay with jitter', '100ms', (delays) => expect(delays.every(isAbout100)).toBe(true)],
    [
      'a list of delays with jitter',
      [100],
      (delays) => {
        expect(delays.every(isAbout100)).toBe(true);
        expect(new Set(delays).size).toBeGreaterThan(3);
      },
    ],
    [
      'the delays of a function',
      (deliveryCount) => deliveryCount * 100.4,
      (delays) => expect(delays.toSorted((one, other) => one - other)).toEqual([...fill(20, 100), ...fill(20, 201)]),
    ],
  ])('is redelivered after whole milliseconds with %s', async (_what, retryDelay, check) => {
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
        const [, requested] = /^-NAK (.*)$/.exec(message.string()) ?? [];
        if (requested) nanos.push((JSON.parse(requested) as { delay: number }).delay);
      },
    });
    const app = await startTestApp(server.url, { controllers: [Flaky], streams: [OrdersStream] });
    const client = app.get(NatsJetStreamClientProxy);
    for (const id of fill(20, 1)) await client.emitAsync(ORDER_CREATED, order(id));
    await eventually('two retries of each were requested', () => nanos.length === 40);
    await eventually('the message is acknowledged', async () => isSettled(jetStream, 'ORDERS', 'flaky'));
    const delays = nanos.map((requested) => requested / 1_000_000);
    expect(delays.every((pause) => Number.isSafeInteger(pause))).toBe(true);
    check(delays);
  });

  it('is redelivered if the Observable of its handler fails, and acknowledged when it completes', async () => {
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
    await eventually('the message is acknowledged', async () => isSettled(jetStream, 'ORDERS', consumer!.name));
    expect(deliveries).toBe(2);
    expect(values).toBe(6);
  });

  it('is not redelivered while its handler runs longer than ackWait', async () => {
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

    // Nine extensions, three per period, cover three times ackWait. Without them the message would
    // be redelivered.
    await eventually('nine extensions were sent', () => extensions >= 9);
    expect(running).toBe(1);
    gate.open();
    await eventually('the message is acknowledged', async () => isSettled(jetStream, 'ORDERS', 'slow'));
    expect((await jetStream.manager.consumers.info('ORDERS', 'slow')).num_redelivered).toBe(0);
  });

  it('waits on the server while its consumer holds as many messages as prefetch', async () => {
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
    await eventually('three handlers run', () => running === 3);
    expect((await jetStream.manager.consumers.info('ORDERS', 'bounded')).num_pending).toBe(6);

    while (finished.length < 10) {
      release.shift()?.();
      await eventually('the next event runs', () => release.length > 0 || finished.length === 10);
    }
    expect(most).toBe(3);
    await eventually('every message is acknowledged', async () => isSettled(jetStream, 'ORDERS', 'bounded'));
  });
});
