import {
  defineStream,
  NatsJetStreamRecordBuilder,
  subject,
  type NatsJetStreamClientOptions,
  type NatsJetStreamClientProxy,
  type NatsJetStreamError,
} from '@nest-jetstream/transport';
import { DiscardPolicy } from '@nats-io/jetstream';
import { headers } from '@nats-io/transport-node';
import { z } from 'zod';
import { createClient } from '../support/clients';
import { startConfiguredServer } from '../support/configured-server';
import { eventually } from '../support/eventually';
import { probe, type JetStreamProbe } from '../support/jetstream-probe';
import { startTestCluster } from '../support/nats-cluster';
import type { NatsFrame } from '../support/nats-frames';
import { startProxy } from '../support/nats-proxy';
import { startTestServer, type TestServer } from '../support/nats-server';
import { ORDER_CREATED, ORDER_DELETED, order, type OrderCreatedEvent } from '../support/orders';

const ORDER_CHECKED = subject(z.object({ id: z.number() }))('order.checked');
const PAYMENT_DUE = subject<{ amount: number }>()('payment.due');
const OTHER_DUE = subject<{ amount: number }>()('other.due');

const Orders = defineStream({ name: 'ORDERS', subjects: ['order.>'], allowAtomic: true });
const Payments = defineStream({ name: 'PAYMENTS', subjects: ['payment.>'], allowAtomic: true });

/** Not a literal, which the compiler refuses. */
const BLANK: string = ' ';
const isEvent = ({ line }: NatsFrame): boolean => line.startsWith('HPUB order.');
const isBatchAck = ({ payload }: NatsFrame): boolean => payload.includes('"count":');
const isCommit = ({ payload }: NatsFrame): boolean => payload.includes('Nats-Batch-Commit: 1');
const ordersFrom = (from: number, count: number): (readonly [typeof ORDER_CREATED, OrderCreatedEvent])[] =>
  Array.from({ length: count }, (_, at) => [ORDER_CREATED, order(from + at)] as const);

const failureOf = async (publishing: Promise<unknown>): Promise<NatsJetStreamError> =>
  publishing.then(
    (ack) => Promise.reject(new Error(`stored: ${JSON.stringify(ack)}`)),
    (error: NatsJetStreamError) => error,
  );

let server: TestServer;
let jetStream: JetStreamProbe;
beforeEach(async () => {
  server = await startTestServer();
  jetStream = await probe(server.url);
  await jetStream.manager.streams.add({ name: 'ORDERS', subjects: ['order.>'], allow_atomic: true });
});

const clientOf = (url = server.url, more: NatsJetStreamClientOptions = {}): NatsJetStreamClientProxy =>
  createClient({ connectionOptions: { servers: url, reconnectTimeWait: 20 }, ...more });

const countIn = async (stream = 'ORDERS'): Promise<number> =>
  (await jetStream.manager.streams.info(stream)).state.messages;

async function storedMessages(): Promise<{ subject: string; id: string; data: unknown }[]> {
  const { state } = await jetStream.manager.streams.info('ORDERS');
  const stored = [];
  for (let seq = state.first_seq; seq <= state.last_seq; seq++) {
    const message = await jetStream.manager.streams.getMessage('ORDERS', { seq });
    if (message) stored.push({ subject: message.subject, id: message.header.get('Nats-Msg-Id'), data: message.json() });
  }
  return stored;
}

