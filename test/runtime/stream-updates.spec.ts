import type { StreamSettings } from '@nest-jetstream/transport';
import type { StreamConfig } from '@nats-io/jetstream';
import { watchWrites } from '../support/api-writes';
import { eventually } from '../support/eventually';
import { probe, type JetStreamProbe } from '../support/jetstream-probe';
import { logLines } from '../support/log-lines';
import { startTestServer, type TestServer } from '../support/nats-server';
import { startTestApp } from '../support/nest-app';

const ORDERS: StreamSettings = { name: 'ORDERS', subjects: ['order.*'] };

let server: TestServer;
let jetStream: JetStreamProbe;
beforeEach(async () => {
  server = await startTestServer();
  jetStream = await probe(server.url);
});

const create = (settings: StreamSettings = {}) =>
  jetStream.manager.streams.add({ ...ORDERS, ...settings } as StreamConfig);
const start = (settings: StreamSettings) => startTestApp(server.url, { streamConfig: { ...ORDERS, ...settings } });
const failureOf = (...streamConfig: StreamSettings[]): Promise<unknown> =>
  startTestApp(server.url, { streamConfig }).catch((error: unknown) => error);
const configOf = async (name = 'ORDERS'): Promise<StreamConfig> => (await jetStream.manager.streams.info(name)).config;

describe('Subjects of a stream', () => {
  it.each<[string, { from: string[]; declared: string[]; to: string[] }]>([
    ['a wider subject', { from: ['order.*'], declared: ['order.>'], to: ['order.>'] }],
    ['one wider subject for several', { from: ['order.*', 'order.*.*'], declared: ['order.>'], to: ['order.>'] }],
    ['a wider subject beside others', { from: ['a', 'order.*'], declared: ['order.>'], to: ['a', 'order.>'] }],
    ['a wider and a new subject', { from: ['order.new'], declared: ['order.*', 'b'], to: ['order.*', 'b'] }],
    ['a narrower subject', { from: ['order.>'], declared: ['order.*'], to: ['order.>'] }],
    ['the same subjects in another order', { from: ['a', 'b'], declared: ['b', 'a'], to: ['a', 'b'] }],
  ])('are widened and never removed: %s', async (_what, { from, declared, to }) => {
    await create({ subjects: from });
    await jetStream.client.publish(from[0]?.replace('*', 'x').replace('>', 'x') ?? '', 'kept');
    for (let count = 0; count < 2; count++) await (await start({ subjects: declared })).close();
    const { config, state } = await jetStream.manager.streams.info('ORDERS');
    expect(config.subjects).toEqual(to);
    expect(state.messages).toBe(1);
  });

  it('are refused if they only partly overlap subjects that the server has', async () => {
    await create({ subjects: ['order.*.paid'] });
    const error = await failureOf({ ...ORDERS, subjects: ['order.eu.>'] });
    expect(error).toMatchObject({
      code: 'STREAM_DRIFT',
      message:
        'Stream \'ORDERS\' on the server differs from its declaration (subjects is ["order.*.paid"], declared ["order.eu.>"]). ' +
        'The declared subjects cannot be added to those on the server. ' +
        'Declare what the server has, or change the stream by hand.',
    });
    expect((await configOf()).subjects).toEqual(['order.*.paid']);
  });
});

describe('Subject that moves to another stream', () => {
  const A: StreamSettings = { name: 'A', subjects: ['a.>'] };
  const B: StreamSettings = { name: 'B', subjects: ['moved.>'] };

  it('fails startup with the command that moves it, which works', async () => {
    await jetStream.manager.streams.add({ name: 'A', subjects: ['a.>', 'b', 'moved.>'] });
    const error = await failureOf(A, B);
    expect(error).toMatchObject({
      code: 'STREAM_OVERLAP',
      stream: 'B',
      other: 'A',
      value: 'moved.>',
      message:
        "Stream 'B' cannot store 'moved.>', because stream 'A' on the server already stores 'moved.>'. " +
        'Startup adds subjects to a stream and never removes them. ' +
        "To move the subject, run `nats stream edit A --subjects 'a.>,b'` first.",
    });
    await jetStream.manager.streams.update('A', { subjects: ['a.>', 'b'] });
    await startTestApp(server.url, { streamConfig: [A, B] });
    expect((await configOf('B')).subjects).toEqual(['moved.>']);
  });

  it('fails startup with advice if the other stream would have no subject left', async () => {
    await jetStream.manager.streams.add({ name: 'A', subjects: ['moved.>'] });
    expect(await failureOf(B)).toMatchObject({
      message: expect.stringContaining("To move the subject, give stream 'A' another subject first, or remove it."),
    });
  });

  it('fails startup with advice if the other stream stores more than that', async () => {
    await jetStream.manager.streams.add({ name: 'A', subjects: ['moved.*.created'] });
    expect(await failureOf({ ...B, subjects: ['moved.eu.*'] })).toMatchObject({
      message:
        "Stream 'B' cannot store 'moved.eu.*', because stream 'A' on the server already stores 'moved.*.created'. " +
        "A subject can be in one stream only. Narrow the subjects of one of them, or declare 'A' instead.",
    });
  });

  it('fails before anything is sent if both streams declare it', async () => {
    expect(await failureOf(A, { name: 'C', subjects: ['c', '*.x'] })).toMatchObject({
      code: 'STREAM_OVERLAP',
      message: "Subjects '*.x' of stream 'C' and 'a.>' of stream 'A' overlap. Remove or narrow one of them.",
    });
  });
});

