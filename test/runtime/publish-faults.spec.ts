import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { NatsJetStreamClientProxy } from '@nest-jetstream/transport';
import { jetstream } from '@nats-io/jetstream';
import { probe } from '../support/jetstream-probe';
import { startProxy } from '../support/nats-proxy';
import { startTestServer } from '../support/nats-server';
import { startTestApp } from '../support/nest-app';
import { ORDER_CREATED, OrdersStream, order } from '../support/orders';

const failureOf = async (publishing: Promise<unknown>): Promise<unknown> =>
  publishing.then(
    (ack) => ({ stored: ack }),
    (error: unknown) => error,
  );

describe('Many events in flight', () => {
  it('are sent again after a reconnect, long before their timeout, and are stored once', async () => {
    const server = await startTestServer();
    const proxy = await startProxy(server.url);
    const app = await startTestApp(proxy.url, {
      connectionOptions: { servers: proxy.url, reconnectTimeWait: 50 },
      streams: [OrdersStream],
      // Longer than the test, so that no attempt times out.
      jetStreamOptions: { timeout: '1h' },
    });
    const client = app.get(NatsJetStreamClientProxy);
    await client.emitAsync(ORDER_CREATED, order(0));
    proxy.freeze();
    const inFlight = Array.from({ length: 200 }, (_, at) => client.emitAsync(ORDER_CREATED, order(at + 1)));
    // A second round, after the frames of the first were sent.
    await new Promise((resolve) => setImmediate(resolve));
    inFlight.push(...Array.from({ length: 200 }, (_, at) => client.emitAsync(ORDER_CREATED, order(at + 201))));
    proxy.cut();

    const acks = await Promise.all(inFlight);

    const { manager } = await probe(server.url);
    expect((await manager.streams.info('ORDERS')).state.messages).toBe(401);
    expect(new Set(acks.map(({ seq }) => seq)).size).toBe(400);
  });

  it('are not sent again with retries: 1, and time out', async () => {
    const server = await startTestServer();
    const proxy = await startProxy(server.url);
    const app = await startTestApp(proxy.url, {
      connectionOptions: { servers: proxy.url, reconnectTimeWait: 50 },
      streams: [OrdersStream],
    });
    const client = app.get(NatsJetStreamClientProxy);
    await client.emitAsync(ORDER_CREATED, order(0));
    proxy.freeze();
    const inFlight = [1, 2, 3].map((id) =>
      failureOf(client.emitAsync(ORDER_CREATED, order(id), { retries: 1, timeout: 700 })),
    );
    proxy.cut();

    for (const failure of await Promise.all(inFlight)) expect(failure).toMatchObject({ code: 'PUBLISH_TIMEOUT' });
    const { manager } = await probe(server.url);
    expect((await manager.streams.info('ORDERS')).state.messages).toBe(1);
  });

  it('keep their order for every kind of body', async () => {
    const server = await startTestServer();
    const app = await startTestApp(server.url, { streams: [OrdersStream] });
    const client = app.get(NatsJetStreamClientProxy);
    const large = 'ü'.repeat(40_000);
    const bodies = Array.from({ length: 60 }, (_, at) => {
      if (at % 3 === 0) return { at, text: 'Größe ✓ 𝒳' };
      return at % 3 === 1 ? new TextEncoder().encode(JSON.stringify({ at })) : { at, large };
    });
    await client.connect();

    const acks = await Promise.all(bodies.map((body) => client.emitAsync<unknown>('order.created', body)));

    expect(acks.map(({ seq }) => seq)).toEqual(bodies.map((_, at) => at + 1));
    const { manager } = await probe(server.url);
    for (const at of [0, 1, 2, 57, 58, 59]) {
      const stored = await manager.streams.getMessage('ORDERS', { seq: at + 1 });
      expect(JSON.parse(new TextDecoder().decode(stored!.data))).toMatchObject({ at });
    }
    const first = await manager.streams.getMessage('ORDERS', { seq: 1 });
    expect(first!.json()).toEqual({ at: 0, text: 'Größe ✓ 𝒳' });
  });

  it('have their own timeouts', async () => {
    const server = await startTestServer();
    const proxy = await startProxy(server.url);
    const app = await startTestApp(proxy.url, { streams: [OrdersStream] });
    const client = app.get(NatsJetStreamClientProxy);
    await client.emitAsync(ORDER_CREATED, order(0));
    proxy.freeze();
    const ended: number[] = [];
    const timeouts = [900, 100, 500, 100];
    await Promise.all(
      timeouts.map(async (timeout) => {
        await failureOf(client.emitAsync(ORDER_CREATED, order(1), { retries: 1, timeout }));
        ended.push(timeout);
      }),
    );
    proxy.cut();

    expect(ended).toEqual([100, 100, 500, 900]);
  });
});