describe('emitAll', () => {
  it('stores all events, one after the other', async () => {
    const client = clientOf();
    await client.emitAsync(ORDER_CREATED, order(0));

    const ack = await client.emitAll(
      [
        [ORDER_CREATED, order(1)],
        [ORDER_DELETED, { id: 1 }],
        ['order.plain', 'text'],
      ],
      { msgID: 'sale-1' },
    );

    expect(ack).toEqual({ stream: 'ORDERS', seq: 4, firstSeq: 2, count: 3, duplicate: false });
    expect((await storedMessages()).slice(1)).toEqual([
      { subject: 'order.created', id: 'sale-1-1/3', data: order(1) },
      { subject: 'order.deleted', id: 'sale-1-2/3', data: { id: 1 } },
      { subject: 'order.plain', id: 'sale-1-3/3', data: 'text' },
    ]);
  });

  it('stores a batch of one event', async () => {
    expect(await clientOf().emitAll([[ORDER_CREATED, order(1)]])).toMatchObject({ seq: 1, firstSeq: 1, count: 1 });
  });

  it('gives each event the options of the batch and those of its record', async () => {
    await jetStream.manager.streams.update('ORDERS', { allow_msg_ttl: true });
    const record = new NatsJetStreamRecordBuilder(order(2)).setHeaders({ tenant: 'us', own: 'yes' }).build();
    const client = clientOf(undefined, { jetStreamPublishOptions: { headers: { service: 'shop' } } });

    await client.emitAll(
      [
        [ORDER_CREATED, order(1)],
        [ORDER_CREATED, record],
      ],
      { headers: { tenant: 'eu' }, ttl: '1m' },
    );

    const stored = [1, 2].map(async (seq) => (await jetStream.manager.streams.getMessage('ORDERS', { seq }))?.header);
    const [first, second] = await Promise.all(stored);
    expect([first?.get('tenant'), first?.get('service'), first?.get('Nats-TTL')]).toEqual(['eu', 'shop', '60s']);
    expect([second?.get('tenant'), second?.get('own'), second?.get('Nats-TTL')]).toEqual(['us', 'yes', '60s']);
  });

  it('resolves with duplicate when the batch was stored before', async () => {
    const events = ordersFrom(1, 3);
    await clientOf().emitAll(events, { msgID: 'sale-1' });
    await clientOf().emitAsync(ORDER_CREATED, order(9));

    const ack = await clientOf().emitAll(events, { msgID: 'sale-1' });

    expect(ack).toEqual({ stream: 'ORDERS', seq: 3, firstSeq: 1, count: 3, duplicate: true });
    expect(await countIn()).toBe(4);
  });

  it('waits for the connection and puts the declared stream in place', async () => {
    const own = await startTestServer();
    const client = clientOf(own.url, { streamConfig: Orders });

    expect(await client.emitAll(ordersFrom(1, 2))).toMatchObject({ stream: 'ORDERS', seq: 2 });
    const { config } = await (await probe(own.url)).manager.streams.info('ORDERS');
    expect(config.allow_atomic).toBe(true);
  });

  it('keeps the order with single events of the same client', async () => {
    const client = clientOf();
    // The first of each kind waits until answers can be received.
    await client.emitAll(ordersFrom(0, 1));
    await client.emitAsync(ORDER_CREATED, order(0));
    const published = [
      client.emitAsync(ORDER_CREATED, order(1)),
      client.emitAll(ordersFrom(2, 500)),
      client.emitAsync(ORDER_CREATED, order(502)),
    ];

    const seqs = (await Promise.all(published)).map(({ seq }) => seq);

    expect(seqs).toEqual([3, 503, 504]);
  });

  it('stores the batches of three clients at the same time', async () => {
    const clients = [1, 2, 3].map(() => clientOf());
    await Promise.all(clients.map(async (client) => client.connect()));

    const acks = await Promise.all(
      clients.flatMap((client, at) =>
        [0, 1].map(async (round) => client.emitAll(ordersFrom((at * 2 + round) * 1_000, 1_000))),
      ),
    );

    expect(acks.map(({ firstSeq }) => firstSeq).toSorted((a, b) => a - b)).toEqual([1, 1001, 2001, 3001, 4001, 5001]);
    expect(await countIn()).toBe(6_000);
    for (const [index, { firstSeq }] of acks.entries()) {
      const message = await jetStream.manager.streams.getMessage('ORDERS', { seq: firstSeq + 500 });
      expect(message?.json()).toEqual(order(index * 1_000 + 500));
    }
  });

  it('stores 200 batches of one client at the same time', async () => {
    const client = clientOf();

    const acks = await Promise.all(Array.from({ length: 200 }, (_, at) => client.emitAll(ordersFrom(at * 3, 3))));

    expect(new Set(acks.map(({ seq }) => seq)).size).toBe(200);
    expect(await countIn()).toBe(600);
  });
});

