import { Controller, type INestApplicationContext, type Type } from '@nestjs/common';
import {
  JetStreamAdmin,
  JetStreamConsumer,
  NatsJetStreamClientProxy,
  NatsJetStreamServer,
  type JetStreamConsumerOptions,
} from '@nest-jetstream/transport';
import type { ConsumerUpdateConfig } from '@nats-io/jetstream';
import type { ConsumerOptions } from '../../runtime/src/consumer/options/consumer-options';
import { consumerSettings } from '../../runtime/src/consumer/options/consumer-settings';
import { BoundConsumer } from '../../runtime/src/consumer/provisioning/bound-consumer';
import { storingStreams } from '../../runtime/src/consumer/provisioning/storing-streams';
import { StreamRegistry } from '../../runtime/src/stream/stream-registry';
import type { OpenSession } from '../../runtime/src/session/jetstream-session';
import { eventually } from '../support/eventually';
import { Gate } from '../support/gate';
import { isSettled, probe, type JetStreamProbe } from '../support/jetstream-probe';
import { logLines } from '../support/log-lines';
import { startTestServer, type TestServer } from '../support/nats-server';
import { startTestApp, type TestAppOptions } from '../support/nest-app';
import { ORDER_DURABLE, orderHandler } from '../support/order-handler';
import { ORDER_CREATED, OrdersStream, order, type OrderCreatedEvent } from '../support/orders';

const SECOND = 1e9;

let server: TestServer;
let jetStream: JetStreamProbe;
beforeEach(async () => {
  server = await startTestServer();
  jetStream = await probe(server.url);
  await jetStream.manager.streams.add({ name: 'ORDERS', subjects: ['order.>'] });
  await jetStream.manager.streams.add({ name: 'JETSTREAM_ATTEMPTS', subjects: ['jetstream-attempts.>'] });
});

/** Creates a handler that records its runs and finishes each when the gate opens. */
function recordingHandler(
  runs: number[],
  { gate, ...options }: JetStreamConsumerOptions<OrderCreatedEvent> & { gate?: Gate } = {},
): Type {
  const handle = async ({ id }: OrderCreatedEvent): Promise<void> => {
    runs.push(id);
    await gate?.opened;
  };
  return orderHandler(handle, { deadLetter: 'off', ...options });
}

async function addDurable(config: object = {}): Promise<void> {
  await jetStream.manager.consumers.add('ORDERS', {
    durable_name: ORDER_DURABLE,
    ack_policy: 'explicit',
    filter_subjects: ['order.created'],
    max_deliver: -1,
    ...config,
  });
}

/** Waits long enough for the server to redeliver an expired message. */
async function waitMs(ms: number): Promise<void> {
  const from = performance.now();
  await eventually('the time has passed', () => performance.now() - from > ms, { withinMs: ms + 5_000 });
}

/** Changes the durable as an operator does, and waits until the service reads it. */
async function changeDurable(config: Partial<ConsumerUpdateConfig>): Promise<void> {
  const reads: string[] = [];
  await jetStream.manager.consumers.update('ORDERS', ORDER_DURABLE, config);
  jetStream.connection.subscribe(`$JS.API.CONSUMER.INFO.ORDERS.${ORDER_DURABLE}`, {
    callback: (_, { subject }) => void reads.push(subject),
  });
  await eventually('the service reads the durable', () => reads.length > 0);
}

const startBound = (controller: Type, options: TestAppOptions = {}): Promise<INestApplicationContext> =>
  startTestApp(server.url, { streams: [OrdersStream], controllers: [controller], provisioning: 'none', ...options });

interface HeldService {
  readonly client: NatsJetStreamClientProxy;
  readonly runs: number[];
  readonly gate: Gate;
}

/** Starts a service that holds each run until the gate opens. */
async function startHeld(): Promise<HeldService> {
  const runs: number[] = [];
  const gate = new Gate();
  const app = await startBound(recordingHandler(runs, { gate }));
  return { client: app.get(NatsJetStreamClientProxy), runs, gate };
}

