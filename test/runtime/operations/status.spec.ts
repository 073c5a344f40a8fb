import type { ConsumerConfig } from '@nats-io/jetstream';
import { Controller } from '@nestjs/common';
import { JetStreamConsumer, defineStream } from '@nest-jetstream/transport';
import { readStatus, statusText, type ServerStatus, type StatusOptions } from '../../../runtime/src/operations';
import { createSession } from '../../../runtime/src/session/create-session';
import { watchWrites } from '../../support/api-writes';
import { startConfiguredServer } from '../../support/configured-server';
import { eventually } from '../../support/eventually';
import { Gate } from '../../support/gate';
import { deleteStreams, probe, type JetStreamProbe } from '../../support/jetstream-probe';
import { startProxy } from '../../support/nats-proxy';
import { startTestServer, type TestServer } from '../../support/nats-server';
import { startTestApp } from '../../support/nest-app';
import { ORDER_CREATED, OrdersStream, order, type OrderCreatedEvent } from '../../support/orders';

let server: TestServer;
let jetStream: JetStreamProbe;
beforeAll(async () => {
  server = await startTestServer();
});
beforeEach(async () => {
  jetStream = await probe(server.url);
  await deleteStreams(jetStream);
});

async function statusOf(options?: StatusOptions, servers: string | string[] = server.url): Promise<ServerStatus> {
  const session = createSession({ connectionOptions: { servers, waitOnFirstConnect: false }, provisioning: 'none' });
  return readStatus(session, options);
}

async function addConsumer(stream: string, name: string, config: Partial<ConsumerConfig> = {}): Promise<void> {
  await jetStream.manager.consumers.add(stream, { durable_name: name, ack_policy: 'explicit', ...config });
}

