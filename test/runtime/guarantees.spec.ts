import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Controller } from '@nestjs/common';
import { Ctx, Payload } from '@nestjs/microservices';
import {
  JetStreamConsumer,
  NatsJetStreamClientProxy,
  type JetStreamConsumerOptions,
  type NatsJetStreamContext,
} from '@nest-jetstream/transport';
import { eventually } from '../support/eventually';
import { freePorts } from '../support/ports';
import { isSettled, probe } from '../support/jetstream-probe';
import { startProxy } from '../support/nats-proxy';
import { startTestServer } from '../support/nats-server';
import { startTestApp, type TestAppOptions } from '../support/nest-app';
import { ORDER_CREATED, OrdersStream, order, type OrderCreatedEvent } from '../support/orders';

interface Received {
  readonly id: number;
  readonly subject: string;
  readonly sequence: number;
  readonly timestamp: Date;
}

function start(
  url: string,
  subject: string,
  options: JetStreamConsumerOptions,
  received: Received[],
  app: TestAppOptions = {},
) {
  @Controller()
  class Orders {
    @JetStreamConsumer(subject, options)
    handle(@Payload() event: unknown, @Ctx() context: NatsJetStreamContext): void {
      const { id } = event as OrderCreatedEvent;
      const { subject: of, sequence, timestamp } = context;
      received.push({ id, subject: of, sequence, timestamp });
    }
  }
  return startTestApp(url, { controllers: [Orders], streams: [OrdersStream], ...app });
}

const idsOf = (received: readonly Received[]): number[] => received.map(({ id }) => id);

describe('Replay', () => {
  it('starts a new consumer by sequence or time without affecting other consumers', async () => {
    const { url } = await startTestServer();
    const jetStream = await probe(url);
    const live: Received[] = [];
    const app = await start(url, 'order.created', { durable: 'live' }, live);
    const client = app.get(NatsJetStreamClientProxy);
    for (const id of [1, 2, 3, 4]) await client.emitAsync(ORDER_CREATED, order(id));
    await eventually(
      'the live consumer is settled',
      async () => live.length === 4 && isSettled(jetStream, 'ORDERS', 'live'),
    );

    const [, , third] = live;
    const bySequence: Received[] = [];
    await start(url, 'order.created', { durable: 'by-sequence', startSequence: third?.sequence ?? 0 }, bySequence);
    const byTime: Received[] = [];
    // A Date has milliseconds and the server compares nanoseconds, so earlier messages of the same
    // millisecond may come first.
    await start(url, 'order.created', { durable: 'by-time', startTime: third?.timestamp ?? new Date() }, byTime);
    await eventually('the consumer by sequence is done', () => bySequence.length === 2);
    await eventually('the consumer by time is done', () => idsOf(byTime).includes(4));
    expect(idsOf(bySequence)).toEqual([3, 4]);
    expect(idsOf(byTime)).toEqual(idsOf(live).slice(-byTime.length));
    expect(idsOf(byTime)).toContain(3);
    expect(idsOf(live)).toEqual([1, 2, 3, 4]);
  });

  it('delivers the last message of each subject that a wildcard covers', async () => {
    const { url } = await startTestServer();
    const jetStream = await probe(url);
    await startTestApp(url, { streams: [OrdersStream] });
    const published: [string, number][] = [
      ['order.eu.1', 1],
      ['order.eu.2', 2],
      ['order.eu.1', 3],
      ['order.us.1', 4],
      ['order.eu.1.late', 5],
    ];
    for (const [subject, id] of published) await jetStream.client.publish(subject, JSON.stringify(order(id)));
    const last: Received[] = [];
    await start(url, 'order.eu.*', { durable: 'last', deliverPolicy: 'LastPerSubject' }, last);
    await eventually('the last messages of two subjects are handled', () => last.length === 2);
    await jetStream.client.publish('order.eu.2', JSON.stringify(order(6)));
    await eventually(
      'the next event is handled',
      async () => last.length === 3 && isSettled(jetStream, 'ORDERS', 'last'),
    );
    expect(last.map(({ subject, id }) => [subject, id])).toEqual([
      ['order.eu.2', 2],
      ['order.eu.1', 3],
      ['order.eu.2', 6],
    ]);
  });
});

describe('Wildcards', () => {
  it('match one token with * and the rest with >, and each handler gets every match', async () => {
    const { url } = await startTestServer();
    const jetStream = await probe(url);
    const one: Received[] = [];
    const rest: Received[] = [];
    await start(url, 'order.*', { durable: 'one' }, one);
    await start(url, 'order.>', { durable: 'rest' }, rest);
    for (const [at, subject] of ['order.created', 'order.eu.created', 'order.deleted'].entries())
      await jetStream.client.publish(subject, JSON.stringify(order(at + 1)));
    await eventually('every event is handled', () => one.length === 2 && rest.length === 3);
    expect(idsOf(one)).toEqual([1, 3]);
    expect(idsOf(rest)).toEqual([1, 2, 3]);
  });
});

