import { NatsJetStreamClientProxy, NatsJetStreamRecordBuilder } from '@nest-jetstream/transport';
import { headers } from '@nats-io/transport-node';
import { lastValueFrom } from 'rxjs';
import { probe } from '../support/jetstream-probe';
import { startTestServer, type TestServer } from '../support/nats-server';
import { startTestApp } from '../support/nest-app';
import { ORDER_CREATED, OrdersStream, order } from '../support/orders';
import { startProxy } from '../support/nats-proxy';

describe('Published event', () => {
  let server: TestServer;
  let client: NatsJetStreamClientProxy;
  beforeEach(async () => {
    server = await startTestServer();
    const app = await startTestApp(server.url, {
      streams: [OrdersStream],
      streamConfig: [
        { name: 'FULL', subjects: ['full.>'], max_msgs: 1, discard: 'new', max_msg_size: 300 },
        { name: 'TIMED', subjects: ['timed.>'], allow_msg_ttl: true, allow_msg_schedules: true },
      ],
    });
    client = app.get(NatsJetStreamClientProxy);
  });

  const stored = async (stream: string, seq: number) =>
    (await (await probe(server.url)).manager.streams.getMessage(stream, { seq }))!;

  it('carries headers from an object or from nats.js, which are not modified', async () => {
    const natsHeaders = headers();
    natsHeaders.append('Trace', 'a');
    natsHeaders.append('Trace', 'b');
    const options = Object.freeze({ headers: natsHeaders });
    await client.emitAsync(ORDER_CREATED, order(1), options);
    expect((await client.emitAsync(ORDER_CREATED, order(2), options)).duplicate).toBe(false);
    await client.emitAsync(ORDER_CREATED, order(3), { headers: Object.freeze({ tenant: 'acme', tags: ['x', 'y'] }) });
    expect([...natsHeaders.keys()]).toEqual(['Trace']);
    expect((await stored('ORDERS', 2)).header.values('Trace')).toEqual(['a', 'b']);
    expect((await stored('ORDERS', 3)).header.values('tags')).toEqual(['x', 'y']);
  });

  it('is stored once per message id', async () => {
    const options = { msgID: 'order-1' };
    expect(await client.emitAsync(ORDER_CREATED, order(1), options)).toMatchObject({ seq: 1, duplicate: false });
    expect(await client.emitAsync(ORDER_CREATED, order(1), options)).toMatchObject({ seq: 1, duplicate: true });
  });

  it('can be a record with emit, send and emitAsync', async () => {
    const record = new NatsJetStreamRecordBuilder(order(1))
      .setMessageId('order-1')
      .setHeaders({ tenant: 'acme' })
      .build();
    expect(await client.emitAsync(ORDER_CREATED, record)).toMatchObject({ seq: 1, duplicate: false });
    expect(await lastValueFrom(client.emit(ORDER_CREATED, record))).toMatchObject({ seq: 1, duplicate: true });
    expect(await lastValueFrom(client.send(ORDER_CREATED, record))).toMatchObject({ seq: 1, duplicate: true });
    const { header, data } = await stored('ORDERS', 1);
    expect(header.get('tenant')).toBe('acme');
    expect(JSON.parse(new TextDecoder().decode(data))).toEqual(order(1));
  });

  it('is stored only if its expectations hold', async () => {
    await client.emitAsync(ORDER_CREATED, order(1), {
      msgID: 'one',
      expect: { lastSequence: 0, streamName: 'ORDERS' },
    });
    const refused = [
      { lastSequence: 7 },
      { lastSubjectSequence: 7 },
      { lastSubjectSequence: 7, lastSubjectSequenceSubject: 'order.created' },
      { lastMsgID: 'two' },
    ];
    for (const expectation of refused) {
      const attempt = client.emitAsync(ORDER_CREATED, order(2), { expect: expectation });
      await expect(attempt).rejects.toMatchObject({ code: 'WRONG_LAST_SEQUENCE', value: ORDER_CREATED });
    }
    const elsewhere = client.emitAsync(ORDER_CREATED, order(2), { expect: { streamName: 'OTHER' } });
    await expect(elsewhere).rejects.toMatchObject({ code: 'PUBLISH_REFUSED' });
    expect(await client.emitAsync(ORDER_CREATED, order(2), { expect: { lastMsgID: 'one' } })).toMatchObject({ seq: 2 });
  });

  it('carries its ttl and its schedule', async () => {
    await client.emitAsync('timed.a', {}, { ttl: '1h' });
    expect((await stored('TIMED', 1)).header.get('Nats-TTL')).toBe('3600s');
    const at = new Date(Date.now() + 3_600_000);
    await client.emitAsync('timed.plan', {}, { schedule: { specification: at, target: 'timed.due' } });
    expect((await stored('TIMED', 2)).header.get('Nats-Schedule-Target')).toBe('timed.due');
  });

  it('ends a schedule with cancelSchedule', async () => {
    const at = new Date(Date.now() + 3_600_000);
    await client.emitAsync('timed.plan', {}, { schedule: { specification: at, target: 'timed.due' } });
    await client.emitAsync('timed.called-off', {}, { cancelSchedule: { scheduleSubject: 'timed.plan' } });
    const { manager } = await probe(server.url);
    expect(await manager.streams.getMessage('TIMED', { last_by_subj: 'timed.plan' })).toBeNull();
  });

  it('is refused with a code if there is no room for it', async () => {
    await client.emitAsync('full.a', {});
    await expect(client.emitAsync('full.a', {})).rejects.toMatchObject({ code: 'STREAM_FULL', value: 'full.a' });
    const large = client.emitAsync('full.a', 'x'.repeat(400));
    await expect(large).rejects.toMatchObject({ code: 'PAYLOAD_TOO_LARGE', limit: 300 });
    const huge = client.emitAsync(ORDER_CREATED, { ...order(1), product: 'x'.repeat(1_048_576) });
    await expect(huge).rejects.toMatchObject({ code: 'PAYLOAD_TOO_LARGE', limit: 1_048_576 });
    expect(await client.emitAsync(ORDER_CREATED, order(1))).toMatchObject({ seq: 1 });
  });

  it.each<[string, object, string]>([
    ['a header of the server', { headers: { 'nats-msg-id': 'x' } }, 'control the server. Use the options msgID'],
    ['a header name with a colon', { headers: { 'a:b': 'x' } }, `'headers' cannot contain the name "a:b". Use visible`],
    ['an empty header name', { headers: { '': 'x' } }, 'visible ASCII'],
    [
      'a header that begins with Nats-',
      { headers: { 'Nats-Rollup': 'all' } },
      `Option 'headers.Nats-Rollup' cannot be "all". Headers that begin with 'Nats-' control the server`,
    ],
    ['a line break in a header', { headers: { a: 'x\r\nNats-Msg-Id: 1' } }, 'cannot contain line breaks'],
    ['a header that is not a string', { headers: { a: 1 } }, 'Pass a string, or an array of strings'],
    ['an empty message id', { msgID: '' }, "Option 'msgID'"],
    ['a ttl below a second', { ttl: '1500ms' }, 'whole seconds'],
    ['retries: 0', { retries: 0 }, '1 or more'],
    ['an infinite timeout', { timeout: Infinity }, "Option 'timeout'"],
    ['the old name of timeout', { ackWait: 1000 }, "Did you mean 'timeout'?"],
    [
      'schedule and cancelSchedule',
      { schedule: {}, cancelSchedule: {} },
      "'cancelSchedule' and 'schedule' cannot be combined",
    ],
  ])('is not sent with %s', async (_what, options, message) => {
    const attempt = client.emitAsync(ORDER_CREATED, order(1), options);
    await expect(attempt).rejects.toMatchObject({ code: 'INVALID_OPTION', message: expect.stringContaining(message) });
  });

  it('is stored once if its PubAck is lost', async () => {
    const proxy = await startProxy(server.url);
    const remote = (await startTestApp(proxy.url)).get(NatsJetStreamClientProxy);
    const lost = proxy.loseOne('toClient', ({ payload }) => payload.includes('"seq":'));
    const ack = await remote.emitAsync(ORDER_CREATED, order(1), { timeout: 500, expect: { lastSequence: 0 } });
    expect(ack).toEqual({ stream: 'ORDERS', seq: 1, duplicate: true });
    await lost;
    const { manager } = await probe(server.url);
    expect((await manager.streams.info('ORDERS')).state.messages).toBe(1);
  });
});

