import { NatsJetStreamError, type PublishOptions } from '@nest-jetstream/transport';
import { headers as emptyHeaders } from '@nats-io/transport-node';
import { startTestServer, type TestServer } from '../../support/nats-server';
import { startOrdersService, type OrdersService } from './support/orders-service';

let server: TestServer;
beforeEach(async () => {
  server = await startTestServer();
});

async function stored(service: OrdersService) {
  return (await service.jetStream.manager.streams.info('INPUTS')).state.messages;
}

const withValue = (given: unknown): PublishOptions => ({ headers: { 'X-A': given as string } });
const withName = (given: string): PublishOptions => ({ headers: { [given]: 'x' } });

describe('headers - invalid, or with an effect on the server - refused before anything is sent', () => {
  it.each<[what: string, options: PublishOptions, says: string]>([
    ['a name: empty', withName(''), 'visible ASCII'],
    ['a name: a space', withName('a b'), 'visible ASCII'],
    ['a name: a colon', withName('a:b'), 'visible ASCII'],
    ['a name: an accent', withName('é'), 'visible ASCII'],
    ['a name: a line break', withName('a\r\n'), 'visible ASCII'],
    ['a name: NUL', withName('a\0'), 'visible ASCII'],
    ['a value: a line break', withValue('\r\n'), 'cannot contain line breaks'],
    ['a value: an injected header', withValue('x\r\nNats-Msg-Id: 1'), 'cannot contain line breaks'],
    ['a value: a number', withValue(1), 'Pass a string'],
    ['a value: null', withValue(null), 'Pass a string'],
    ['a value: an object', withValue({}), 'Pass a string'],
    ['a value: an array with a number', withValue([1]), 'Pass a string'],
    ['a value: a line break in an array', withValue(['a', 'b\n']), 'cannot contain line breaks'],
    ['not an object', { headers: 'a: b' as never }, 'Pass an object'],
    ["the server's: Nats-Msg-Id", withName('Nats-Msg-Id'), 'control the server'],
    ["the server's: nats-rollup", withName('nats-rollup'), 'control the server'],
    ["the server's: Nats-Expected-Last-Sequence", withName('Nats-Expected-Last-Sequence'), 'control the server'],
    ["the server's: Nats-TTL", withName('Nats-TTL'), 'control the server'],
    ["the server's: NATS-SCHEDULE", withName('NATS-SCHEDULE'), 'control the server'],
    ["the server's: Nats-Msg-Size", withName('Nats-Msg-Size'), 'control the server'],
    ["the server's, in a nats.js MsgHdrs", { headers: withHeader('Nats-Rollup', 'all') }, 'control the server'],
    ['a message id: empty', { msgID: '' }, 'Pass a non-blank string'],
    ['a message id: a line break', { msgID: 'a\nNats-Rollup: all' }, 'Pass a non-blank string'],
    ['a message id: a number', { msgID: 1 as never }, 'Pass a non-blank string'],
  ])('%s', async (_what, options, says) => {
    const service = await startOrdersService(server.url);
    const failure: unknown = await service.client
      .emitAsync('input.given', {}, options)
      .catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(NatsJetStreamError);
    expect(failure).toMatchObject({ code: 'INVALID_OPTION' });
    expect(String(failure)).toContain(says);
    expect(await stored(service)).toBe(0);
    await service.expectAlive();
  });
});

function withHeader(key: string, value: string) {
  const headers = emptyHeaders();
  headers.set(key, value);
  return headers;
}