describe('readStatus', () => {
  it('reads streams and consumers of a working service', async () => {
    const gate = new Gate();
    @Controller()
    class Orders {
      @JetStreamConsumer(ORDER_CREATED, { durable: 'shop-order-created', maxDeliver: 1, concurrency: 2 })
      async handle({ id }: OrderCreatedEvent): Promise<void> {
        if (id === 1) return;
        if (id === 2) throw new Error('fails');
        await gate.opened;
      }
    }
    await startTestApp(server.url, { id: 'shop', controllers: [Orders], streams: [OrdersStream] });
    for (const id of [1, 2, 3, 4]) await jetStream.client.publish(ORDER_CREATED, JSON.stringify(order(id)));
    const consumer = async () =>
      (await statusOf({ streams: ['ORDERS'] })).consumers.find((each) => each.consumer === 'shop-order-created');
    await eventually('one is dead, and two run', async () => {
      const { deadLetters, unacknowledged } = (await consumer()) ?? {};
      return deadLetters === 1 && unacknowledged === 2;
    });
    const status = await statusOf();
    expect(status).toMatchObject({
      servers: server.url,
      serverVersion: '2.15.1',
      missing: [],
      denied: [],
      exceeded: [],
    });
    expect(status.streams).toMatchObject([
      { stream: 'JETSTREAM_ATTEMPTS', deadLetters: 0 },
      {
        stream: 'ORDERS',
        subjects: ['order.>'],
        messages: 4,
        bytes: expect.any(Number),
        oldestSeconds: expect.any(Number),
        replicas: 1,
        deadLetters: 1,
        deadLettersOf: undefined,
      },
      { stream: 'ORDERS_DEAD', messages: 1, deadLettersOf: 'ORDERS' },
    ]);
    expect(status.consumers).toEqual([
      {
        stream: 'ORDERS',
        consumer: 'shop-order-created',
        service: 'shop',
        pending: 0,
        lagSeconds: expect.any(Number),
        unacknowledged: 2,
        redelivered: 0,
        lastAckAt: expect.stringMatching(/^20\d\d-.*\.\d{3}Z$/),
        pausedUntil: undefined,
        instancesWaiting: expect.any(Number),
        deadLetters: 1,
      },
    ]);
    expect(status.consumers[0]?.lagSeconds).toBeGreaterThan(0);
    gate.open();
  });

  it('writes nothing', async () => {
    await jetStream.manager.streams.add({ name: 'ORDERS', subjects: ['order.>'] });
    await addConsumer('ORDERS', 'billing');
    const writes = await watchWrites(jetStream);
    await statusOf();
    expect(writes).toEqual([]);
  });

  it('reads the named streams only, and names those that do not exist', async () => {
    await jetStream.manager.streams.add({ name: 'ORDERS', subjects: ['order.>'] });
    await jetStream.manager.streams.add({ name: 'INVOICES', subjects: ['invoice.>'] });
    const { streams, missing } = await statusOf({ streams: ['ORDERS', 'PAYMENTS'] });
    expect(streams.map(({ stream }) => stream)).toEqual(['ORDERS']);
    expect(missing).toEqual(['PAYMENTS']);
  });

  it('has the end of a pause, and counts dead letters by durable', async () => {
    await jetStream.manager.streams.add({ name: 'ORDERS', subjects: ['order.>'] });
    await jetStream.manager.streams.add({ name: 'ORDERS_DEAD', subjects: ['dead.ORDERS.>'] });
    for (const name of ['billing', 'shipping']) await addConsumer('ORDERS', name);
    const until = new Date(Date.now() + 3_600_000);
    await jetStream.manager.consumers.pause('ORDERS', 'billing', until);
    for (const key of ['billing.1', 'billing.2', 'gone.1', 'billing.1.content'])
      await jetStream.client.publish(`dead.ORDERS.${key}`);
    const { streams, consumers } = await statusOf();
    expect(streams[0]).toMatchObject({ stream: 'ORDERS', deadLetters: 3 });
    expect(consumers).toMatchObject([
      { consumer: 'billing', deadLetters: 2, pausedUntil: until.toISOString() },
      { consumer: 'shipping', deadLetters: 0, pausedUntil: undefined },
    ]);
  });

  it('names passed thresholds', async () => {
    const { config } = defineStream({
      name: 'ORDERS',
      subjects: ['order.>'],
      monitor: { msgsCritical: 1, msgsWarn: 4, subjectsWarn: 1, subjectsCritical: 9, peerExpect: 3 },
    });
    await jetStream.manager.streams.add({ ...config });
    const monitor = { enabled: 'true', 'unprocessed-critical': '2', 'last-ack-critical': '1h30m' };
    const metadata = Object.fromEntries(
      Object.entries(monitor).map(([key, value]) => [`io.nats.monitor.${key}`, value]),
    );
    await addConsumer('ORDERS', 'billing', { metadata });
    await addConsumer('ORDERS', 'silent', { metadata: { ...metadata, 'io.nats.monitor.enabled': 'false' } });
    await addConsumer('ORDERS', 'wrong', { metadata: { ...metadata, 'io.nats.monitor.unprocessed-critical': 'many' } });
    for (const id of [1, 2]) await jetStream.client.publish(ORDER_CREATED, JSON.stringify(order(id)));
    const status = await statusOf();
    expect(statusText(status).slice(-6)).toEqual([
      'critical: stream ORDERS: servers that store it: 1 (monitor.peerExpect 3)',
      'warning: stream ORDERS: 2 messages are stored (monitor.msgsWarn 4)',
      'warning: stream ORDERS: 1 subjects are stored (monitor.subjectsWarn 1)',
      'critical: consumer billing of stream ORDERS: 2 messages are not delivered (monitor.unprocessed 2)',
      'critical: consumer billing of stream ORDERS: no acknowledgement yet (monitor.lastAck 1h 30m)',
      'critical: consumer wrong of stream ORDERS: no acknowledgement yet (monitor.lastAck 1h 30m)',
    ]);
    await jetStream.manager.streams.purge('ORDERS');
    expect((await statusOf()).exceeded).toMatchObject([
      { threshold: 'peerExpect' },
      { threshold: 'msgsWarn' },
      { threshold: 'msgsCritical', severity: 'critical' },
      { threshold: 'lastAck' },
      { threshold: 'lastAck' },
    ]);
  });

  it('reads many streams and consumers', async () => {
    // More than one page of each list.
    const count = 260;
    for (let at = 0; at < count; at++) await jetStream.manager.streams.add({ name: `S${at}`, subjects: [`s${at}.>`] });
    await jetStream.client.publish('s7.a', '1');
    const names = Array.from({ length: count }, (_, at) => `consumer-${at}`);
    await Promise.all(names.map(async (name) => addConsumer('S7', name)));
    const { streams, consumers } = await statusOf();
    expect(streams).toHaveLength(count);
    expect(consumers.map(({ consumer }) => consumer)).toEqual(names.toSorted());
    expect(consumers.every(({ pending, lagSeconds = 0 }) => pending === 1 && lagSeconds > 0)).toBe(true);
  });
});

const PERMISSIONS = ['STREAM.LIST', 'STREAM.INFO.*', 'CONSUMER.LIST.*', 'STREAM.MSG.GET.*'];
const configuration = (permissions: readonly string[]): string => `
  jetstream: enabled
  no_auth_user: all
  accounts { A {
    jetstream: enabled
    users: [
      { user: all, password: all }
      { user: operator, password: operator, permissions: {
        publish: [${permissions.map((subject) => `"$JS.API.${subject}"`).join(', ')}], subscribe: ["_INBOX.>"]
      } }
    ]
  } }`;

