import type { JetStreamConsumerOptions } from '@nest-jetstream/transport';
import { setTimeout as delay } from 'node:timers/promises';
import { PrefetchLimit, Traffic } from '../../runtime/src/consumer/source/prefetch-limit';
import { eventually } from '../support/eventually';
import { Gate } from '../support/gate';
import { isSettled, probe, type JetStreamProbe } from '../support/jetstream-probe';
import { startTestServer, type TestServer } from '../support/nats-server';
import { startTestApp } from '../support/nest-app';
import { ORDER_DURABLE, orderHandler, orderIds, publishOrders } from '../support/order-handler';
import { OrdersStream, type OrderCreatedEvent } from '../support/orders';

describe('PrefetchLimit', () => {
  const LEAST = 64;
  let nowMs: number;
  let limit: PrefetchLimit;
  let current: number;
  let traffic: Traffic;
  beforeEach(() => {
    nowMs = 0;
    limit = new PrefetchLimit({ least: LEAST, most: 512 }, () => nowMs);
    current = LEAST;
    traffic = new Traffic();
  });

  /** Measures after messages were received and handled within a time. */
  function after(count: number, millis: number, bytes = 128): number {
    nowMs += millis;
    traffic.handled += count;
    traffic.received += count;
    traffic.receivedBytes += count * bytes;
    current = limit.measure(current, traffic);
    return current;
  }

  it('at most doubles with each measurement, up to its maximum', () => {
    expect([after(64, 1), after(128, 1), after(256, 1), after(512, 1)]).toEqual([128, 256, 512, 512]);
  });

  it('admits the messages of 20 ms', () => {
    expect([after(100, 20), after(200, 20)]).toEqual([100, 200]);
  });

  it('does not change for handlers that take 5 ms', () => {
    // 16 handlers at a time handle 64 messages in 20 ms.
    expect([after(64, 20), after(16, 5)]).toEqual([LEAST, LEAST]);
  });

  it('is lowered at once when the handlers turn slow', () => {
    after(64, 1);
    after(128, 1);
    expect(current).toBe(256);
    expect(after(1, 1_000)).toBe(LEAST);
  });

  it('is not lowered by a pause that is shorter than 20 ms', () => {
    after(64, 1);
    expect([after(32, 19), after(32, 1)]).toEqual([128, 64]);
  });

  it('ignores a rate of few messages in a short time', () => {
    expect(after(1, 0.01)).toBe(LEAST);
  });

  it('admits at most 128 KiB above its minimum', () => {
    expect([after(64, 1, 1_024), after(128, 1, 1_024)]).toEqual([128, 128]);
    expect(after(128, 1, 100_000)).toBe(LEAST);
  });

  it('is raised for messages without a body', () => {
    expect(after(64, 1, 0)).toBe(128);
  });
});

/** Default of `prefetch` with `concurrency: 1`. A rate of 200 messages per second raises it. */
const LEAST = 4;
const USUAL_EXPIRES_NANOS = 30_000_000_000;

let server: TestServer;
let jetStream: JetStreamProbe;
let requests: { batch: number; expires: number }[];

const sizes = (): number[] => requests.map(({ batch }) => batch);
const consumerInfo = () => jetStream.manager.consumers.info('ORDERS', ORDER_DURABLE);
const allSettled = (): Promise<void> =>
  eventually('every message is settled', () => isSettled(jetStream, 'ORDERS', ORDER_DURABLE));

function start(handle: (event: OrderCreatedEvent) => unknown, options: JetStreamConsumerOptions = {}) {
  const controllers = [orderHandler(handle, { concurrency: 1, ...options })];
  return startTestApp(server.url, { controllers, streams: [OrdersStream] });
}

describe('prefetch', () => {
  beforeEach(async () => {
    server = await startTestServer();
    jetStream = await probe(server.url);
    requests = [];
    jetStream.connection.subscribe(`$JS.API.CONSUMER.MSG.NEXT.ORDERS.${ORDER_DURABLE}`, {
      callback: (_, message) => void requests.push(message.json()),
    });
    await startTestApp(server.url, { streams: [OrdersStream] });
  });

  it('rises above its default while the handler is fast', async () => {
    await publishOrders(jetStream, ...orderIds(500));
    await start(() => undefined);
    await allSettled();
    expect(sizes()[0]).toBe(LEAST);
    expect(Math.max(...sizes())).toBeGreaterThan(LEAST);
  });

  const fixed: JetStreamConsumerOptions[] = [
    { prefetch: LEAST },
    { maxMessages: LEAST },
    { maxAckPending: LEAST },
    // After a crash, every message of the process is dead-lettered.
    { maxDeliver: 1 },
  ];
  it.each(fixed)('does not rise with %j', async (options) => {
    await publishOrders(jetStream, ...orderIds(500));
    await start(() => undefined, options);
    await allSettled();
    expect(Math.max(...sizes())).toBe(LEAST);
  });

  it('returns to its default when the handler turns slow', async () => {
    await publishOrders(jetStream, ...orderIds(200));
    await start(({ id }) => (id > 30 ? delay(10) : undefined));
    await allSettled();
    expect(Math.max(...sizes())).toBeGreaterThan(LEAST);
    // The limit can be at most 64 after 30 messages, so most slow messages are requested later.
    expect(Math.max(...sizes().slice(-10))).toBeLessThanOrEqual(LEAST);
  });

  it('leaves the messages of a slow handler to other instances', async () => {
    const gate = new Gate();
    const handle = ({ id }: OrderCreatedEvent) => (id > 500 ? gate.opened : undefined);
    await publishOrders(jetStream, ...orderIds(500));
    await start(handle);
    await allSettled();
    expect(Math.max(...sizes())).toBeGreaterThan(LEAST);
    await eventually('only a request of the default waits', async () => {
      const { num_waiting } = await consumerInfo();
      return num_waiting === 1 && requests.at(-1)?.expires === USUAL_EXPIRES_NANOS;
    });
    await start(handle);
    await eventually('both instances have a request', async () => (await consumerInfo()).num_waiting === 2);

    await publishOrders(jetStream, ...Array.from({ length: 40 }, (_, at) => 501 + at));
    await eventually('each instance has its share', async () => (await consumerInfo()).num_ack_pending === 2 * LEAST);
    expect((await consumerInfo()).num_pending).toBe(40 - 2 * LEAST);
    gate.open();
    await allSettled();
  });
});
