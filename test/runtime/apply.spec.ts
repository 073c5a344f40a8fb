import type { Type } from '@nestjs/common';
import { applyStart, OperationRunner, planStart, planText, replayText } from '../../runtime/src/operations';
import { watchWrites } from '../support/api-writes';
import { startConfiguredServer } from '../support/configured-server';
import { DECLARED_DURABLE, declaredApp, startAndClose, type Declared } from '../support/declared-app';
import { deleteStreams, probe, type JetStreamProbe } from '../support/jetstream-probe';
import { startProxy } from '../support/nats-proxy';
import { startTestServer, type TestServer } from '../support/nats-server';
import { ORDER_CREATED } from '../support/orders';

let server: TestServer;
let jetStream: JetStreamProbe;
beforeAll(async () => {
  server = await startTestServer();
});
beforeEach(async () => {
  jetStream = await probe(server.url);
  await deleteStreams(jetStream);
});

const application = (declared?: Declared): Type => declaredApp(server.url, declared);

const changesOf = async (root: Type): Promise<unknown[]> => (await planStart(root)).flatMap(({ steps }) => steps);

describe('applyStart', () => {
  it.each(['verify', 'none'] as const)("prepares a start with provisioning '%s'", async (provisioning) => {
    const root = application({ provisioning });
    await expect(startAndClose(root)).rejects.toMatchObject({ code: expect.any(String) });
    expect(await applyStart(root)).toMatchObject({
      applied: true,
      connections: [{ steps: Array.from({ length: 4 }, () => ({ action: 'create' })) }],
    });
    await startAndClose(root);
  });

  it('writes nothing the second time', async () => {
    await applyStart(application());
    const writes = await watchWrites(jetStream);
    expect(await applyStart(application())).toMatchObject({ applied: true, connections: [{ steps: [] }] });
    expect(writes).toEqual([]);
  });

  it('updates what differs', async () => {
    await applyStart(application());
    const changed = application({ stream: { description: 'all orders' }, consumer: { ackWait: '1m' } });
    await applyStart(changed);
    expect(await changesOf(changed)).toEqual([]);
    const { config } = await jetStream.manager.consumers.info('ORDERS', DECLARED_DURABLE);
    expect(config.ack_wait).toBe(60e9);
  });

  it('makes no change if one is refused', async () => {
    await jetStream.manager.streams.add({ name: 'ORDERS', subjects: [ORDER_CREATED], max_age: 30e9 });
    const writes = await watchWrites(jetStream);
    expect(await applyStart(application({ stream: { maxAge: '7s' } }))).toMatchObject({
      applied: false,
      connections: [{ steps: expect.arrayContaining([expect.objectContaining({ action: 'refuse' })]) }],
    });
    expect(writes).toEqual([]);
  });

  it('succeeds beside a start and another apply', async () => {
    const root = application();
    await Promise.all([applyStart(root), startAndClose(root), applyStart(root), startAndClose(root)]);
    expect(await changesOf(root)).toEqual([]);
    await startAndClose(application({ provisioning: 'verify' }));
  });

  it('reports the failed change if the server is gone afterwards', async () => {
    const proxy = await startProxy(server.url);
    const change = proxy.holdOne('toServer', ({ line }) => line.includes('STREAM.CREATE.ORDERS_DEAD'));
    const jetStreamOptions = { timeout: 500 };
    const root = application({ connectionOptions: { servers: proxy.url }, jetStreamOptions });
    const failure = applyStart(root).catch((error: unknown) => error);
    await change.held;
    proxy.end();
    expect(await failure).toMatchObject({
      code: 'STREAM_PROVISIONING',
      message: expect.stringContaining('ORDERS_DEAD'),
    });
  });

  it('reports the changes that were made before the server refused one', async () => {
    const limited = await startConfiguredServer(`
      jetstream {}
      accounts { SHOP { jetstream: { max_streams: 2 }, users = [{ user: app, password: "-" }] } }
      no_auth_user: app`);
    const root = application({ connectionOptions: { servers: limited.url } });
    await expect(applyStart(root)).rejects.toMatchObject({
      code: 'APPLY_INCOMPLETE',
      made: 3,
      message: expect.stringMatching(
        /^3 of 4 changes were made, then one failed\. .*JETSTREAM_ATTEMPTS.* Run apply again/,
      ),
      cause: { code: 'STREAM_PROVISIONING' },
    });
  });
});

describe('the texts of plan and replay', () => {
  it('escape what a terminal would run', async () => {
    const hostile = 'red \u001b[31m\u009b2J\u202e end';
    await jetStream.manager.streams.add({ name: 'ORDERS', subjects: [ORDER_CREATED], description: hostile });
    const lines = planText(await planStart(application({ stream: { description: 'all orders' } })));
    expect(lines.join('\n')).toContain(String.raw`[31m\u009b2J\u202e end`);
    const counts = { fromSequence: 1, messages: 1, unacknowledged: 0, dryRun: true };
    lines.push(...replayText({ ...counts, stream: 'OR\u202eDERS', durable: '\u009b2J' }));
    lines.push(...replayText({ ...counts, stream: 'OR\u202eDERS', durable: '\u009b2J', messages: 0 }));
    expect(lines.filter((line) => /[^\P{Cc}]|\u202e/u.test(line))).toEqual([]);
  });
});

describe('the operation apply', () => {
  let runner: OperationRunner;
  const open = async (root: Type): Promise<void> => {
    runner = await OperationRunner.ofApplication(root);
  };
  afterEach(async () => runner.close());

  it('changes nothing if the plan has a change that was not confirmed', async () => {
    await applyStart(application());
    await open(application({ stream: { description: 'all orders' } }));
    const confirmed = (await runner.run('plan', {})).result;
    await jetStream.manager.streams.update('ORDERS', { description: 'of another operator' });
    const writes = await watchWrites(jetStream);
    const { result, text } = await runner.run('apply', { confirmed });
    expect(result).toMatchObject({
      applied: false,
      connections: [{ steps: [{ action: 'update', stream: 'ORDERS' }] }],
    });
    expect(text.at(-1)).toBe('The server has changed since the confirmed plan. Nothing was changed. Run apply again.');
    expect(text.join('\n')).toContain('description "of another operator" → "all orders"');
    expect(writes).toEqual([]);
  });

  it('makes the confirmed changes that are left', async () => {
    await open(application());
    const confirmed = (await runner.run('plan', {})).result;
    await jetStream.manager.streams.add({ name: 'ORDERS', subjects: [ORDER_CREATED] });
    await applyStart(application());
    await jetStream.manager.consumers.delete('ORDERS', DECLARED_DURABLE);
    // Messages that arrive do not change the plan.
    await jetStream.client.publish(ORDER_CREATED, '{}');
    expect((await runner.run('apply', { confirmed })).result.applied).toBe(true);
    expect(await changesOf(application())).toEqual([]);
  });
});
