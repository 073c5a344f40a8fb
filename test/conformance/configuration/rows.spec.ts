import { Controller, type Type } from '@nestjs/common';
import { Payload } from '@nestjs/microservices';
import {
  JetStreamConsumer,
  NatsJetStreamClientProxy,
  NatsJetStreamHealth,
  type JetStreamConsumerOptions,
} from '@nest-jetstream/transport';
import { watchWrites } from '../../support/api-writes';
import { deadLettersOf } from '../../support/dead-letters';
import { eventually } from '../../support/eventually';
import { freePorts } from '../../support/ports';
import { isSettled, probe, type JetStreamProbe } from '../../support/jetstream-probe';
import { logLines } from '../../support/log-lines';
import { startTestServer, type TestServer } from '../../support/nats-server';
import { startTestApp, type TestAppOptions } from '../../support/nest-app';
import { ORDER_CREATED, OrdersStream, order, type OrderCreatedEvent } from '../../support/orders';

let server: TestServer;
let jetStream: JetStreamProbe;
beforeEach(async () => {
  server = await startTestServer();
  jetStream = await probe(server.url);
});

function handler(
  options: JetStreamConsumerOptions = {},
  handle: (event: OrderCreatedEvent) => unknown = () => 1,
): Type {
  @Controller()
  class Orders {
    @JetStreamConsumer(ORDER_CREATED, { durable: 'orders', retryDelay: [1], ...options })
    handle(@Payload() event: OrderCreatedEvent): unknown {
      return handle(event);
    }
  }
  return Orders;
}

const publish = async (id: number, subject: string = ORDER_CREATED): Promise<unknown> =>
  jetStream.client.publish(subject, JSON.stringify(order(id)));

const failureOf = async (options: TestAppOptions): Promise<unknown> =>
  startTestApp(server.url, options).then(
    () => 'it started',
    (error: unknown) => error,
  );

it('4: configuration - no server at boot - the application starts, is not ready, logs it without a password, and continues when one answers', async () => {
  const [port = 0] = await freePorts(1);
  const { lines, logger } = logLines();
  const handled: number[] = [];
  const app = await startTestApp('', {
    connectionOptions: { servers: `nats://shop:s3cret@127.0.0.1:${port}`, reconnectTimeWait: 100 },
    controllers: [handler({}, ({ id }) => handled.push(id))],
    streams: [OrdersStream],
    logger,
  });
  expect(app.get(NatsJetStreamHealth).check().status).toBe('down');
  expect(lines.join('\n')).toContain(`Cannot connect to nats://127.0.0.1:${port}`);
  const late = await startTestServer({ port });
  await eventually('ready', () => app.get(NatsJetStreamHealth).check().status === 'up');
  await app.get(NatsJetStreamClientProxy).emitAsync(ORDER_CREATED, order(1));
  await eventually('handled', () => handled.length === 1);
  expect(lines.join('\n')).not.toContain('s3cret');
  await late.stop();
});

it.each(['limits', 'workqueue'] as const)(
  '13: configuration - maxDeliver lowered below the attempts of a message, with retention %s - one final attempt, then one dead letter',
  async (retention) => {
    let runs = 0;
    const fail = (): never => {
      runs++;
      throw new Error('no');
    };
    const options = { streamConfig: { name: 'ORDERS', subjects: ['order.>'], retention }, gracePeriod: 1 };
    const controllers = [handler({ maxDeliver: 10, retryDelay: [1, 1, 500] }, fail)];
    const before = await startTestApp(server.url, { ...options, controllers });
    await publish(1);
    await eventually('three attempts', () => runs === 3);
    await before.close();
    await startTestApp(server.url, { ...options, controllers: [handler({ maxDeliver: 2 }, fail)] });
    await eventually('dead', async () => (await deadLettersOf(jetStream, 'ORDERS')).length === 1);
    await eventually('settled', async () => isSettled(jetStream, 'ORDERS', 'orders'));
    expect(runs).toBe(4);
    const [deadLetter] = await deadLettersOf(jetStream, 'ORDERS');
    expect(deadLetter?.header.get('Dead-Letter-Deliveries')).toBe('4');
    const { state } = await jetStream.manager.streams.info('ORDERS');
    expect(state.messages).toBe(retention === 'limits' ? 1 : 0);
  },
);

const fail = (): never => {
  throw new Error('no');
};
const startFailing = async (options: JetStreamConsumerOptions) =>
  startTestApp(server.url, { streams: [OrdersStream], controllers: [handler({ maxDeliver: 2, ...options }, fail)] });

it('15: configuration - dead letters switched off by a new version - nothing is copied, and the message stays in its stream', async () => {
  const before = await startFailing({});
  await publish(1);
  await eventually('copied', async () => (await deadLettersOf(jetStream, 'ORDERS')).length === 1);
  await before.close();
  await startFailing({ deadLetter: 'off' });
  await publish(2);
  await eventually('settled', async () => isSettled(jetStream, 'ORDERS', 'orders'));
  expect(await deadLettersOf(jetStream, 'ORDERS')).toHaveLength(1);
  expect((await jetStream.manager.streams.info('ORDERS')).state.messages).toBe(2);
});