describe('readStatus without a permission', () => {
  it('leaves values out, or throws, and names the subject', async () => {
    const limited = await startConfiguredServer(configuration(PERMISSIONS));
    const { manager, client } = await probe(limited.url);
    await manager.streams.add({ name: 'ORDERS', subjects: ['order.>'] });
    await manager.streams.add({ name: 'ORDERS_DEAD', subjects: ['dead.ORDERS.>'] });
    await manager.consumers.add('ORDERS', { durable_name: 'billing', ack_policy: 'explicit' });
    await client.publish('order.created');
    await client.publish('dead.ORDERS.billing.1');
    const servers = limited.url.replace('//', '//operator:operator@');
    const named = { streams: ['ORDERS'] };
    expect(await statusOf({}, servers)).toMatchObject({ denied: [], consumers: [{ deadLetters: 1 }] });

    const without = async (permission: string): Promise<void> =>
      limited.reconfigure(configuration(PERMISSIONS.filter((each) => each !== permission)));
    await without('STREAM.MSG.GET.*');
    const unread = await statusOf(named, servers);
    expect(unread).toMatchObject({
      denied: ['$JS.API.STREAM.MSG.GET.ORDERS'],
      consumers: [{ pending: 1, lagSeconds: undefined, deadLetters: 1 }],
    });
    expect(statusText(unread).at(-1)).toBe(
      "Some values are missing. Allow the user to publish to '$JS.API.STREAM.MSG.GET.ORDERS'.",
    );
    await without('STREAM.INFO.*');
    expect(await statusOf({}, servers)).toMatchObject({
      denied: ['$JS.API.STREAM.INFO.ORDERS_DEAD'],
      streams: [{ stream: 'ORDERS', deadLetters: undefined }, {}],
      consumers: [{ deadLetters: undefined, lagSeconds: expect.any(Number) }],
    });
    await without('STREAM.LIST');
    await expect(statusOf({}, servers)).rejects.toMatchObject({
      code: 'PERMISSION_DENIED',
      value: '$JS.API.STREAM.LIST',
    });
    await without('CONSUMER.LIST.*');
    await expect(statusOf(named, servers)).rejects.toMatchObject({
      code: 'PERMISSION_DENIED',
      value: '$JS.API.CONSUMER.LIST.ORDERS',
    });
  });

  it('fails without JetStream, and if the server does not answer', async () => {
    const disabled = await startTestServer({ jetstream: false });
    await expect(statusOf({}, disabled.url)).rejects.toMatchObject({ code: 'JETSTREAM_DISABLED' });
    const proxy = await startProxy(server.url);
    const session = createSession({
      connectionOptions: { servers: proxy.url, waitOnFirstConnect: false },
      jetStreamOptions: { timeout: 200 },
      provisioning: 'none',
    });
    const user = {};
    session.connection.retain(user);
    await session.open();
    proxy.freeze();
    await expect(readStatus(session)).rejects.toMatchObject({
      code: 'ADMIN_TIMEOUT',
      message: expect.stringContaining('the request to read streams and consumers within 200 ms'),
    });
    proxy.cut();
    await session.connection.release(user);
  });

  it('fails without a server', async () => {
    const stopped = await startTestServer();
    await stopped.stop();
    await expect(statusOf({}, stopped.url)).rejects.toMatchObject({ code: 'CONNECT_FAILED' });
  });
});

describe('statusText', () => {
  it('aligns both tables', async () => {
    const status: ServerStatus = {
      servers: 'nats://nats-1:4222',
      serverVersion: '2.15.1',
      at: '2026-11-28T12:00:00.000Z',
      streams: [
        {
          stream: 'ORDERS',
          subjects: ['order.>'],
          messages: 1_204_331,
          bytes: 412_316_860,
          oldestSeconds: 2_610_000,
          replicas: 3,
          deadLetters: 2,
          deadLettersOf: undefined,
        },
        {
          stream: 'EMPTY',
          subjects: ['empty'],
          messages: 0,
          bytes: 0,
          oldestSeconds: undefined,
          replicas: 1,
          deadLetters: undefined,
          deadLettersOf: undefined,
        },
      ],
      consumers: [
        {
          stream: 'ORDERS',
          consumer: 'shop-order-created',
          service: 'shop',
          pending: 1_204,
          lagSeconds: 742.5,
          unacknowledged: 10,
          redelivered: 1,
          lastAckAt: '2026-11-28T11:59:56.000Z',
          pausedUntil: undefined,
          instancesWaiting: 2,
          deadLetters: 2,
        },
        {
          stream: 'ORDERS',
          consumer: 'billing',
          service: undefined,
          pending: 0,
          lagSeconds: 0,
          unacknowledged: 0,
          redelivered: 0,
          lastAckAt: undefined,
          pausedUntil: '2026-11-28T13:00:00.000Z',
          instancesWaiting: 0,
          deadLetters: undefined,
        },
      ],
      exceeded: [],
      missing: ['PAYMENTS'],
      denied: [],
    };
    expect(statusText(status)).toEqual([
      'nats://nats-1:4222 (nats-server 2.15.1)',
      '',
      'stream   messages    bytes  oldest  replicas  dead letters',
      'ORDERS  1,204,331  393 MiB  30d 5h         3             2',
      'EMPTY           0      0 B       -         1             -',
      '',
      'stream  consumer            pending      lag  unacked  redelivered  last ack  paused for  waiting  dead letters',
      'ORDERS  shop-order-created    1,204  12m 22s       10            1    4s ago           -        2             2',
      'ORDERS  billing                   0       0s        0            0         -          1h        0             -',
      '',
      "Stream 'PAYMENTS' does not exist.",
    ]);
    expect(statusText({ ...status, streams: [], consumers: [], missing: [] })).toEqual([
      'nats://nats-1:4222 (nats-server 2.15.1)',
      '',
      'No streams.',
    ]);
  });
});