describe('jetStreamPublishOptions', () => {
  it('are defaults that a message overrides', async () => {
    const server = await startTestServer();
    const app = await startTestApp(server.url, {
      streams: [OrdersStream],
      jetStreamPublishOptions: { headers: { source: 'shop', tenant: 'none' }, expect: { streamName: 'ORDERS' } },
    });
    await app.get(NatsJetStreamClientProxy).emitAsync(ORDER_CREATED, order(1), { headers: { tenant: 'acme' } });
    const { manager } = await probe(server.url);
    const { header } = (await manager.streams.getMessage('ORDERS', { seq: 1 }))!;
    expect([header.get('source'), header.get('tenant')]).toEqual(['shop', 'acme']);
    expect(header.get('Nats-Expected-Stream')).toBe('ORDERS');
  });

  it.each<[object, string]>([
    [{ msgID: 'x' }, 'jetStreamPublishOptions.msgID'],
    [{ schedule: {} }, 'jetStreamPublishOptions.schedule'],
    [{ expect: { lastSequence: 1 } }, 'jetStreamPublishOptions.expect.lastSequence'],
    [{ expect: { lastMsgID: 'x' } }, 'jetStreamPublishOptions.expect.lastMsgID'],
    [{ expect: { lastSubjectSequence: 1 } }, 'jetStreamPublishOptions.expect.lastSubjectSequence'],
  ])('refuse options of a single message: %j', (jetStreamPublishOptions, option) => {
    expect(() => new NatsJetStreamClientProxy({ jetStreamPublishOptions })).toThrow(option);
  });
});
