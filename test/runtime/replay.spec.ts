import { Controller, type INestApplicationContext } from '@nestjs/common';
import {
  JetStreamAdmin,
  JetStreamConsumer,
  NatsJetStreamHealth,
  type JetStreamConsumerOptions,
  type ReplayStart,
} from '@nest-jetstream/transport';
import { attemptSubject } from '../../runtime/src/dead-letter/attempt-record';
import { watchWrites } from '../support/api-writes';
import { deadLettersOf } from '../support/dead-letters';
import { eventually } from '../support/eventually';
import { Gate } from '../support/gate';
import { deleteStreams, isSettled, probe, type JetStreamProbe } from '../support/jetstream-probe';
import { startProxy } from '../support/nats-proxy';
import { startTestApp } from '../support/nest-app';
import { startTestServer, type TestServer } from '../support/nats-server';
import { ORDER_CREATED, OrdersStream, order, type OrderCreatedEvent } from '../support/orders';

const KINDS = {
  plain: { maxDeliver: 2, retryDelay: [10] },
  ordered: { orderBy: ({ product }: OrderCreatedEvent) => product, concurrency: 4 },
  pinned: { orderBy: ({ product }: OrderCreatedEvent) => product, orderAcross: 'instances' },
  pushed: { deliverTo: 'deliver.pushed', deliverGroup: 'shop' },
  narrow: { concurrency: 2, maxAckPending: 2 },
} as const satisfies Record<string, JetStreamConsumerOptions<OrderCreatedEvent>>;

let server: TestServer;
let jetStream: JetStreamProbe;
let app: INestApplicationContext;
let admin: JetStreamAdmin;
const handled: { by: string; id: number }[] = [];
/** Event that the handler of `plain` fails to handle. */
let broken: number | undefined;
let held: Gate | undefined;

function recorder(by: string, options: JetStreamConsumerOptions<OrderCreatedEvent>) {
  @Controller()
  class Recorder {
    @JetStreamConsumer(ORDER_CREATED, { durable: by, ...options })
    async handle({ id }: OrderCreatedEvent): Promise<void> {
      handled.push({ by, id });
      if (by === 'narrow' && id === 2) await held?.opened;
      if (by === 'plain' && id === broken) throw new Error('out of stock');
    }
  }
  return Recorder;
}

const idsOf = (name: string): number[] => handled.filter(({ by }) => by === name).map(({ id }) => id);
const settled = async (durable: string): Promise<boolean> => isSettled(jetStream, 'ORDERS', durable);
const publish = async (...ids: number[]): Promise<void> => {
  for (const id of ids) await jetStream.client.publish('order.created', JSON.stringify(order(id)));
};

beforeAll(async () => {
  server = await startTestServer();
});
beforeEach(async () => {
  jetStream = await probe(server.url);
  await deleteStreams(jetStream);
  handled.length = 0;
  broken = undefined;
  held = undefined;
});

const start = async (...kinds: (keyof typeof KINDS)[]): Promise<void> => {
  const controllers = kinds.map((kind) => recorder(kind, KINDS[kind]));
  app = await startTestApp(server.url, { controllers, streams: [OrdersStream] });
  admin = app.get(JetStreamAdmin);
};

async function storedAt(seq: number): Promise<Date> {
  const message = await jetStream.manager.streams.getMessage('ORDERS', { seq });
  if (!message) throw new Error(`Message ${seq} does not exist.`);
  return message.time;
}

