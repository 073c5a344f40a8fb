import { Controller } from '@nestjs/common';
import {
  defineStream,
  JetStreamConsumer,
  type JetStreamConsumerOptions,
  type StreamSettings,
} from '@nest-jetstream/transport';
import type { StreamConfig } from '@nats-io/jetstream';
import { eventually } from '../support/eventually';
import { probe, type JetStreamProbe } from '../support/jetstream-probe';
import { logLines } from '../support/log-lines';
import { startTestServer, type TestServer } from '../support/nats-server';
import { startTestApp } from '../support/nest-app';
import { ORDER_CREATED, OrdersStream } from '../support/orders';

const DAY = 24 * 3600 * 1e9;
const ORDERS = { name: 'ORDERS', subjects: ['order.>'] };
const LEFT_OUT_BY_SERVER: Partial<StreamConfig> = { discard_new_per_subject: false };

let server: TestServer;
let jetStream: JetStreamProbe;
beforeEach(async () => {
  server = await startTestServer();
  jetStream = await probe(server.url);
});

async function configOf(): Promise<StreamConfig> {
  return (await jetStream.manager.streams.info('ORDERS')).config;
}

const declare = (maxMessages: number, allowDataLoss: readonly 'maxMessages'[] = []) =>
  defineStream({ ...ORDERS, maxMessages, allowDataLoss });

const start = (options: JetStreamConsumerOptions) => {
  @Controller()
  class Consumers {
    @JetStreamConsumer(ORDER_CREATED, { durable: 'fixed', ...options })
    handle(): void {}
  }
  return startTestApp(server.url, { controllers: [Consumers], streams: [OrdersStream] });
};