const clientOf = async (url: string): Promise<NatsJetStreamClientProxy> => {
  const admin = await startTestApp(url, {
    connectionOptions: { servers: url, user: 'admin', pass: 'admin' },
    streams: [OrdersStream],
  });
  await admin.get(NatsJetStreamClientProxy).connect();
  const app = await startTestApp(url, { connectionOptions: { servers: url, user: 'shop', pass: 'shop' } });
  return app.get(NatsJetStreamClientProxy);
};

describe('User with missing permissions', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'nats-publish-'));
  });
  afterEach(async () => rm(folder, { recursive: true, force: true }));

  const serverWith = async (permissions: string): Promise<string> => {
    const conf = join(folder, 'nats.conf');
    const users = `[{ user: admin, password: admin }, { user: shop, password: shop, permissions: ${permissions} }]`;
    await writeFile(conf, `authorization { users: ${users} }`);
    return (await startTestServer({ extraArguments: ['-c', conf] })).url;
  };
  it('fails only the events whose subject it may not publish to', async () => {
    const client = await clientOf(
      await serverWith('{ publish: ["order.created", "$JS.API.>"], subscribe: "_INBOX.>" }'),
    );
    await client.emitAsync('order.created', order(0));

    const [refused, stored, refusedToo] = await Promise.all([
      failureOf(client.emitAsync('order.deleted', { id: 1 }, { timeout: '20s' })),
      failureOf(client.emitAsync('order.created', order(2))),
      failureOf(client.emitAsync('order.deleted', { id: 3 }, { timeout: '20s' })),
    ]);

    for (const failure of [refused, refusedToo]) {
      expect(failure).toMatchObject({ code: 'PERMISSION_DENIED', operation: 'publish', value: 'order.deleted' });
    }
    expect(stored).toMatchObject({ stored: { seq: 2 } });
  });

  it('fails if it may not subscribe to the inbox of PubAcks', async () => {
    const client = await clientOf(await serverWith('{ publish: ">", subscribe: "nothing" }'));

    const failure = await failureOf(client.emitAsync('order.created', order(1), { timeout: '1s', retries: 1 }));

    expect(failure).toMatchObject({ code: 'PERMISSION_DENIED', operation: 'subscribe' });
  });
});

it('writes the same headers as nats.js', async () => {
  const server = await startTestServer();
  const app = await startTestApp(server.url, {
    streamConfig: { name: 'ORDERS', subjects: ['order.>'], allow_msg_ttl: true },
  });
  const options = {
    msgID: 'order-1',
    ttl: '60s',
    expect: { streamName: 'ORDERS', lastSequence: 0, lastSubjectSequence: 0 },
  } as const;
  const ours = await app
    .get(NatsJetStreamClientProxy)
    .emitAsync('order.created', order(1), { ...options, headers: { 'X-Trace': ['a', 'b'], city: 'Zürich' } });
  const { connection, manager } = await probe(server.url);
  const own = (await manager.streams.getMessage('ORDERS', { seq: ours.seq }))!.header;
  await manager.streams.purge('ORDERS');
  const { headers } = await import('@nats-io/transport-node');
  const given = headers();
  for (const value of ['a', 'b']) given.append('X-Trace', value);
  given.append('city', 'Zürich');
  const theirs = await jetstream(connection).publish('order.created', '{}', {
    ...options,
    msgID: 'order-2',
    expect: { ...options.expect, lastSequence: 1 },
    headers: given,
  });
  const expected = (await manager.streams.getMessage('ORDERS', { seq: theirs.seq }))!.header;
  const comparable = (of: typeof own): [string, string[]][] =>
    [...of]
      .filter(([name]) => !['Nats-Msg-Id', 'Nats-Expected-Last-Sequence'].includes(name))
      .toSorted(([a], [b]) => a.localeCompare(b));

  expect(comparable(own)).toEqual(comparable(expected));
  expect(own.get('Nats-Msg-Id')).toBe('order-1');
  expect(own.get('Nats-Expected-Last-Sequence')).toBe('0');
});