/** Holds the run of one order for a time, and returns the runs and deliveries until its end. */
async function holdOneRun({ client, runs, gate }: HeldService, holdMs: number, whileHeld = async () => {}) {
  await client.emitAsync(ORDER_CREATED, order(1));
  await eventually('the handler runs', () => runs.length === 1);
  await whileHeld();
  await waitMs(holdMs);
  const { delivered } = await jetStream.manager.consumers.info('ORDERS', ORDER_DURABLE);
  gate.open();
  await eventually('every message is settled', async () => isSettled(jetStream, 'ORDERS', ORDER_DURABLE));
  return { runs, deliveries: delivered.consumer_seq };
}

describe('Redelivery deadline of a durable that an operator configured', () => {
  it.each([
    ['ack_wait', { ack_wait: 2 * SECOND }],
    ['backoff', { backoff: [1 * SECOND, 60 * SECOND] }],
  ])('follows %s', async (_field, config) => {
    await addDurable(config);
    const service = await startHeld();
    expect(await holdOneRun(service, 5_000)).toEqual({ runs: [1], deliveries: 1 });
  });

  it('follows a lower ack_wait that is set while the handler waits for messages', async () => {
    await addDurable({ ack_wait: 30 * SECOND });
    const service = await startHeld();
    await changeDurable({ ack_wait: 1 * SECOND });
    expect(await holdOneRun(service, 3_500)).toEqual({ runs: [1], deliveries: 1 });
  });

  it('allows no second run when ack_wait is lowered during the run', async () => {
    await addDurable({ ack_wait: 30 * SECOND });
    const service = await startHeld();
    const lowerAckWait = async (): Promise<void> => {
      await jetStream.manager.consumers.update('ORDERS', ORDER_DURABLE, { ack_wait: 1 * SECOND });
    };
    expect(await holdOneRun(service, 6_000, lowerAckWait)).toMatchObject({ runs: [1] });
  });
});

describe('Pull requests', () => {
  const limits = [
    ['max_batch', { max_batch: 10 }],
    ['max_expires', { max_expires: 1 * SECOND }],
    ['max_bytes', { max_bytes: 1_000 }],
    ['max_waiting', { max_waiting: 1 }],
    ['all limits', { max_batch: 3, max_expires: 5 * SECOND, max_bytes: 1_000, max_waiting: 2 }],
  ] as const;

  it.each(limits)('respect %s of the durable', async (_limit, config) => {
    await addDurable(config);
    const runs: number[] = [];
    const { logger, lines } = logLines();
    const app = await startBound(recordingHandler(runs), { logger });
    const client = app.get(NatsJetStreamClientProxy);
    await Promise.all(Array.from({ length: 200 }, (_, id) => client.emitAsync(ORDER_CREATED, order(id))));
    await eventually('everything is handled', () => runs.length === 200);
    await eventually('every message is settled', async () => isSettled(jetStream, 'ORDERS', ORDER_DURABLE));
    expect(lines.filter((line) => line.includes('refuses'))).toEqual([]);
    expect(app.get(NatsJetStreamServer).health().status).toBe('up');
  });

  it('follow a limit that the operator sets while the service runs', async () => {
    await addDurable();
    const runs: number[] = [];
    const app = await startBound(recordingHandler(runs));
    const client = app.get(NatsJetStreamClientProxy);
    await jetStream.manager.consumers.update('ORDERS', ORDER_DURABLE, { max_batch: 5 });
    await Promise.all(Array.from({ length: 200 }, (_, id) => client.emitAsync(ORDER_CREATED, order(id))));
    await eventually('everything is handled', () => runs.length === 200);
    await eventually('health is up', () => app.get(NatsJetStreamServer).health().status === 'up');
  });

  it('work in every instance, and health reports a refused request', async () => {
    await addDurable({ max_waiting: 1 });
    const runs: number[] = [];
    const { logger, lines } = logLines();
    const start = (): Promise<INestApplicationContext> => startBound(recordingHandler(runs), { logger });
    const first = await start();
    await eventually('the first instance requests messages', async () => {
      return (await jetStream.manager.consumers.info('ORDERS', ORDER_DURABLE)).num_waiting === 1;
    });
    const second = await start();
    const health = () => second.get(NatsJetStreamServer).health();
    await eventually('the request is refused', () =>
      health().problems.some((problem) => problem.includes('is blocked')),
    );
    expect(health().problems).toEqual([
      `${ORDER_DURABLE} (OrderCreatedConsumer.handle) is blocked: 1 requests wait on the server, as many as max_waiting allows`,
    ]);
    expect(lines.filter((line) => line.includes('as max_waiting allows'))).toHaveLength(1);
    await first.get(NatsJetStreamServer).close();
    await eventually('the second instance requests messages', () => health().status === 'up');
    await second.get(NatsJetStreamClientProxy).emitAsync(ORDER_CREATED, order(1));
    await eventually('everything is handled', () => runs.length === 1);
  });
});