describe('allowDataLoss', () => {
  it.each<[string, StreamSettings, StreamSettings]>([
    ['max_age', { max_age: 7 * DAY }, { max_age: DAY }],
    ['max_msgs', {}, { max_msgs: 2 }],
    ['max_bytes', { max_bytes: 2_000 }, { max_bytes: 1_000 }],
    ['max_msg_size', { max_msg_size: 2_000 }, { max_msg_size: 1_000 }],
    ['max_msgs_per_subject', {}, { max_msgs_per_subject: 1 }],
    ['discard', { discard: 'new' }, { discard: 'old' }],
    ['retention', { retention: 'limits' }, { retention: 'interest' }],
    [
      'discard_new_per_subject',
      { discard: 'new', discard_new_per_subject: true, max_msgs_per_subject: 5 },
      { discard_new_per_subject: false },
    ],
  ])('is required for a change of %s', async (field, before, after) => {
    await jetStream.manager.streams.add({ ...ORDERS, ...before } as typeof ORDERS);
    const refused = startTestApp(server.url, { streamConfig: { ...ORDERS, ...after } });
    await expect(refused).rejects.toMatchObject({
      code: 'STREAM_DRIFT',
      drift: [{ field }],
      message: expect.stringContaining(`A change of '${field}' can drop stored messages. `),
    });
    await expect(startTestApp(server.url, { streamConfig: { ...ORDERS, ...after } })).rejects.toMatchObject({
      message: expect.stringContaining(`To accept the loss, add allowDataLoss: ['${field}'].`),
    });
    const { logger, lines } = logLines();
    const allowDataLoss = [field] as StreamSettings['allowDataLoss'] & object;
    await startTestApp(server.url, { streamConfig: { ...ORDERS, ...after, allowDataLoss }, logger });
    expect({ ...LEFT_OUT_BY_SERVER, ...(await configOf()) }).toMatchObject(after);
    expect(lines.join('\n')).toContain(
      `Stream 'ORDERS' may have dropped messages, as allowDataLoss permits: ${field} `,
    );
  });

  it('names the option of defineStream in the error', async () => {
    await (await startTestApp(server.url, { streams: [declare(3)] })).close();
    for (let id = 1; id <= 3; id++) await jetStream.client.publish('order.created', `${id}`);
    await expect(startTestApp(server.url, { streams: [declare(2)] })).rejects.toThrow(
      "Stream 'ORDERS' on the server differs from its declaration (max_msgs is 3, declared 2). " +
        "A change of 'maxMessages' can drop stored messages. " +
        "Declare what the server has, or change the stream by hand. To accept the loss, add allowDataLoss: ['maxMessages'].",
    );
    expect((await jetStream.manager.streams.info('ORDERS')).state.messages).toBe(3);
    await startTestApp(server.url, { streams: [declare(2, ['maxMessages'])] });
    expect((await jetStream.manager.streams.info('ORDERS')).state.messages).toBe(2);
  });

  it('permits neither other fields nor impossible changes', async () => {
    await jetStream.manager.streams.add({ ...ORDERS, max_msgs: 100, max_bytes: 2_000, storage: 'file' });
    const declared: StreamSettings = { ...ORDERS, max_msgs: 10, max_bytes: 1_000, storage: 'memory' };
    const refused = startTestApp(server.url, { streamConfig: { ...declared, allowDataLoss: ['max_msgs'] } });
    await expect(refused).rejects.toMatchObject({ drift: [{ field: 'max_bytes' }, { field: 'storage' }] });
    expect(await configOf()).toMatchObject({ max_msgs: 100, max_bytes: 2_000 });
  });

  it('is not required for an equivalent limit', async () => {
    await jetStream.manager.streams.add({ ...ORDERS });
    await startTestApp(server.url, { streamConfig: { ...ORDERS, max_msgs: 0, max_bytes: 0 } });
    expect(await configOf()).toMatchObject({ max_msgs: -1, max_bytes: -1 });
  });

  it.each<[string, StreamSettings]>([
    ['discard', { discard: 'new' }],
    ['compression', { compression: 's2' }],
    ['republish', { republish: { src: 'order.>', dest: 'seen.>' } }],
    ['allow_msg_ttl', { allow_msg_ttl: true }],
    ['duplicate_window', { duplicate_window: '1m' }],
  ] as [string, StreamSettings][])('is not required for a change of %s', async (_field, after) => {
    await jetStream.manager.streams.add({ ...ORDERS });
    const { duplicate_window, ...others } = after;
    await startTestApp(server.url, { streamConfig: { ...ORDERS, ...after } });
    expect(await configOf()).toMatchObject(duplicate_window ? { duplicate_window: 60e9 } : others);
  });

  it('accepts only fields that can lose data', () => {
    const storage = ['storage'] as unknown as readonly 'maxAge'[];
    expect(() => defineStream({ ...ORDERS, allowDataLoss: storage })).toThrow(
      "'allowDataLoss' cannot contain 'storage'. Allowed names: maxAge, maxMessages, maxMessagesPerSubject, maxBytes, " +
        'maxMessageSize, replicas, discard, discardNewPerSubject, retention.',
    );
  });
});

it('reports every field of a durable that cannot change at once', async () => {
  await (await start({})).close();
  const other = {
    replayPolicy: 'Original',
    ackPolicy: 'All',
    manualAck: true,
    memStorage: true,
    startSequence: 7,
  } as const;
  await expect(start({ ...other, description: 'new' })).rejects.toMatchObject({
    code: 'CONSUMER_DRIFT',
    drift: [
      { field: 'ack_policy', declared: 'all', actual: 'explicit' },
      { field: 'replay_policy', declared: 'original', actual: 'instant' },
      { field: 'mem_storage', declared: true },
      { field: 'deliver_policy', declared: 'by_start_sequence 7', actual: 'all' },
    ],
  });
});

it('keeps limits that an operator set on the dead-letter stream', async () => {
  await jetStream.manager.streams.add({ name: 'ORDERS_DEAD', subjects: ['dead.ORDERS.>'], max_age: 90 * DAY });
  @Controller()
  class Failing {
    @JetStreamConsumer(ORDER_CREATED, { durable: 'failing', maxDeliver: 1 })
    handle(): void {
      throw new Error('never');
    }
  }
  await startTestApp(server.url, { controllers: [Failing], streams: [OrdersStream] });
  await jetStream.client.publish('order.created', '{"id":1}');
  await eventually(
    'the dead letters are stored',
    async () => (await jetStream.manager.streams.info('ORDERS_DEAD')).state.messages === 1,
  );
  expect((await jetStream.manager.streams.info('ORDERS_DEAD')).config.max_age).toBe(90 * DAY);
});
