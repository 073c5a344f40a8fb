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

describe('headers - what cannot be sent, or steers the server - refused before anything is sent', () => {
  it.each<[what: string, options: PublishOptions, says: string]>([
    ['a name: empty', withName(''), 'visible ASCII'],
    ['a name: a space', withName('a b'), 'visible ASCII'],
    ['a name: a colon', withName('a:b'), 'visible ASCII'],
    ['a name: an accent', withName('é'), 'visible ASCII'],
    ['a name: a line break', withName('a\r\n'), 'visible ASCII'],
    ['a name: NUL', withName('a\0'), 'visible ASCII'],
    ['a value: a line break', withValue('\r\n'), 'no line breaks'],
    ['a value: a header of its own', withValue('x\r\nNats-Msg-Id: 1'), 'no line breaks'],
    ['a value: a number', withValue(1), 'A value is text'],
    ['a value: null', withValue(null), 'A value is text'],
    ['a value: an object', withValue({}), 'A value is text'],
    ['a value: a list with a number', withValue([1]), 'A value is text'],
    ['a value: a line break within a list', withValue(['a', 'b\n']), 'no line breaks'],
    ['no object', { headers: 'a: b' as never }, 'Give an object'],
    ["the server's: Nats-Msg-Id", withName('Nats-Msg-Id'), 'steer the server'],
    ["the server's: nats-rollup", withName('nats-rollup'), 'steer the server'],
    ["the server's: Nats-Expected-Last-Sequence", withName('Nats-Expected-Last-Sequence'), 'steer the server'],
    ["the server's: Nats-TTL", withName('Nats-TTL'), 'steer the server'],
    ["the server's: NATS-SCHEDULE", withName('NATS-SCHEDULE'), 'steer the server'],
    ["the server's: Nats-Msg-Size", withName('Nats-Msg-Size'), 'steer the server'],
    ["the server's, in a nats.js MsgHdrs", { headers: withHeader('Nats-Rollup', 'all') }, 'steer the server'],
    ['a message id: empty', { msgID: '' }, 'has no line breaks'],
    ['a message id: a line break', { msgID: 'a\nNats-Rollup: all' }, 'has no line breaks'],
    ['a message id: a number', { msgID: 1 as never }, 'has no line breaks'],
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

describe('headers - unusual, and harmless - delivered as they are', () => {
  it.each<[what: string, headers: Record<string, string | string[]>]>([
    ['a value of 60 KB', { 'X-A': 'a'.repeat(60_000) }],
    ['a value in any alphabet', { 'X-A': 'заказ 🚀' }],
    ['a list', { 'X-A': ['1', '2'] }],
    ['a trace context that is none', { traceparent: '00-garbage' }],
    ['5,000 of them', Object.fromEntries(Array.from({ length: 5_000 }, (_, at) => [`X-${at}`, 'v']))],
    ['a name that is a prototype key', JSON.parse('{"__proto__":"x","constructor":"y"}')],
  ])('%s', async (_what, headers) => {
    const seen: Record<string, string[]> = Object.create(null);
    const service = await startOrdersService(server.url, (_event, context) => {
      for (const key of context.headers?.keys() ?? []) seen[key] = context.headers?.values(key) ?? [];
    });
    const { seq } = await service.client.emitAsync('input.given', {}, { headers });
    await expect(service.fateOf(seq)).resolves.toEqual({ is: 'handled', event: {} });
    for (const key of Object.keys(headers)) expect(seen[key]).toEqual([headers[key]].flat());
    await service.expectAlive();
  });

  it('more than the server takes with the event is refused with both sizes, and the connection lives', async () => {
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

describe("headers - the server's own, set by another client - not believed, and not on the dead letter", () => {
  it.each<[what: string, headers: Record<string, string>]>([
    ['a message id', { 'Nats-Msg-Id': 'mine' }],
    ['a stream that it must be in, which the dead letters are not', { 'Nats-Expected-Stream': 'INPUTS' }],
    ['a last sequence', { 'Nats-Expected-Last-Sequence': '0' }],
    ['a last sequence of its subject', { 'Nats-Expected-Last-Subject-Sequence': '0' }],
    ['a time to live, which would end the dead letter too', { 'Nats-TTL': '1h' }],
    ['a rollup of its subject', { 'Nats-Rollup': 'sub' }],
    [
      'a death that was not',
      { 'Dead-Letter-Reason': 'forged', 'dead-letter-stack': 'forged', 'Dead-Letter-Subject': 'a.b' },
    ],
    ['a client', { 'Nats-Request-Info': '{"acc":"admin"}' }],
  ])('%s', async (_what, given) => {
    const service = await startOrdersService(server.url, () => {
      throw new Error('no');
    });
    const fate = await service.fateOf(await service.publishRaw('{"id":1}', { ...given, 'X-Mine': 'kept' }));
    if (fate.is !== 'dead') throw new Error('handled');
    const { header } = fate.letter;
    expect(header.get('X-Mine')).toBe('kept');
    expect(header.get('Dead-Letter-Subject')).toBe('input.given');
    expect(header.get('Dead-Letter-Reason')).toBe('no');
    expect(header.get('Dead-Letter-Message-Id')).toBe(given['Nats-Msg-Id'] ?? '');
    const shown = [...header.keys()].flatMap((key) => header.values(key)).join('\n');
    expect(shown).not.toContain('forged');
    // What the transport itself expects of the subject of a dead letter.
    const own = new Set(['Nats-Expected-Last-Subject-Sequence']);
    expect([...header.keys()].filter((key) => /^nats-/i.test(key) && !own.has(key))).toEqual([]);
    expect(fate.letter.string()).toBe('{"id":1}');
    await service.expectAlive();
  });

  it('the size that stands for a body left out: an empty body stays one that cannot be read', async () => {
    const service = await startOrdersService(server.url);
    const fate = await service.fateOf(await service.publishRaw('', { 'Nats-Msg-Size': '5' }));
    expect(fate.is).toBe('dead');
    await service.expectAlive();
  });
});