it('16: configuration - dead letter stream full - the message stays pending, health is down, and it is dead-lettered when there is room', async () => {
  await jetStream.manager.streams.add({
    name: 'ORDERS_DEAD',
    subjects: ['dead.ORDERS.>'],
    max_msgs: 1,
    discard: 'new',
  });
  await jetStream.client.publish('dead.ORDERS.other.1', 'fills the stream');
  const app = await startTestApp(server.url, {
    streams: [OrdersStream],
    controllers: [handler({ maxDeliver: 1, ackWait: 300 }, () => Promise.reject(new Error('no')))],
  });
  await publish(1);
  const { check } = { check: () => app.get(NatsJetStreamHealth).check() };
  await eventually('down', () => check().problems.some((problem) => problem.includes('could not be stored')));
  expect((await jetStream.manager.consumers.info('ORDERS', 'orders')).num_ack_pending).toBe(1);
  await jetStream.manager.streams.update('ORDERS_DEAD', { max_msgs: 10 });
  await eventually('stored', async () => (await deadLettersOf(jetStream, 'ORDERS')).length === 2);
  await eventually('settled', async () => isSettled(jetStream, 'ORDERS', 'orders'));
  await eventually('up', () => check().status === 'up');
});

it.each([
  ['max_payload of the server', {}, 1_048_576],
  ['max_msg_size of the stream', { max_msg_size: 1_000 }, 1_000],
])(
  '24: configuration - an event above %s - refused with both sizes, and the connection stays open',
  async (limitName, limits, limit) => {
    const streamConfig = { name: 'ORDERS', subjects: ['order.>'], ...limits };
    const client = (await startTestApp(server.url, { streamConfig })).get(NatsJetStreamClientProxy);
    const event = 'x'.repeat(limit + 1);
    await expect(client.emitAsync<unknown>('order.large', event)).rejects.toMatchObject({
      code: 'PAYLOAD_TOO_LARGE',
      limit,
      message: expect.stringContaining(limitName) as string,
    });
    await expect(client.emitAsync(ORDER_CREATED, order(1))).resolves.toMatchObject({ seq: 1 });
  },
);

it('25: configuration - a full stream that discards new messages - refused, nothing is dropped, and accepted when there is room', async () => {
  const streamConfig = { name: 'ORDERS', subjects: ['order.>'], max_msgs: 10, discard: 'new' as const };
  const client = (await startTestApp(server.url, { streamConfig })).get(NatsJetStreamClientProxy);
  const results = await Promise.allSettled(
    Array.from({ length: 15 }, (_, at) => client.emitAsync(ORDER_CREATED, order(at))),
  );
  expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(10);
  const refusals = results.flatMap((result) =>
    result.status === 'rejected' ? [Reflect.get(result.reason, 'code')] : [],
  );
  expect(refusals).toEqual(Array.from({ length: 5 }, () => 'STREAM_FULL'));
  expect((await jetStream.manager.streams.info('ORDERS')).state).toMatchObject({ messages: 10, first_seq: 1 });
  await jetStream.manager.streams.purge('ORDERS', { keep: 5 });
  await expect(client.emitAsync(ORDER_CREATED, order(16))).resolves.toMatchObject({ stream: 'ORDERS' });
});

describe('26: configuration - a work queue that drops unhandled messages at a limit - a warning is logged at startup', () => {
  const queue = { name: 'ORDERS', subjects: ['order.>'], retention: 'workqueue' as const };
  it.each([
    ['a limit', { max_msgs: 10 }, true],
    ['a limit of bytes', { max_bytes: 1_000_000 }, true],
    ['a limit, and discards new messages', { max_msgs: 10, discard: 'new' as const }, false],
    ['no limit', {}, false],
  ])('%s', async (_what, limits, warns) => {
    const { lines, logger } = logLines();
    await startTestApp(server.url, { streamConfig: { ...queue, ...limits }, logger });
    const warned = lines.filter((line) => line.includes("Stream 'ORDERS' drops unhandled messages"));
    expect(warned).toHaveLength(warns ? 1 : 0);
  });
});

it('28: configuration - a subject without a handler - the message stays in the stream, also in a work queue', async () => {
  const streamConfig = { name: 'ORDERS', subjects: ['order.>'], retention: 'workqueue' as const };
  const handled: number[] = [];
  await startTestApp(server.url, { streamConfig, controllers: [handler({}, ({ id }) => handled.push(id))] });
  await publish(1, 'order.deleted');
  await publish(2);
  await eventually('settled', async () => handled.length === 1 && (await isSettled(jetStream, 'ORDERS', 'orders')));
  expect(handled).toEqual([2]);
  await eventually('one stays', async () => (await jetStream.manager.streams.info('ORDERS')).state.messages === 1);
  expect((await jetStream.manager.streams.getMessage('ORDERS', { seq: 1 }))?.subject).toBe('order.deleted');
});