describe('emitAll with an answer that is lost', () => {
  it('stores the batch once when the answer to the commit is lost', async () => {
    const proxy = await startProxy(server.url);
    const client = clientOf(proxy.url, { jetStreamOptions: { timeout: 300 } });
    const commits = proxy.watch('toServer', isCommit);
    const lost = proxy.loseOne('toClient', isBatchAck);
    const publishing = client.emitAll(ordersFrom(1, 3));
    await lost;

    expect(await publishing).toEqual({ stream: 'ORDERS', seq: 3, firstSeq: 1, count: 3, duplicate: true });
    expect(commits).toHaveLength(2);
    expect(await countIn()).toBe(3);
  });

  it('stores a batch with expectations once', async () => {
    const proxy = await startProxy(server.url);
    const client = clientOf(proxy.url, { jetStreamOptions: { timeout: 300 } });
    const lost = proxy.loseOne('toClient', isBatchAck);
    const record = new NatsJetStreamRecordBuilder(order(1)).setOptions({ expect: { lastSubjectSequence: 0 } }).build();
    const publishing = client.emitAll(
      [
        [ORDER_CREATED, record],
        [ORDER_DELETED, { id: 1 }],
      ],
      { expect: { lastSequence: 0, streamName: 'ORDERS' } },
    );
    await lost;

    expect(await publishing).toMatchObject({ seq: 2, duplicate: true });
    expect(await countIn()).toBe(2);
  });

  it('takes the answer of an earlier attempt that arrives late', async () => {
    const proxy = await startProxy(server.url);
    const client = clientOf(proxy.url, { jetStreamOptions: { timeout: 500 } });
    await client.connect();
    const first = proxy.holdOne('toClient', isBatchAck);
    const second = proxy.loseOne('toServer', (frame) => commits.length === 2 && isCommit(frame));
    const commits = proxy.watch('toServer', isCommit);
    const publishing = client.emitAll(ordersFrom(1, 2), { retries: 2 });
    await second;
    first.pass();

    expect(await publishing).toEqual({ stream: 'ORDERS', seq: 2, firstSeq: 1, count: 2, duplicate: false });
  });

  it('stores the batch once when one of its frames is lost', async () => {
    const proxy = await startProxy(server.url);
    const client = clientOf(proxy.url);
    await client.connect();
    void proxy.loseOne('toServer', ({ payload }) => payload.includes('Nats-Batch-Sequence: 2'));

    expect(await client.emitAll(ordersFrom(1, 3))).toMatchObject({ seq: 3, duplicate: false });
    expect(await countIn()).toBe(3);
  });

  it('stores the batch once when the connection is cut between its frames', async () => {
    const proxy = await startProxy(server.url);
    const client = clientOf(proxy.url);
    await client.connect();
    void proxy
      .loseOne('toServer', ({ payload }) => payload.includes('Nats-Batch-Sequence: 300'))
      .then(() => proxy.cut());

    expect(await client.emitAll(ordersFrom(1, 1_000))).toMatchObject({ firstSeq: 1, seq: 1_000 });
    expect(await countIn()).toBe(1_000);
  });

  it('stores the batch once when the server restarts before the answer', async () => {
    const proxy = await startProxy(server.url);
    const client = clientOf(proxy.url);
    await client.connect();
    const lost = proxy.loseOne('toClient', isBatchAck);
    const publishing = client.emitAll(ordersFrom(1, 100));
    await lost;
    await server.kill();
    await server.restart();

    expect(await publishing).toEqual({ stream: 'ORDERS', seq: 100, firstSeq: 1, count: 100, duplicate: true });
    expect(await countIn()).toBe(100);
  });

  it('reports a batch as unknown after its only attempt, and a second call stores it once', async () => {
    const proxy = await startProxy(server.url);
    const client = clientOf(proxy.url, { jetStreamOptions: { timeout: 300 } });
    const lost = proxy.loseOne('toClient', isBatchAck);
    const publishing = failureOf(client.emitAll(ordersFrom(1, 3), { retries: 1 }));
    await lost;

    const failure = await publishing;
    expect(failure).toMatchObject({ code: 'PUBLISH_TIMEOUT', messageId: expect.any(String) });
    const { messageId } = failure as NatsJetStreamError & { messageId: string };
    expect(await client.emitAll(ordersFrom(1, 3), { msgID: messageId })).toMatchObject({ seq: 3, duplicate: true });
    expect(await countIn()).toBe(3);
  });
});