describe('Consumer with settings of an operator', () => {
  it('applies headers_only without a restart', async () => {
    await addDurable();
    const events: unknown[] = [];
    @Controller()
    class Headers {
      @JetStreamConsumer(ORDER_CREATED, { durable: ORDER_DURABLE, deadLetter: 'off' })
      handle(event: OrderCreatedEvent): void {
        events.push(event);
      }
    }
    const app = await startBound(Headers);
    await changeDurable({ headers_only: true });
    await app.get(NatsJetStreamClientProxy).emitAsync(ORDER_CREATED, order(1));
    await eventually('everything is handled', () => events.length === 1);
    expect(events).toEqual([undefined]);
  });

  it('follows a push consumer to another subject', async () => {
    await addDurable({ deliver_subject: 'old', deliver_group: ORDER_DURABLE });
    const runs: number[] = [];
    const app = await startBound(recordingHandler(runs, { deliverTo: 'in' }));
    await jetStream.manager.consumers.delete('ORDERS', ORDER_DURABLE);
    await addDurable({ deliver_subject: 'new', deliver_group: ORDER_DURABLE });
    await app.get(NatsJetStreamClientProxy).emitAsync(ORDER_CREATED, order(1));
    await eventually('everything is handled', () => runs.length === 1);
  });

  it('warns about max_deliver with provisioning none, with the remedy', async () => {
    await addDurable({ max_deliver: 3 });
    const { logger, lines } = logLines();
    await startBound(recordingHandler([]), { logger });
    expect(lines).toContain(
      `The server stops delivering a message of durable 'order-created' of stream 'ORDERS' after 3 deliveries. ` +
        `The last delivery is kept for dead-lettering. Set max_deliver of the durable to -1.`,
    );
  });

  it('keeps a durable with inactive_threshold while all handlers are busy', async () => {
    await addDurable({ inactive_threshold: 1 * SECOND });
    const runs: number[] = [];
    const gate = new Gate();
    const app = await startBound(recordingHandler(runs, { gate, concurrency: 1, prefetch: 1 }));
    const { created } = await jetStream.manager.consumers.info('ORDERS', ORDER_DURABLE);
    for (const id of [1, 2]) await app.get(NatsJetStreamClientProxy).emitAsync(ORDER_CREATED, order(id));
    await eventually('the handler runs', () => runs.length === 1);
    await waitMs(4_000);
    expect((await jetStream.manager.consumers.info('ORDERS', ORDER_DURABLE)).created).toBe(created);
    gate.open();
    await eventually('everything is handled', () => runs.length === 2);
  });

  it('reports a paused consumer in health', async () => {
    await addDurable();
    const app = await startBound(recordingHandler([]));
    const until = new Date(Date.now() + 3_600_000);
    await app.get(JetStreamAdmin).pauseConsumer('ORDERS', ORDER_DURABLE, until);
    const text = () => app.get(NatsJetStreamServer).health().consumers[ORDER_DURABLE];
    await eventually(
      'the pause is reported',
      () => text()?.startsWith(`running; paused until ${until.toISOString().slice(0, 19)}`) ?? false,
    );
    await app.get(JetStreamAdmin).resumeConsumer('ORDERS', ORDER_DURABLE);
    await eventually('the consumer is resumed', () => text() === 'running');
  });
});