it('29: configuration - harmless changes of a durable and a stream - updated, every difference is logged, and nothing is lost', async () => {
  const handled: number[] = [];
  const keep = ({ id }: OrderCreatedEvent): unknown => handled.push(id);
  const streamConfig = { name: 'ORDERS', subjects: ['order.>'], max_msgs: 100 };
  const first = await startTestApp(server.url, { streamConfig, controllers: [handler({ ackWait: '10s' }, keep)] });
  await publish(1);
  await eventually('handled', async () => handled.length === 1 && (await isSettled(jetStream, 'ORDERS', 'orders')));
  await first.close();
  const { lines, logger } = logLines();
  await startTestApp(server.url, {
    streamConfig: { ...streamConfig, max_msgs: 200, subjects: ['order.>', 'return.>'] },
    controllers: [handler({ ackWait: '20s', maxDeliver: 7 }, keep)],
    logger,
  });
  const log = lines.join('\n');
  for (const change of ['max_msgs 100 → 200', 'ack_wait 10s → 20s', 'return.>']) expect(log).toContain(change);
  await publish(2);
  await eventually('handled', () => handled.length === 2);
  expect(handled).toEqual([1, 2]);
});

it('30: configuration - a change that the server does not support - startup fails with field, both values and remedy, and nothing is deleted', async () => {
  const first = await startTestApp(server.url, { streams: [OrdersStream], controllers: [handler()] });
  await publish(1);
  await eventually('settled', async () => isSettled(jetStream, 'ORDERS', 'orders'));
  await first.close();
  const created = (await jetStream.manager.consumers.info('ORDERS', 'orders')).created;
  const writes = await watchWrites(jetStream);
  const failure = await failureOf({ streams: [OrdersStream], controllers: [handler({ replayPolicy: 'Original' })] });
  expect(failure).toMatchObject({
    code: 'CONSUMER_DRIFT',
    drift: [{ field: 'replay_policy', declared: 'original', actual: 'instant' }],
  });
  expect(String(failure)).toContain("JetStreamAdmin.deleteConsumer('ORDERS', 'orders')");
  const storage = await failureOf({ streamConfig: { name: 'ORDERS', subjects: ['order.>'], storage: 'memory' } });
  expect(storage).toMatchObject({ code: 'STREAM_DRIFT' });
  expect(writes).toEqual([]);
  expect((await jetStream.manager.consumers.info('ORDERS', 'orders')).created).toBe(created);
});

it('31: configuration - two versions that start in turn - updates do not alternate, no subject is removed, and nothing is lost', async () => {
  const handled = new Set<number>();
  const keep = ({ id }: OrderCreatedEvent): unknown => handled.add(id);
  const version = (subjects: string[], options: JetStreamConsumerOptions = {}): TestAppOptions => ({
    streamConfig: { name: 'ORDERS', subjects },
    controllers: [handler(options, keep)],
    gracePeriod: 1,
  });
  const older = version(['order.>']);
  const newer = version(['order.>', 'return.>'], { ackWait: '20s' });
  await startTestApp(server.url, older);
  await startTestApp(server.url, newer);
  await startTestApp(server.url, older);
  const writes = await watchWrites(jetStream);
  for (const again of [older, older]) await (await startTestApp(server.url, again)).close();
  expect(writes.filter((subject) => subject.includes('ORDERS'))).toEqual([]);
  expect((await jetStream.manager.streams.info('ORDERS')).config.subjects).toEqual(['order.>', 'return.>']);
  for (const id of [1, 2, 3]) await publish(id);
  await eventually('handled', async () => handled.size === 3 && (await isSettled(jetStream, 'ORDERS', 'orders')));
});

it('32: configuration - subjects that another stream stores - refused before a request to the server, naming both streams and the subject', async () => {
  await jetStream.manager.streams.add({ name: 'OTHER', subjects: ['order.*'] });
  const writes = await watchWrites(jetStream);
  const failure = await failureOf({ streams: [OrdersStream] });
  expect(failure).toMatchObject({ code: 'STREAM_OVERLAP', stream: 'ORDERS', other: 'OTHER', value: 'order.>' });
  expect(writes).toEqual([]);
});

it('45: configuration - a server without JetStream - startup fails with one error that names it', async () => {
  const bare = await startTestServer({ jetstream: false });
  const { lines, logger } = logLines();
  const failure: unknown = await startTestApp(bare.url, {
    streams: [OrdersStream],
    controllers: [handler()],
    logger,
  }).catch((error: unknown) => error);
  expect(failure).toMatchObject({ code: 'JETSTREAM_DISABLED', message: expect.stringContaining('-js') });
  expect(lines.filter((line) => /unhandled/i.test(line))).toEqual([]);
});