describe('Services that update one stream at the same time', () => {
  const CHANGES: StreamSettings[] = [
    { subjects: ['order.*', 'returned.*'], metadata: { returns: 'yes' } },
    { subjects: ['order.*', 'paid.*'], metadata: { payments: 'yes' }, max_age: '7d' },
    { subjects: ['order.>'], description: 'orders of the shop' },
    { allow_direct: true, max_msgs: 500 },
    { max_bytes: 100_000, compression: 's2' },
  ];

  it.each([1, 2, 3])('keep the changes of all, round %s', async () => {
    await create({ max_age: 60e9, max_msgs: 100, max_bytes: 10_000 });
    await Promise.all(CHANGES.map(start));
    // An update that another one undid is applied again within seconds.
    await eventually('the changes of all are there', async () => {
      const { subjects, metadata = {}, max_age, max_msgs, max_bytes, description } = await configOf();
      const isWide = ['order.>', 'paid.*', 'returned.*'].every((subject) => subjects.includes(subject));
      const areLimitsRaised = max_age > 60e9 && max_msgs === 500 && max_bytes === 100_000;
      return isWide && areLimitsRaised && 'returns' in metadata && 'payments' in metadata && description !== undefined;
    });
    const { subjects, ...config } = await configOf();
    expect(subjects.toSorted()).toEqual(['order.>', 'paid.*', 'returned.*']);
    expect(config).toMatchObject({
      metadata: { returns: 'yes', payments: 'yes' },
      max_age: 7 * 86_400e9,
      description: 'orders of the shop',
      allow_direct: true,
      compression: 's2',
      max_msgs: 500,
      max_bytes: 100_000,
    });
  });

  it('keep the subjects of two that start together, 10 times', async () => {
    const lost: string[][] = [];
    for (let round = 1; round <= 10; round++) {
      await create({ name: `S${round}`, subjects: [`base${round}.>`] });
      const declared = ['one', 'two'].map((service) => [`base${round}.>`, `${service}${round}.>`]);
      const apps = await Promise.all(
        declared.map((subjects, at) =>
          startTestApp(server.url, { id: `service-${at}`, streamConfig: { name: `S${round}`, subjects } }),
        ),
      );
      const { subjects } = await configOf(`S${round}`);
      lost.push(declared.flat().filter((subject) => !subjects.includes(subject)));
      await Promise.all(apps.map((app) => app.close()));
    }
    expect(lost.flat()).toEqual([]);
  });

  it('restore a change that an update planned earlier undoes after the start', async () => {
    const { config: stale } = await create({ max_msgs: 100 });
    const { logger, lines } = logLines();
    const streamConfig = { ...ORDERS, subjects: ['order.*', 'ours.*'], max_msgs: 200, metadata: { ours: 'yes' } };
    await startTestApp(server.url, { streamConfig, logger });
    const update = { ...stale, subjects: ['order.*', 'theirs.*'], metadata: { theirs: 'yes' } };
    await jetStream.connection.request('$JS.API.STREAM.UPDATE.ORDERS', JSON.stringify(update));
    expect((await configOf()).subjects).toEqual(['order.*', 'theirs.*']);

    await eventually('the change is restored', async () => (await configOf()).max_msgs === 200);
    expect(await configOf()).toMatchObject({
      subjects: ['order.*', 'theirs.*', 'ours.*'],
      metadata: { ours: 'yes', theirs: 'yes' },
    });
    expect(lines.filter((line) => line.includes('undid the updates of stream'))).toHaveLength(1);
  });

  it('keep the changes of all if the stream does not exist yet', async () => {
    const [returns, payments, all] = CHANGES.map(
      ({ subjects, metadata }) => ({ subjects, metadata }) as StreamSettings,
    );
    await Promise.all([returns, payments, all].map(async (change) => start(change ?? {})));
    const { subjects, metadata } = await configOf();
    expect(subjects.toSorted()).toEqual(['order.>', 'paid.*', 'returned.*']);
    expect(metadata).toMatchObject({ returns: 'yes', payments: 'yes' });
  });

  it('restore a change that an update planned earlier has undone', async () => {
    const { config: stale } = await create({ max_msgs: 100 });
    const starting = start({ subjects: ['order.*', 'ours.*'], max_msgs: 200, metadata: { ours: 'yes' } });
    await eventually('the stream is updated', async () => (await configOf()).max_msgs === 200);
    const update = { ...stale, subjects: ['order.*', 'theirs.*'], metadata: { theirs: 'yes' } };
    await jetStream.connection.request('$JS.API.STREAM.UPDATE.ORDERS', JSON.stringify(update));
    expect((await configOf()).max_msgs).toBe(100);
    await starting;
    expect(await configOf()).toMatchObject({
      subjects: ['order.*', 'theirs.*', 'ours.*'],
      max_msgs: 200,
      metadata: { ours: 'yes', theirs: 'yes' },
    });
  });

  it('let the last one win where they contradict each other', async () => {
    await create({ description: 'before' });
    const { logger, lines } = logLines();
    const declared: StreamSettings = { ...ORDERS, description: 'first', metadata: { version: '1' } };
    const starting = startTestApp(server.url, { streamConfig: declared, logger });
    await eventually('the stream is updated', async () => (await configOf()).description === 'first');
    const writes = await watchWrites(jetStream);
    await jetStream.manager.streams.update('ORDERS', { description: 'second', metadata: { version: '2' } });
    await starting;
    expect(await configOf()).toMatchObject({ description: 'second', metadata: { version: '2' } });
    expect(writes).toEqual(['$JS.API.STREAM.UPDATE.ORDERS']);
    expect(lines.join('\n')).toContain(
      `Stream 'ORDERS' was changed by another service at the same time. Its values are kept: description "second" → "first"`,
    );
  });
});

