import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { NatsJetStreamClientOptions, NatsJetStreamError } from '@nest-jetstream/transport';
import { createClient } from '../support/clients';
import { startConfiguredServer } from '../support/configured-server';
import { eventually } from '../support/eventually';
import { probe, type JetStreamProbe } from '../support/jetstream-probe';
import { startProxy } from '../support/nats-proxy';
import { startTestServer, type TestServer } from '../support/nats-server';
import { ORDER_CREATED, order } from '../support/orders';

const failureOf = async (publishing: Promise<unknown>): Promise<NatsJetStreamError> =>
  publishing.then(
    (ack) => Promise.reject(new Error(`stored: ${JSON.stringify(ack)}`)),
    (error: NatsJetStreamError) => error,
  );

const storedCount = async ({ manager }: JetStreamProbe): Promise<number> =>
  (await manager.streams.info('ORDERS')).state.messages;

const isEvent = ({ line }: { line: string }): boolean => line.startsWith('HPUB order.created ');
const isPubAck = ({ payload }: { payload: string }): boolean => payload.startsWith('{"stream":"ORDERS"');

/**
 * Returns a configuration with a user `test` for the test and a user `shop` with the given
 * permissions.
 */
const configuration = (permissions: string): string => `
jetstream {}
no_auth_user: test
authorization { users: [
  { user: test, password: test }
  { user: shop, password: shop, permissions: ${permissions} }
] }`;

const shop = (url: string, more: NatsJetStreamClientOptions = {}): NatsJetStreamClientOptions => ({
  connectionOptions: { servers: url, user: 'shop', pass: 'shop', reconnectTimeWait: 20 },
  ...more,
});

describe('emitAsync with missing permissions', () => {
  it('sends nothing when PubAcks cannot be received', async () => {
    const server = await startConfiguredServer(
      configuration('{ publish: ">", subscribe: { allow: ">", deny: "_INBOX.>" } }'),
    );
    const jetStream = await probe(server.url);
    await jetStream.manager.streams.add({ name: 'ORDERS', subjects: ['order.>'] });
    const client = createClient(shop(server.url));

    const events = [1, 2, 3].map((id) => failureOf(client.emitAsync(ORDER_CREATED, order(id))));

    for (const failure of await Promise.all(events))
      expect(failure).toMatchObject({ code: 'PERMISSION_DENIED', operation: 'subscribe' });
    expect(await storedCount(jetStream)).toBe(0);
  });

  it('reports an event as unknown if publishing is forbidden after it was stored', async () => {
    const server = await startConfiguredServer(configuration('{ publish: ">" }'));
    const jetStream = await probe(server.url);
    await jetStream.manager.streams.add({ name: 'ORDERS', subjects: ['order.>'] });
    const proxy = await startProxy(server.url);
    const client = createClient(shop(proxy.url));
    const lost = proxy.loseOne('toClient', isPubAck);
    const publishing = failureOf(client.emitAsync(ORDER_CREATED, order(1)));
    await lost;
    await server.reconfigure(configuration('{ publish: { allow: ">", deny: "order.>" } }'));
    proxy.cut();

    expect(await publishing).toMatchObject({ code: 'PUBLISH_TIMEOUT', cause: { code: 'PERMISSION_DENIED' } });
    expect(await storedCount(jetStream)).toBe(1);
  });

  it('attributes a refusal to the latest event of the subject', async () => {
    const server = await startConfiguredServer(configuration('{ publish: ">" }'));
    const jetStream = await probe(server.url);
    await jetStream.manager.streams.add({ name: 'ORDERS', subjects: ['order.>'] });
    const proxy = await startProxy(server.url);
    const client = createClient(shop(proxy.url, { jetStreamOptions: { timeout: 2_000 } }));
    const lost = proxy.loseOne('toClient', isPubAck);
    const first = client.emitAsync(ORDER_CREATED, order(1), { retries: 1 }).catch((error: unknown) => error);
    await lost;
    await server.reconfigure(configuration('{ publish: { allow: ">", deny: "order.>" } }'));

    expect(await failureOf(client.emitAsync(ORDER_CREATED, order(2)))).toMatchObject({ code: 'PERMISSION_DENIED' });
    expect(await first).toMatchObject({ code: 'PUBLISH_TIMEOUT' });
  });

  it('reports a failed expectation without permission to read the stream', async () => {
    const guide = readFileSync(join(__dirname, '..', '..', 'docs', 'permissions.md'), 'utf8');
    const documented = /```conf\n([\s\S]*?)```/.exec(guide)?.[1] ?? '';
    const server = await startConfiguredServer(
      `no_auth_user: test\n${documented.replace('users: [', 'users: [{ user: test, password: test }')}`,
    );
    const jetStream = await probe(server.url);
    await jetStream.manager.streams.add({ name: 'ORDERS', subjects: ['order.>'] });
    const client = createClient({
      connectionOptions: { servers: server.url, user: 'publisher', pass: 'publisher' },
      provisioning: 'none',
    });
    await client.emitAsync(ORDER_CREATED, order(1));

    const failure = await failureOf(client.emitAsync(ORDER_CREATED, order(2), { expect: { lastSubjectSequence: 7 } }));

    expect(failure).toMatchObject({ code: 'WRONG_LAST_SEQUENCE' });
  });
});