describe('JetStreamAdmin.replay', () => {
  it('delivers handled messages again to running consumers, in order and before new ones', async () => {
    await start('plain', 'ordered', 'pinned', 'pushed');
    await publish(1, 2, 3, 4, 5, 6, 7, 8, 9, 10);
    const durables = ['plain', 'ordered', 'pinned', 'pushed'];
    for (const durable of durables) await eventually(`${durable} is settled`, async () => settled(durable));
    handled.length = 0;
    for (const durable of durables) expect(await admin.replay('ORDERS', durable, { fromSequence: 4 })).toBe(7);
    await publish(11);
    for (const durable of durables) {
      await eventually(`${durable} has the new event`, async () => idsOf(durable).includes(11) && settled(durable));
      expect(idsOf(durable)).toEqual([4, 5, 6, 7, 8, 9, 10, 11]);
      const { ack_floor, num_redelivered } = await jetStream.manager.consumers.info('ORDERS', durable);
      expect({ floor: ack_floor.stream_seq, num_redelivered }).toEqual({ floor: 11, num_redelivered: 0 });
    }
    expect(app.get(NatsJetStreamHealth).check()).toMatchObject({ status: 'up' });
  });

  it('delivers messages since a time, or of the last hours', async () => {
    await start('plain');
    await publish(1);
    const earlier = await storedAt(1);
    // A date has milliseconds, so messages of the same one cannot be told apart.
    await eventually('a millisecond has passed', () => Date.now() > earlier.getTime());
    await publish(2);
    await eventually('both are handled', async () => settled('plain'));
    expect(await admin.replay('ORDERS', 'plain', { since: await storedAt(2) })).toBe(1);
    await eventually('one is handled again', async () => idsOf('plain').length === 3 && settled('plain'));
    expect(await admin.replay('ORDERS', 'plain', { since: '2h' })).toBe(2);
    await eventually('both are handled again', () => idsOf('plain').length === 5);
    expect(idsOf('plain')).toEqual([1, 2, 2, 1, 2]);
  });

  it('gives a message all its attempts again', async () => {
    await start('plain');
    broken = 1;
    await publish(1, 2);
    await eventually('it is dead-lettered', async () => (await deadLettersOf(jetStream, 'ORDERS')).length === 1);
    await eventually('both are settled', async () => settled('plain'));
    handled.length = 0;
    await admin.replay('ORDERS', 'plain', { fromSequence: 1 });
    await eventually('it is handled again', async () => idsOf('plain').length === 3 && settled('plain'));
    expect(idsOf('plain').toSorted((a, b) => a - b)).toEqual([1, 1, 2]);
    broken = undefined;
    await admin.replay('ORDERS', 'plain', { fromSequence: 1 });
    await eventually('it is handled', async () => idsOf('plain').length === 5 && settled('plain'));
  });

  it('gives a message all its attempts again after a restart of the service', async () => {
    await start('plain');
    broken = 1;
    await publish(1);
    await eventually('it is dead-lettered', async () => idsOf('plain').length === 2 && settled('plain'));
    // Redriven messages keep their attempts, because a replay does not deliver them again.
    const of = { stream: 'ORDERS', consumer: 'plain', streamSequence: 1, deliveryCount: 1, storedAtNanos: '' };
    const others = [{ copy: 1 }, { consumer: 'other' }, { stream: 'OTHER' }].map((differs) =>
      attemptSubject({ ...of, consumerCreated: '', ...differs }),
    );
    for (const subject of others) await jetStream.client.publish(subject, '{}');
    await app.close();
    await start('plain');
    await jetStream.manager.streams.purge('ORDERS_DEAD');
    handled.length = 0;
    await admin.replay('ORDERS', 'plain', { fromSequence: 1 });
    await eventually('it is dead-lettered', async () => (await deadLettersOf(jetStream, 'ORDERS')).length === 1);
    expect(idsOf('plain')).toEqual([1, 1]);
    const [letter] = await deadLettersOf(jetStream, 'ORDERS');
    expect(letter?.header.get('Dead-Letter-Reason')).toBe('out of stock');
    for (const subject of others)
      expect(
        await jetStream.manager.streams.getMessage('JETSTREAM_ATTEMPTS', { last_by_subj: subject }),
      ).not.toBeNull();
  });

  it('changes nothing if the attempts cannot be reset', async () => {
    await start('plain');
    await publish(1);
    await eventually('it is handled', async () => settled('plain'));
    const { manager } = jetStream;
    await manager.streams.update('JETSTREAM_ATTEMPTS', { deny_purge: true });
    await expect(admin.replay('ORDERS', 'plain', { fromSequence: 1 })).rejects.toMatchObject({
      code: 'ADMIN_NOT_ALLOWED',
      message:
        "Not allowed to replay messages of consumer 'plain' of stream 'ORDERS'. " +
        "Stream 'JETSTREAM_ATTEMPTS' has deny_purge, which cannot be changed.",
    });
    expect((await manager.consumers.info('ORDERS', 'plain')).ack_floor.stream_seq).toBe(1);
    await manager.streams.delete('JETSTREAM_ATTEMPTS');
    expect(await admin.replay('ORDERS', 'plain', { fromSequence: 1 })).toBe(1);
  });

  it('skips no message that is not acknowledged', async () => {
    await start('narrow');
    held = new Gate();
    await publish(1, 2, 3, 4, 5);
    await eventually('the consumer is full', () => idsOf('narrow').includes(3));
    expect(await admin.replay('ORDERS', 'narrow', { fromSequence: 5 })).toBeGreaterThanOrEqual(1);
    held.open();
    await eventually('everything is handled', async () => idsOf('narrow').includes(5) && settled('narrow'));
    expect(new Set(idsOf('narrow'))).toEqual(new Set([1, 2, 3, 4, 5]));
    const { ack_floor } = await jetStream.manager.consumers.info('ORDERS', 'narrow');
    expect(ack_floor.stream_seq).toBe(5);
  });

  it('changes nothing if no message was handled from there on', async () => {
    await start('plain');
    await publish(1);
    await eventually('it is handled', async () => settled('plain'));
    expect(await admin.replay('ORDERS', 'plain', { fromSequence: 2 })).toBe(0);
    expect(idsOf('plain')).toEqual([1]);
  });
});