describe('emitAll on a stream with three replicas', () => {
  it('stores the batch once when the answer to the commit is lost', async () => {
    const cluster = await startTestCluster();
    jetStream = await probe([...cluster.urls]);
    await jetStream.manager.streams.add({
      name: 'ORDERS',
      subjects: ['order.>'],
      allow_atomic: true,
      num_replicas: 3,
    });
    const proxy = await startProxy(cluster.urls[0] ?? '');
    const client = createClient({
      connectionOptions: { servers: proxy.url, ignoreClusterUpdates: true },
      jetStreamOptions: { timeout: 1_000 },
    });
    const lost = proxy.loseOne('toClient', isBatchAck);
    const publishing = client.emitAll(ordersFrom(1, 100));
    await lost;

    expect(await publishing).toEqual({ stream: 'ORDERS', seq: 100, firstSeq: 1, count: 100, duplicate: true });
    expect(await countIn()).toBe(100);
  });

  it('stores the batches once while its leader is killed', async () => {
    const cluster = await startTestCluster();
    jetStream = await probe([...cluster.urls]);
    const { cluster: placed } = await jetStream.manager.streams.add({
      name: 'ORDERS',
      subjects: ['order.>'],
      allow_atomic: true,
      num_replicas: 3,
    });
    const leader = placed?.leader ?? '';
    const client = createClient({ connectionOptions: { servers: [...cluster.urls], reconnectTimeWait: 20 } });
    let began = 0;
    const publishing = Promise.all(
      Array.from({ length: 30 }, async (_, at) => {
        const sequences = [];
        for (let round = 0; round < 3; round++) {
          began++;
          sequences.push((await client.emitAll(ordersFrom((at * 3 + round) * 20, 20))).firstSeq);
        }
        return sequences;
      }),
    );
    await eventually('some are stored', () => began > 40);
    await cluster.kill(leader);

    const sequences = (await publishing).flat();
    expect(new Set(sequences).size).toBe(90);
    await cluster.restore();
    expect(await countIn()).toBe(1_800);
  });
});

describe('emitAll that the server refuses', () => {
  const events = ordersFrom(1, 2);

  it('stores nothing when an expectation fails', async () => {
    const record = new NatsJetStreamRecordBuilder(order(1)).setOptions({ expect: { lastSubjectSequence: 7 } }).build();
    const client = clientOf();

    const failures = [
      client.emitAll(events, { expect: { lastSequence: 7 } }),
      client.emitAll([...events, [ORDER_CREATED, record]]),
    ].map(failureOf);

    for (const failure of await Promise.all(failures)) expect(failure).toMatchObject({ code: 'WRONG_LAST_SEQUENCE' });
    expect(await countIn()).toBe(0);
  });

  it('stores nothing in a stream without allowAtomic', async () => {
    await jetStream.manager.streams.add({ name: 'OTHERS', subjects: ['other.>'] });

    const failure = await failureOf(clientOf().emitAll([[OTHER_DUE, { amount: 1 }]]));

    expect(failure).toMatchObject({ code: 'BATCH_NOT_ALLOWED', value: 'other.due', cause: { code: 10_174 } });
    expect(failure.message).toContain('Declare it with allowAtomic: true in defineStream.');
    expect(await countIn('OTHERS')).toBe(0);
  });

  it.each([true, false])('stores nothing when the events belong to two streams (allow_atomic %s)', async (both) => {
    await jetStream.manager.streams.add({ name: 'OTHERS', subjects: ['other.>'], allow_atomic: both });
    const client = clientOf();

    const failures = [
      client.emitAll([...events, [OTHER_DUE, { amount: 1 }]]),
      client.emitAll([[ORDER_CREATED, order(1)], [OTHER_DUE, { amount: 1 }], ...events]),
    ].map(failureOf);

    for (const failure of await Promise.all(failures))
      expect(failure).toMatchObject({ code: 'BATCH_ACROSS_STREAMS', value: 'other.due' });
    expect(await countIn()).toBe(0);
    expect(await countIn('OTHERS')).toBe(0);
  });

  it('stores nothing when no stream stores one of the subjects', async () => {
    const failure = await failureOf(
      clientOf().emitAll([[ORDER_CREATED, order(1)], [OTHER_DUE, { amount: 1 }], ...events]),
    );

    expect(failure).toMatchObject({ code: 'NO_STREAM_FOR_SUBJECT', value: 'other.due' });
    expect(await countIn()).toBe(0);
  });

  it('stores nothing when the stream has no room for all', async () => {
    await jetStream.manager.streams.update('ORDERS', { max_msgs: 2, discard: DiscardPolicy.New });

    expect(await failureOf(clientOf().emitAll(ordersFrom(1, 3)))).toMatchObject({ code: 'STREAM_FULL' });
    expect(await countIn()).toBe(0);
    expect(await clientOf().emitAll(ordersFrom(1, 2))).toMatchObject({ seq: 2 });
  });

  it('stores nothing when one event is too large for the stream', async () => {
    await jetStream.manager.streams.update('ORDERS', { max_msg_size: 1_000 });

    const failure = await failureOf(
      clientOf().emitAll([
        [ORDER_CREATED, order(1)],
        ['order.note', 'x'.repeat(2_000)],
        [ORDER_CREATED, order(2)],
      ]),
    );

    expect(failure).toMatchObject({ code: 'PAYLOAD_TOO_LARGE', limit: 1_000 });
    expect(await countIn()).toBe(0);
  });

  it('stores nothing when another event has one of the message ids', async () => {
    const client = clientOf();
    await client.emitAsync(ORDER_CREATED, order(0), { msgID: 'sale-1-2/3' });

    const failure = await failureOf(client.emitAll(ordersFrom(1, 3), { msgID: 'sale-1' }));

    expect(failure).toMatchObject({ code: 'BATCH_CONFLICT', messageId: 'sale-1', cause: { code: 10_201 } });
    expect(await countIn()).toBe(1);
  });

  it('retries when the stream has too many open batches', async () => {
    const own = await startConfiguredServer(
      'jetstream { limits { batch { max_inflight_per_stream: 1, timeout: 1s } } }',
    );
    jetStream = await probe(own.url);
    await jetStream.manager.streams.add({ name: 'ORDERS', subjects: ['order.>'], allow_atomic: true });
    const { connection } = jetStream;
    const open = headers();
    open.set('Nats-Batch-Id', 'open');
    open.set('Nats-Batch-Sequence', '1');
    await connection.request('order.created', '{}', { headers: open, timeout: 1_000 });

    expect(await clientOf(own.url).emitAll(events)).toMatchObject({ count: 2 });
    expect(await countIn()).toBe(2);
  });

  it('reports a missing permission', async () => {
    const own = await startConfiguredServer(`
jetstream {}
no_auth_user: test
authorization { users: [
  { user: test, password: test }
  { user: shop, password: shop, permissions: { publish: { allow: ">", deny: "order.deleted" } } }
] }`);
    jetStream = await probe(own.url);
    await jetStream.manager.streams.add({ name: 'ORDERS', subjects: ['order.>'], allow_atomic: true });
    const client = createClient({ connectionOptions: { servers: own.url, user: 'shop', pass: 'shop' } });

    const failure = await failureOf(
      client.emitAll([
        [ORDER_CREATED, order(1)],
        [ORDER_DELETED, { id: 1 }],
        [ORDER_CREATED, order(2)],
      ]),
    );

    expect(failure).toMatchObject({ code: 'PERMISSION_DENIED', operation: 'publish', value: 'order.deleted' });
    expect(await countIn()).toBe(0);
  });
});

