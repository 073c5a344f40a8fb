import { Controller } from '@nestjs/common';
import {
  defineStream,
  JetStreamConsumer,
  NatsJetStreamClientProxy,
  type StreamSettings,
} from '@nest-jetstream/transport';
import { eventually } from '../support/eventually';
import { probe } from '../support/jetstream-probe';
import { startTestServer, type TestServer } from '../support/nats-server';
import { startTestApp } from '../support/nest-app';
import { ORDER_CREATED, OrdersStream } from '../support/orders';

describe('Declared stream', () => {
  let server: TestServer;
  beforeEach(async () => {
    server = await startTestServer();
  });

  it('exists as declared after a publisher starts', async () => {
    const stream = defineStream({
      name: 'ORDERS',
      subjects: ['order.>'],
      events: { ORDER_CREATED },
      description: 'orders of the shop',
      storage: 'memory',
      retention: 'workqueue',
      discard: 'new',
      maxAge: '7d',
      maxMessages: 1000,
      maxBytes: 1_000_000,
      maxMessageSize: 10_000,
      duplicateWindow: '1m',
      replicas: 1,
    });
    await startTestApp(server.url, { streams: [stream] });
    const { manager } = await probe(server.url);
    expect((await manager.streams.info('ORDERS')).config).toMatchObject({
      subjects: ['order.>'],
      description: 'orders of the shop',
      storage: 'memory',
      retention: 'workqueue',
      discard: 'new',
      max_age: 7 * 24 * 3600 * 1e9,
      max_msgs: 1000,
      max_bytes: 1_000_000,
      max_msg_size: 10_000,
      duplicate_window: 60 * 1e9,
      num_replicas: 1,
    });
  });

  it('is created once by instances that start at the same time', async () => {
    await Promise.all([1, 2, 3].map(async () => startTestApp(server.url, { streams: [OrdersStream] })));
    const { manager } = await probe(server.url);
    expect(await manager.streams.names().next()).toEqual(['ORDERS']);
  });

  it('is updated if no message can be lost, and keeps the subjects of another version', async () => {
    const { manager } = await probe(server.url);
    await manager.streams.add({ name: 'ORDERS', subjects: ['order.*', 'legacy.order'], max_msgs: 10 });
    const declared = { name: 'ORDERS', subjects: ['order.*', 'returned.*'], max_msgs: 20, description: 'new' };
    await startTestApp(server.url, { streamConfig: declared });
    const { config } = await manager.streams.info('ORDERS');
    expect(config).toMatchObject({
      subjects: ['order.*', 'legacy.order', 'returned.*'],
      max_msgs: 20,
      description: 'new',
    });
  });

  it('keeps metadata of others, and is not updated at every start for metadata of the server', async () => {
    const declared = { name: 'ORDERS', subjects: ['order.*'], metadata: { team: 'shop' } };
    const { manager, connection } = await probe(server.url);
    await manager.streams.add({ name: 'ORDERS', subjects: ['order.*'], metadata: { owner: 'ops' } });
    let updates = 0;
    connection.subscribe('$JS.EVENT.ADVISORY.STREAM.UPDATED.ORDERS', { callback: () => void updates++ });
    for (let start = 1; start <= 2; start++) await (await startTestApp(server.url, { streamConfig: declared })).close();
    expect((await manager.streams.info('ORDERS')).config.metadata).toMatchObject({ team: 'shop', owner: 'ops' });
    await connection.flush();
    expect(updates).toBe(1);
  });

  it('fails startup with field and values if a change could drop messages or is impossible', async () => {
    const { manager } = await probe(server.url);
    await manager.streams.add({ name: 'ORDERS', subjects: ['order.>'], max_msgs: 100, storage: 'file' });
    const declared = { name: 'ORDERS', subjects: ['order.>'], max_msgs: 10, storage: 'memory' as const };
    const error = await startTestApp(server.url, { streamConfig: declared }).catch((reason: unknown) => reason);
    expect(error).toMatchObject({
      code: 'STREAM_DRIFT',
      stream: 'ORDERS',
      drift: [
        { field: 'max_msgs', declared: 10, actual: 100 },
        { field: 'storage', declared: 'memory', actual: 'file' },
      ],
    });
    expect((await manager.streams.info('ORDERS')).config).toMatchObject({ max_msgs: 100, storage: 'file' });
  });

  it.each<[string, string]>([
    ['one of its subjects', 'order.created'],
    ['more than its subjects', '>'],
    ['part of its subjects', 'order.*.done'],
  ])('fails startup with the name of another stream that stores %s', async (_what, subject) => {
    const { manager } = await probe(server.url);
    await manager.streams.add({ name: 'OTHER', subjects: [subject], no_ack: subject === '>' });
    const error = await startTestApp(server.url, { streams: [OrdersStream] }).catch((reason: unknown) => reason);
    expect(error).toMatchObject({ code: 'STREAM_OVERLAP', stream: 'ORDERS', other: 'OTHER', value: 'order.>' });
    expect(String(error)).toContain("stream 'OTHER' on the server already stores");
  });

  it('fails startup with the answer of the server', async () => {
    const streamConfig = { name: 'ORDERS', subjects: ['order.>'], max_age: 60e9, duplicate_window: 120e9 };
    const error = await startTestApp(server.url, { streamConfig }).catch((reason: unknown) => reason);
    expect(error).toMatchObject({ code: 'STREAM_PROVISIONING', stream: 'ORDERS' });
    expect(String(error)).toContain('duplicates window');
  });

  it('is found beyond the first page of streams, like one that overlaps', async () => {
    const { manager } = await probe(server.url);
    for (let at = 0; at < 1_100; at++)
      await manager.streams.add({ name: `S${at}`, subjects: [`order.${at}`], storage: 'memory' });
    await manager.streams.add({ name: 'Z', subjects: ['other.>'] });
    let handled = 0;
    @Controller()
    class Consumers {
      @JetStreamConsumer('other.created', { durable: 'other-created' })
      handle(): void {
        handled++;
      }
    }
    const app = await startTestApp(server.url, { controllers: [Consumers] });
    await app.get(NatsJetStreamClientProxy).emitAsync('other.created', {});
    await eventually('everything is handled', () => handled === 1);
    const overlapping = { name: 'LAST', subjects: ['order.1099'] };
    await expect(startTestApp(server.url, { streamConfig: overlapping })).rejects.toMatchObject({
      code: 'STREAM_OVERLAP',
      other: 'S1099',
    });
  });

  it('fails startup before any request if it overlaps another declared stream', async () => {
    const streamConfig = [
      { name: 'ORDERS', subjects: ['order.>'] },
      { name: 'RETURNS', subjects: ['*.returned'] },
    ];
    const error = await startTestApp(server.url, { streamConfig }).catch((reason: unknown) => reason);
    expect(error).toMatchObject({ code: 'STREAM_OVERLAP', stream: 'RETURNS', other: 'ORDERS', value: '*.returned' });
  });

  it('fails startup if it is declared twice with differences', async () => {
    const other = defineStream({ name: 'ORDERS', subjects: ['order.*'] });
    const error = await startTestApp(server.url, { streams: [OrdersStream, other] }).catch((reason: unknown) => reason);
    expect(error).toMatchObject({ code: 'STREAM_DECLARED_TWICE' });
  });

  it('gets a valid and stable name if it has none, whatever the order of its subjects', async () => {
    const subjects = ['audit.*.>', 'audit.login', 'login-audit'];
    const { manager } = await probe(server.url);
    const namesAfterStart = async (streamConfig: StreamSettings): Promise<string[]> => {
      await (await startTestApp(server.url, { streamConfig })).close();
      return (await manager.streams.list().next()).map(({ config }) => config.name);
    };
    const [name] = await namesAfterStart({ subjects });
    expect(name).toMatch(/^[A-Za-z0-9_-]+$/);
    expect(await namesAfterStart({ subjects: subjects.toReversed() })).toEqual([name]);
    expect(await namesAfterStart({ subjects: ['order.*'] })).toHaveLength(2);
    expect((await manager.streams.info(name ?? '')).config.subjects).toEqual(subjects);
  });

  it('can be declared in the form of nats.js', async () => {
    const streamConfig = Object.freeze({
      name: 'AUDIT',
      subjects: Object.freeze(['audit.>']) as string[],
      max_age: 60 * 1e9,
    });
    const app = await startTestApp(server.url, { streamConfig });
    await app.get(NatsJetStreamClientProxy).emitAsync('audit.login', { user: 1 });
    const { manager } = await probe(server.url);
    expect((await manager.streams.info('AUDIT')).config).toMatchObject({ subjects: ['audit.>'], max_age: 60 * 1e9 });
  });
});