it('shares the messages of a queue group between instances, each message once', async () => {
  const { url } = await startTestServer();
  const jetStream = await probe(url);
  const parts: Received[][] = [[], []];
  for (const part of parts) await start(url, 'order.created', { durable: 'shared', deliverGroup: 'shop' }, part);
  const ids = Array.from({ length: 100 }, (_, at) => at + 1);
  await Promise.all(ids.map(async (id) => jetStream.client.publish('order.created', JSON.stringify(order(id)))));
  await eventually('every message is settled', async () => isSettled(jetStream, 'ORDERS', 'shared'));
  expect(idsOf(parts.flat()).toSorted((a, b) => a - b)).toEqual(ids);
  expect(parts.every((part) => part.length > 0)).toBe(true);
});

const account = (name: string): string => `${name}: { jetstream: enabled, users: [{ user: ${name}, password: pw }] }`;

describe('Accounts and domains', () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'nats-accounts-'));
  });
  afterAll(async () => rm(folder, { recursive: true, force: true }));

  it('isolate streams of the same name in two accounts of one server', async () => {
    const file = join(folder, 'accounts.conf');
    await writeFile(file, `accounts { ${account('eu')}, ${account('us')} }`);
    const { url } = await startTestServer({ extraArguments: ['-c', file] });
    const received: Record<string, Received[]> = { eu: [], us: [] };
    for (const [user, mine] of Object.entries(received)) {
      const connectionOptions = { servers: url, user, pass: 'pw' };
      const app = await start(url, 'order.created', { durable: 'orders' }, mine, { connectionOptions });
      const ack = await app.get(NatsJetStreamClientProxy).emitAsync(ORDER_CREATED, order(user === 'eu' ? 1 : 2));
      expect(ack).toMatchObject({ stream: 'ORDERS', seq: 1, duplicate: false });
    }
    await eventually('each account handles its own event', () =>
      Object.values(received).every(({ length }) => length === 1),
    );
    expect(received).toMatchObject({ eu: [{ id: 1 }], us: [{ id: 2 }] });
  });

  it('let a service at a leaf node use the streams of the hub', async () => {
    const hubFile = join(folder, 'hub.conf');
    const [port] = await freePorts(1);
    await writeFile(hubFile, `jetstream { domain: hub }\nleafnodes { listen: "127.0.0.1:${port}" }`);
    const hub = await startTestServer({ extraArguments: ['-c', hubFile] });
    const leafFile = join(folder, 'leaf.conf');
    const remote = `leafnodes { remotes: [{ url: "nats://127.0.0.1:${port}" }] }`;
    await writeFile(leafFile, `jetstream { domain: leaf }\n${remote}`);
    const leaf = await startTestServer({ extraArguments: ['-c', leafFile] });
    const atLeaf = await probe(leaf.url, { timeoutMs: 500 });
    await eventually('the leaf reaches the hub', async () => {
      const answer = atLeaf.connection.request('$JS.hub.API.INFO', '', { timeout: 500 });
      return answer.then(
        () => true,
        () => false,
      );
    });
    const received: Received[] = [];
    const jetStreamOptions = { domain: 'hub' };
    const app = await start(leaf.url, 'order.created', { durable: 'orders' }, received, { jetStreamOptions });
    const ack = await app.get(NatsJetStreamClientProxy).emitAsync(ORDER_CREATED, order(1));
    expect(ack).toMatchObject({ stream: 'ORDERS', domain: 'hub' });
    const atHub = await probe(hub.url);
    await eventually(
      'everything is handled',
      async () => received.length === 1 && isSettled(atHub, 'ORDERS', 'orders'),
    );
  });
});

it('handles an event exactly once within the duplicate window after a lost PubAck and acknowledgement', async () => {
  const server = await startTestServer();
  const jetStream = await probe(server.url);
  const proxy = await startProxy(server.url);
  const received: Received[] = [];
  const options = { durable: 'orders', ackMode: 'double' } as const;
  const app = await start(proxy.url, 'order.created', options, received, { jetStreamOptions: { timeout: 300 } });
  const client = app.get(NatsJetStreamClientProxy);
  const lostPubAck = proxy.loseOne('toClient', ({ payload }) => payload.includes('"seq":1'));
  const lostAck = proxy.loseOne('toServer', ({ payload }) => payload === '+ACK');
  const ack = await client.emitAsync(ORDER_CREATED, order(1), { msgID: 'order-1' });
  await Promise.all([lostPubAck, lostAck]);
  expect(ack).toEqual({ stream: 'ORDERS', seq: 1, duplicate: true });
  // A restarted process would publish the event again.
  expect(await client.emitAsync(ORDER_CREATED, order(1), { msgID: 'order-1' })).toMatchObject({ duplicate: true });
  await eventually('every message is settled', async () => isSettled(jetStream, 'ORDERS', 'orders'));
  expect(idsOf(received)).toEqual([1]);
  expect((await jetStream.manager.streams.info('ORDERS')).state.messages).toBe(1);
});