describe('Update of a stream', () => {
  it.each<[string, StreamSettings, StreamSettings]>([
    ['no_ack', {}, { no_ack: true }],
    ['no_ack', { no_ack: true }, { no_ack: false }],
    ['max_consumers', {}, { max_consumers: 3 }],
    ['deny_delete', {}, { deny_delete: true }],
    ['allow_atomic', {}, { allow_atomic: true }],
    ['allow_atomic', { allow_atomic: true }, { allow_atomic: false }],
    ['subject_transform', {}, { subject_transform: { src: 'order.*', dest: 'kept.{{wildcard(1)}}' } }],
    ['consumer_limits', {}, { consumer_limits: { max_ack_pending: 5 } }],
    ['discard_new_per_subject', { max_msgs_per_subject: 5 }, { discard: 'new', discard_new_per_subject: true }],
    ['placement', { placement: { cluster: 'hub', tags: [] } }, { placement: { cluster: '', tags: [] } }],
    ['republish', { republish: { src: '>', dest: 'a.>' } }, { republish: { src: '>', dest: 'b.>' } }],
    ['sources', { sources: [{ name: 'X' }] }, { sources: [{ name: 'Y' }] }],
  ])('applies changes that lose no message: %s', async (_field, before, after) => {
    await create(before);
    await (await start(after)).close();
    const writes = await watchWrites(jetStream);
    for (const provisioning of ['apply', 'verify'] as const)
      await startTestApp(server.url, { streamConfig: { ...ORDERS, ...after }, provisioning });
    expect(writes).toEqual([]);
  });

  it('is given up and logged if the server ignores it', async () => {
    await create();
    const { logger, lines } = logLines();
    // The server replaces a lone surrogate with another character.
    const streamConfig = { ...ORDERS, description: 'half \uD800', max_msgs: 10, allowDataLoss: ['max_msgs'] as const };
    await startTestApp(server.url, { streamConfig, logger });
    expect((await configOf()).max_msgs).toBe(10);
    expect(lines.join('\n')).toContain("nats-server ignores changes of stream 'ORDERS': description ");
  });

  it('adds sources and keeps those of others', async () => {
    await create({ sources: [{ name: 'X' }, { name: 'Y', opt_start_seq: 5 }] });
    await start({ sources: [{ name: 'Y', opt_start_seq: 7 }, { name: 'Z' }] });
    expect((await configOf()).sources).toEqual([{ name: 'X' }, { name: 'Y', opt_start_seq: 7 }, { name: 'Z' }]);
  });

  it('shortens the default duplicate window with max_age', async () => {
    await create();
    await start({ max_age: '1m', allowDataLoss: ['max_age'] });
    expect(await configOf()).toMatchObject({ max_age: 60e9, duplicate_window: 60e9 });
  });

  it.each<[string, StreamSettings, StreamSettings]>([
    ['storage', {}, { storage: 'memory' }],
    ['retention', {}, { retention: 'workqueue' }],
    ['deny_delete', { deny_delete: true }, { deny_delete: false }],
    ['deny_purge', { deny_purge: true }, { deny_purge: false }],
    ['allow_msg_ttl', { allow_msg_ttl: true }, { allow_msg_ttl: false }],
    ['allow_msg_schedules', { allow_msg_schedules: true }, { allow_msg_schedules: false }],
    ['allow_msg_counter', {}, { allow_msg_counter: true }],
    ['persist_mode', {}, { persist_mode: 'async' }],
    ['first_seq', {}, { first_seq: 7 }],
  ])('refuses impossible changes: %s', async (field, before, after) => {
    await create(before);
    const writes = await watchWrites(jetStream);
    expect(await failureOf({ ...ORDERS, ...after })).toMatchObject({
      code: 'STREAM_DRIFT',
      drift: [{ field }],
      message: expect.stringContaining(`An existing stream cannot change '${field}'. `),
    });
    expect(writes).toEqual([]);
  });
});