async function bind(options: ConsumerOptions = {}): Promise<BoundConsumer> {
  const definition = {
    durable: ORDER_DURABLE,
    subjects: ['order.created'],
    handlerName: 'Orders',
    label: 'Orders',
    settings: consumerSettings(options),
  };
  return BoundConsumer.bind({ ...jetStream, provisioning: 'none' } as unknown as OpenSession, 'ORDERS', definition);
}

describe('BoundConsumer', () => {
  it('reads the effective limits from the server', async () => {
    await addDurable({ ack_wait: 7 * SECOND, max_batch: 5, max_expires: 9 * SECOND, max_bytes: 100, max_waiting: 3 });
    expect((await bind()).effective).toEqual({
      ackPolicy: 'explicit',
      ackWaitMs: 7_000,
      maxDeliver: undefined,
      maxAckPending: 1_000,
      maxBatch: 5,
      maxBytes: 100,
      maxExpiresMs: 9_000,
      maxWaiting: 3,
      inactiveThresholdMs: undefined,
      hasBodies: true,
      pausedUntil: undefined,
      pushedTo: undefined,
    });
  });

  it.each([
    [-1, 5, 5],
    [10, 5, 5],
    [5, 5, 4],
    [3, -1, 2],
    [1, 5, 1],
  ])('reserves the last delivery of the server: server %i, declared %i', async (maxDeliver, declared, expected) => {
    await addDurable({ max_deliver: maxDeliver });
    expect((await bind({ maxDeliver: declared })).maxDeliver).toBe(expected);
  });

  it('binds to a mirror that the definition names, although it stores no subject', async () => {
    await jetStream.manager.streams.add({ name: 'COPY', mirror: { name: 'ORDERS' } });
    const open = { ...jetStream, provisioning: 'apply' } as unknown as OpenSession;
    const settings = consumerSettings({});
    const definition = {
      stream: 'COPY',
      durable: ORDER_DURABLE,
      subjects: ['order.created'],
      handlerName: 'Orders',
      label: 'Orders',
      settings,
    };
    const { names, isComplete } = await storingStreams(open, new StreamRegistry(), definition);
    expect({ names, isComplete }).toEqual({ names: ['COPY'], isComplete: true });
    expect((await BoundConsumer.bind(open, 'COPY', definition)).stream).toBe('COPY');
  });

  it('reports each change and whether another client recreated the durable', async () => {
    await addDurable();
    const bound = await bind();
    const changes: unknown[] = [];
    const remove = bound.onChange(({ isReplaced, before }) =>
      changes.push([isReplaced, before.maxBatch, bound.effective.maxBatch]),
    );
    await bound.observe();
    await jetStream.manager.consumers.update('ORDERS', ORDER_DURABLE, { max_batch: 7 });
    await bound.observe();
    await jetStream.manager.consumers.delete('ORDERS', ORDER_DURABLE);
    expect(await bound.observe()).toBe(false);
    await addDurable({ max_batch: 9 });
    await bound.observe();
    remove();
    await jetStream.manager.consumers.update('ORDERS', ORDER_DURABLE, { max_batch: 1 });
    await bound.observe();
    expect(changes).toEqual([
      [false, undefined, 7],
      [true, 7, 9],
    ]);
  });
});