describe('emitAsync', () => {
  let server: TestServer;
  let jetStream: JetStreamProbe;
  beforeEach(async () => {
    server = await startTestServer();
    jetStream = await probe(server.url);
    await jetStream.manager.streams.add({ name: 'ORDERS', subjects: ['order.>'] });
  });

  it('resolves with the PubAck of an earlier attempt', async () => {
    const proxy = await startProxy(server.url);
    const client = createClient({ connectionOptions: { servers: proxy.url } });
    await client.emitAsync(ORDER_CREATED, order(0));
    const first = proxy.holdOne('toClient', isPubAck);
    const second = proxy.loseOne('toServer', ({ line }) => attempts.length === 2 && line.startsWith('HPUB order.'));
    const attempts = proxy.watch('toServer', ({ line }) => line.startsWith('HPUB order.'));
    const publishing = client.emitAsync(ORDER_CREATED, order(1), { timeout: 1_000, retries: 2 });
    await second;
    first.pass();

    expect(await publishing).toEqual({ stream: 'ORDERS', seq: 2, duplicate: false });
  });

  it('ignores answers that are not PubAcks', async () => {
    const answers = [
      '{"response":1,"isDisposed":true}',
      '{"err":"no handler","isDisposed":true}',
      '{"error":"no such order"}',
      '{"stream":"ORDERS"}',
      '[1]',
      'null',
      '5',
      'ok',
      '',
    ];
    jetStream.connection.subscribe('order.created', {
      callback: (_error, message) => {
        for (const answer of answers) message.respond(answer);
      },
    });
    await jetStream.connection.flush();
    const proxy = await startProxy(server.url);
    const client = createClient({
      connectionOptions: { servers: proxy.url },
      jetStreamOptions: { timeout: 500 },
    });
    const lost = proxy.loseOne('toClient', isPubAck);
    const publishing = client.emitAsync(ORDER_CREATED, order(1));
    await lost;

    expect(await publishing).toEqual({ stream: 'ORDERS', seq: 1, duplicate: true });
  });

  it('fails after one attempt when only core NATS subscribers receive the subject', async () => {
    let delivered = 0;
    jetStream.connection.subscribe('stock.counted', { callback: () => void delivered++ });
    await jetStream.connection.flush();
    const client = createClient({ connectionOptions: { servers: server.url }, jetStreamOptions: { timeout: 500 } });

    const failure = await failureOf(client.emitAsync<unknown>('stock.counted', {}));

    expect(failure).toMatchObject({ code: 'NO_STREAM_FOR_SUBJECT', value: 'stock.counted' });
    expect(delivered).toBe(1);
  });

  it('writes an event once if it was published while the connection was lost', async () => {
    const proxy = await startProxy(server.url);
    const client = createClient({ connectionOptions: { servers: proxy.url, reconnectTimeWait: 20 } });
    const statuses: string[] = [];
    client.status.subscribe((status) => statuses.push(status));
    await client.emitAsync(ORDER_CREATED, order(0));
    const frames = proxy.watch('toServer', isEvent);
    await server.stop();
    await eventually('the client is disconnected', () => statuses.includes('disconnected'));
    const publishing = client.emitAsync(ORDER_CREATED, order(1), { retries: 1, timeout: '20s' });
    await server.restart();

    expect(await publishing).toMatchObject({ seq: 2, duplicate: false });
    expect(frames).toHaveLength(1);
  });
});