describe('emitAll that is refused before anything is sent', () => {
  it.each<[string, (client: NatsJetStreamClientProxy) => Promise<unknown>, object]>([
    ['an empty list', (client) => client.emitAll([]), { code: 'INVALID_OPTION', value: 0 }],
    ['1,001 events', (client) => client.emitAll(ordersFrom(1, 1_001)), { code: 'INVALID_OPTION', value: 1_001 }],
    ['no list', (client) => client.emitAll('order.created' as never), { code: 'INVALID_OPTION' }],
    ['no pairs', (client) => client.emitAll(['order.created', {}] as never), { code: 'INVALID_OPTION' }],
    [
      'an event that does not match its schema',
      (client) =>
        client.emitAll(
          [
            [ORDER_CHECKED, { id: 1 }],
            [ORDER_CHECKED, { id: 2 }],
            [ORDER_CHECKED, { id: 'three' as never }],
          ],
          { validate: true },
        ),
      { code: 'INVALID_EVENT' },
    ],
    [
      'an event that cannot be written',
      (client) => client.emitAll([...ordersFrom(1, 2), ['order.plain', 1n]]),
      { code: 'UNSERIALIZABLE_EVENT' },
    ],
    [
      'an event that is larger than max_payload',
      (client) => client.emitAll([...ordersFrom(1, 2), ['order.plain', 'x'.repeat(1_100_000)]]),
      { code: 'PAYLOAD_TOO_LARGE' },
    ],
    ['an invalid subject', (client) => client.emitAll([...ordersFrom(1, 2), [BLANK, 1]]), { code: 'INVALID_SUBJECT' }],
    [
      'an unknown option',
      (client) => client.emitAll(ordersFrom(1, 2), { msgId: 'sale' } as never),
      { code: 'INVALID_OPTION' },
    ],
    [
      'expect.lastMsgID',
      (client) => client.emitAll(ordersFrom(1, 2), { expect: { lastMsgID: 'sale' } as never }),
      { code: 'INVALID_OPTION' },
    ],
    [
      'an expectation without a value',
      (client) =>
        client.emitAll([
          [
            ORDER_CREATED,
            new NatsJetStreamRecordBuilder(order(1))
              .setOptions({ expect: { lastSubjectSequence: undefined } as never })
              .build(),
          ],
        ]),
      { code: 'INVALID_OPTION' },
    ],
    [
      'a message id of one event',
      (client) =>
        client.emitAll([[ORDER_CREATED, new NatsJetStreamRecordBuilder(order(1)).setMessageId('own').build()]]),
      { code: 'INVALID_OPTION', value: 'own' },
    ],
    [
      'subjects of two declared streams',
      (client) => client.emitAll([...ordersFrom(1, 2), [PAYMENT_DUE, { amount: 1 }]]),
      { code: 'BATCH_ACROSS_STREAMS', value: 'payment.due' },
    ],
  ])('because of %s', async (_what, emit, error) => {
    const proxy = await startProxy(server.url);
    const client = clientOf(proxy.url, { streamConfig: [Orders, Payments] });
    await client.connect();
    const frames = proxy.watch('toServer', isEvent);

    expect(await failureOf(emit(client))).toMatchObject(error);

    expect(frames).toHaveLength(0);
    expect(await countIn()).toBe(0);
  });

  it('because the server is older than 2.12', async () => {
    const proxy = await startProxy(server.url, { version: '2.11.9' });
    const client = clientOf(proxy.url);
    const frames = proxy.watch('toServer', isEvent);

    const failure = await failureOf(client.emitAll(ordersFrom(1, 2)));

    expect(failure).toMatchObject({ code: 'UNSUPPORTED_BY_SERVER', value: '2.11.9' });
    expect(frames).toHaveLength(0);
    expect(await countIn()).toBe(0);
  });
});