const stored = async (retention: 'limits' | 'workqueue' | 'interest', config: object = {}): Promise<void> => {
  const { manager } = jetStream;
  await start('plain');
  await manager.streams.add({ name: 'TASKS', subjects: ['task'], retention });
  await manager.consumers.add('TASKS', { durable_name: 'worker', ack_policy: 'explicit', ...config });
  for (let count = 0; count < 3; count++) await jetStream.client.publish('task', '{}');
  const consumer = await jetStream.client.consumers.get('TASKS', 'worker');
  for await (const message of await consumer.fetch({ max_messages: 2 })) await message.ackAck();
};

describe('JetStreamAdmin.replay refuses', () => {
  it.each<[string, 'limits' | 'workqueue' | 'interest', object, ReplayStart, string]>([
    ['a work queue', 'workqueue', {}, { fromSequence: 3 }, 'The stream is a work queue'],
    ['removed messages', 'interest', {}, { fromSequence: 2 }, 'Its first message is sequence 3.'],
    ['a time of removed messages', 'interest', {}, { since: new Date(0) }, 'Its first message is sequence 3.'],
    ['deliver policy new', 'limits', { deliver_policy: 'new' }, { fromSequence: 1 }, "Its deliver policy is 'new'"],
    [
      'a sequence before the start of the consumer',
      'limits',
      { deliver_policy: 'by_start_sequence', opt_start_seq: 2 },
      { fromSequence: 1 },
      'It begins at sequence 2',
    ],
  ])('%s', async (_what, retention, config, from, message) => {
    await stored(retention, config);
    await expect(admin.replay('TASKS', 'worker', from)).rejects.toMatchObject({
      code: 'REPLAY_REFUSED',
      message: expect.stringContaining(message),
    });
    const { delivered } = await jetStream.manager.consumers.info('TASKS', 'worker');
    expect(delivered.consumer_seq).toBe(2);
  });

  it('a server before 2.14, which cannot reset a consumer', async () => {
    await stored('limits');
    const older = await startProxy(server.url, { version: '2.13.4' });
    const other = await startTestApp(older.url, { id: 'other' });
    const writes = await watchWrites(jetStream);
    await expect(other.get(JetStreamAdmin).replay('TASKS', 'worker', { fromSequence: 1 })).rejects.toMatchObject({
      code: 'UNSUPPORTED_BY_SERVER',
      value: '2.13.4',
      message:
        "nats-server 2.13.4 cannot replay messages of consumer 'worker' of stream 'TASKS'. Upgrade it to 2.14 or later.",
    });
    expect(writes).toEqual([]);
    expect((await jetStream.manager.consumers.info('TASKS', 'worker')).delivered.consumer_seq).toBe(2);
  });

  it('unknown consumers and invalid starts', async () => {
    await start('plain');
    await expect(admin.replay('ORDERS', 'other', { fromSequence: 1 })).rejects.toMatchObject({
      code: 'MISSING_CONSUMER',
    });
    for (const from of [{}, { fromSequence: 0 }, { since: 5 }, { since: new Date(Date.now() + 60_000) }])
      await expect(admin.replay('ORDERS', 'plain', from as ReplayStart)).rejects.toMatchObject({
        code: 'INVALID_OPTION',
      });
  });
});