describe('headers - unusual but harmless - delivered unchanged', () => {
  it.each<[what: string, headers: Record<string, string | string[]>]>([
    ['a value of 60 KB', { 'X-A': 'a'.repeat(60_000) }],
    ['a non-ASCII value', { 'X-A': 'заказ 🚀' }],
    ['an array', { 'X-A': ['1', '2'] }],
    ['an invalid trace context', { traceparent: '00-garbage' }],
    ['5,000 headers', Object.fromEntries(Array.from({ length: 5_000 }, (_, at) => [`X-${at}`, 'v']))],
    ['a name that is a prototype key', JSON.parse('{"__proto__":"x","constructor":"y"}')],
  ])('%s', async (_what, headers) => {
    const seen: Record<string, string[]> = Object.create(null);
    const service = await startOrdersService(server.url, (_event, context) => {
      for (const key of context.headers?.keys() ?? []) seen[key] = context.headers?.values(key) ?? [];
    });
    const { seq } = await service.client.emitAsync('input.given', {}, { headers });
    await expect(service.resultOf(seq)).resolves.toEqual({ is: 'handled', event: {} });
    for (const key of Object.keys(headers)) expect(seen[key]).toEqual([headers[key]].flat());
    await service.expectAlive();
  });

  it('refuses headers above the server limits and keeps the connection', async () => {
    const service = await startOrdersService(server.url);
    const tooLarge = [{ msgID: 'm'.repeat(1_048_576) }, { headers: { 'X-A': 'a'.repeat(1_048_576) } }];
    for (const options of tooLarge)
      await expect(service.client.emitAsync('input.given', {}, options)).rejects.toMatchObject({
        code: 'PAYLOAD_TOO_LARGE',
        limit: 1_048_576,
      });
    const tooMany = { headers: { 'X-A': 'a'.repeat(65_536) } };
    await expect(service.client.emitAsync('input.given', {}, tooMany)).rejects.toMatchObject({
      code: 'PUBLISH_REFUSED',
      message: expect.stringContaining('header size exceeds maximum allowed of 64k') as string,
    });
    expect(await stored(service)).toBe(0);
    await service.expectAlive();
  });
});

describe('headers - reserved, set by another client - ignored, and not copied to the dead letter', () => {
  it.each<[what: string, headers: Record<string, string>]>([
    ['a message id', { 'Nats-Msg-Id': 'mine' }],
    ['an expected stream', { 'Nats-Expected-Stream': 'INPUTS' }],
    ['an expected last sequence', { 'Nats-Expected-Last-Sequence': '0' }],
    ['an expected last sequence of its subject', { 'Nats-Expected-Last-Subject-Sequence': '0' }],
    ['a TTL, which would also expire the dead letter', { 'Nats-TTL': '1h' }],
    ['a rollup of its subject', { 'Nats-Rollup': 'sub' }],
    [
      'forged dead letter headers',
      { 'Dead-Letter-Reason': 'forged', 'dead-letter-stack': 'forged', 'Dead-Letter-Subject': 'a.b' },
    ],
    ['request info of a client', { 'Nats-Request-Info': '{"acc":"admin"}' }],
  ])('%s', async (_what, given) => {
    const service = await startOrdersService(server.url, () => {
      throw new Error('no');
    });
    const result = await service.resultOf(await service.publishRaw('{"id":1}', { ...given, 'X-Mine': 'kept' }));
    if (result.is !== 'dead') throw new Error('handled');
    const { header } = result.deadLetter;
    expect(header.get('X-Mine')).toBe('kept');
    expect(header.get('Dead-Letter-Subject')).toBe('input.given');
    expect(header.get('Dead-Letter-Reason')).toBe('no');
    expect(header.get('Dead-Letter-Message-Id')).toBe(given['Nats-Msg-Id'] ?? '');
    const shown = [...header.keys()].flatMap((key) => header.values(key)).join('\n');
    expect(shown).not.toContain('forged');
    // The transport sets this header on dead letters itself.
    const own = new Set(['Nats-Expected-Last-Subject-Sequence']);
    expect([...header.keys()].filter((key) => /^nats-/i.test(key) && !own.has(key))).toEqual([]);
    expect(result.deadLetter.string()).toBe('{"id":1}');
    await service.expectAlive();
  });

  it('dead-letters an empty body with a Nats-Msg-Size header', async () => {
    const service = await startOrdersService(server.url);
    const result = await service.resultOf(await service.publishRaw('', { 'Nats-Msg-Size': '5' }));
    expect(result.is).toBe('dead');
    await service.expectAlive();
  });
});