describe('emitAll and maxInFlight', () => {
  it('counts each event of a batch, and lets a larger batch run alone', async () => {
    const proxy = await startProxy(server.url);
    const client = clientOf(proxy.url, { maxInFlight: 10 });
    await client.connect();
    const held = proxy.holdOne('toClient', isBatchAck);
    const first = client.emitAll(ordersFrom(1, 8));
    await held.held;
    const frames = proxy.watch('toServer', isEvent);
    const single = client.emitAsync(ORDER_CREATED, order(100));
    const large = client.emitAll(ordersFrom(200, 30));
    const last = client.emitAsync(ORDER_CREATED, order(300));
    expect(await single).toMatchObject({ seq: 9 });
    expect(frames).toHaveLength(1);
    held.pass();

    expect(await first).toMatchObject({ seq: 8 });
    expect(await large).toMatchObject({ firstSeq: 10, seq: 39 });
    expect(await last).toMatchObject({ seq: 40 });
  });
});

describe('closing while a batch is under way', () => {
  it('waits for its answer', async () => {
    const proxy = await startProxy(server.url);
    const client = clientOf(proxy.url);
    const held = proxy.holdOne('toClient', isBatchAck);
    const publishing = client.emitAll(ordersFrom(1, 3));
    await held.held;
    const closing = client.close();
    held.pass();
    await closing;

    expect(await publishing).toMatchObject({ seq: 3 });
    await expect(client.emitAll(ordersFrom(1, 3))).rejects.toMatchObject({ code: 'CONNECTION_CLOSED' });
  });

  it('reports it as unknown after closeTimeout, and a waiting batch as not stored', async () => {
    const proxy = await startProxy(server.url);
    const client = clientOf(proxy.url, { closeTimeout: 200, maxInFlight: 3 });
    const lost = proxy.loseOne('toClient', isBatchAck);
    const failures = [client.emitAll(ordersFrom(1, 3)), client.emitAll(ordersFrom(4, 3))].map(failureOf);
    await lost;
    await client.close();

    const [sent, waiting] = await Promise.all(failures);
    expect(sent).toMatchObject({ code: 'PUBLISH_UNCONFIRMED', messageId: expect.any(String) });
    expect(waiting).toMatchObject({ code: 'CONNECTION_CLOSED' });
    expect(await countIn()).toBe(3);
  });
});
