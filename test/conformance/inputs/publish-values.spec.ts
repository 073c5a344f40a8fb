import { inspect } from 'node:util';
import { of } from 'rxjs';
import { NatsJetStreamError } from '@nest-jetstream/transport';
import { startTestServer, type TestServer } from '../../support/nats-server';
import { startOrdersService } from './support/orders-service';

let server: TestServer;
beforeEach(async () => {
  server = await startTestServer();
});

class Order {
  readonly id = 1;
  readonly #secret = 's3cret';
  get total(): string {
    return this.#secret;
  }
}

class Ping {
  sent(): boolean {
    return true;
  }
}

const circular: Record<string, unknown> = { id: 1 };
circular['self'] = circular;
const withThrowingGetter = {
  get id(): number {
    throw new Error('not now');
  },
};
const throwingTraps = new Proxy(
  {},
  {
    ownKeys: () => {
      throw new Error('no keys');
    },
  },
);
const revoked = (): object => {
  const { proxy, revoke } = Proxy.revocable({}, {});
  revoke();
  return proxy;
};

describe('publish - a valid value - stored as the expected bytes', () => {
  it.each<[what: string, value: unknown, bytes: string]>([
    ['null', null, 'null'],
    ['a number', 7, '7'],
    ['an empty string', '', '""'],
    ['NaN, which becomes null', Number.NaN, 'null'],
    ['a date', new Date(0), '"1970-01-01T00:00:00.000Z"'],
    ['an invalid date, which becomes null', new Date(Number.NaN), 'null'],
    ['an object without a prototype', Object.assign(Object.create(null), { id: 1 }), '{"id":1}'],
    ['a class instance, without its private fields and getters', new Order(), '{"id":1}'],
    ['an instance without fields', new Ping(), '{}'],
    [
      'undefined, a function and a symbol in an object, which are omitted',
      { a: undefined, b: () => 1, c: Symbol('c') },
      '{}',
    ],
    ['undefined in an array', [undefined], '[null]'],
    ['toJSON', { toJSON: () => ({ id: 2 }) }, '{"id":2}'],
    ['a proxy', new Proxy({ id: 3 }, {}), '{"id":3}'],
    ['an own key __proto__', JSON.parse('{"__proto__":{"admin":true}}'), '{"__proto__":{"admin":true}}'],
    ['a lone surrogate', '\uD800', String.raw`"\ud800"`],
    ['a frozen object', Object.freeze({ id: 4 }), '{"id":4}'],
    ['bytes', new Uint8Array([0x7b, 0x7d]), '{}'],
    ['a Buffer', Buffer.from('no JSON'), 'no JSON'],
    ['an empty view of a buffer', new Uint8Array(Buffer.from('xyz').buffer, Buffer.from('xyz').byteOffset, 0), ''],
  ])('%s', async (_what, value, bytes) => {
    const service = await startOrdersService(server.url);
    const { seq } = await service.client.emitAsync<unknown>('input.given', value);
    const stored = await service.jetStream.manager.streams.getMessage('INPUTS', { seq });
    expect(stored?.string()).toBe(bytes);
    await service.expectAlive();
  });
});

describe('publish - a value that JSON cannot represent - refused before anything is sent', () => {
  it.each<[what: string, value: () => unknown, says: string]>([
    ['undefined', () => undefined, 'it is undefined'],
    ['a function', () => () => 1, 'it is function'],
    ['a symbol', () => Symbol('s'), 'it is symbol'],
    ['a BigInt', () => 1n, 'Do not know how to serialize a BigInt'],
    ['a BigInt in an object', () => ({ id: 1n }), 'Do not know how to serialize a BigInt'],
    ['a cycle', () => circular, 'Converting circular structure to JSON'],
    ['a getter that throws', () => withThrowingGetter, 'not now'],
    ['a toJSON that throws', () => ({ toJSON: () => withThrowingGetter.id }), 'not now'],
    ['a proxy that throws', () => throwingTraps, 'no keys'],
    ['a revoked proxy', revoked, 'a proxy that has been revoked'],
    ['400,000 nested arrays', () => JSON.parse(`${'['.repeat(4e5)}${']'.repeat(4e5)}`), 'call stack'],
    ['a Map', () => new Map([['id', 1]]), 'it is a Map, which JSON cannot represent'],
    ['a Set', () => new Set([1]), 'it is a Set, which JSON cannot represent'],
    ['a promise that was not awaited', async () => ({ id: 1 }), 'it is a Promise, which JSON cannot represent'],
    ['an ArrayBuffer', () => new ArrayBuffer(8), 'it is an ArrayBuffer, which JSON cannot represent'],
    ['a stream', () => new ReadableStream(), 'it is a ReadableStream, which JSON cannot represent'],
    ['an Error', () => new Error('x'), 'it is an Error, which JSON cannot represent'],
    ['a regular expression', () => /x/, 'it is a RegExp, which JSON cannot represent'],
  ])('%s', async (_what, value, says) => {
    const service = await startOrdersService(server.url);
    const failure: unknown = await service.client
      .emitAsync<unknown>('input.given', value())
      .catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(NatsJetStreamError);
    expect(failure).toMatchObject({ code: 'UNSERIALIZABLE_EVENT' });
    expect(String(failure)).toContain("The event for 'input.given' cannot be written as JSON (");
    expect(String(failure)).toContain(says);
    expect((await service.jetStream.manager.streams.info('INPUTS')).state.messages).toBe(0);
    await service.expectAlive();
  });
});

describe('publish - an invalid subject - refused before anything is sent, and the connection stays open', () => {
  it.each<[what: string, subject: unknown, says: string]>([
    ['empty', '', 'Write one'],
    ['a space', ' ', 'contains white space'],
    ['a space inside', 'input.a b', 'contains white space'],
    ['a tab', 'input.a\tb', 'contains white space'],
    ['a PUB command injected after a line break', 'input.a\r\nPUB input.stolen 1\r\ny', 'contains white space'],
    ['a line break at the end', 'input.a\n', 'contains white space'],
    ['NUL', 'input.a\0b', 'control character'],
    ['a line separator', 'input.a\u2028b', 'contains white space'],
    ['a wildcard', '*', 'is a pattern'],
    ['the wildcard >', '>', 'is a pattern'],
    ['a wildcard at the end', 'input.*', 'is a pattern'],
    ['the wildcard > at the end', 'input.>', 'is a pattern'],
    ['an empty token', 'input..x', 'has an empty token'],
    ['an empty first token', '.input', 'has an empty token'],
    ['an empty last token', 'input.', 'has an empty token'],
    ['the API of JetStream', '$JS.API.STREAM.DELETE.INPUTS', 'reserved for nats-server'],
    ['the system', '$SYS.REQ.SERVER.PING', 'reserved for nats-server'],
    ['a key-value bucket', '$KV.b.k', 'reserved for nats-server'],
    ["another client's inbox", '_INBOX.abc.1', 'inbox'],
    ['64 KB', `input.${'a'.repeat(65_536)}`, 'bytes'],
    ['64 KB of tokens', `input${'.a'.repeat(32_768)}`, 'bytes'],
    ['a lone surrogate', 'input.\uD800', 'surrogate'],
    ['undefined', undefined, 'Write one'],
    ['null', null, 'Write one'],
    ['a number', 5, 'Write one'],
    ['a symbol', Symbol('s'), 'Write one'],
    ['an object', { toString: () => 'input.a' }, 'Write one'],
    ['an array', ['input.a'], 'Write one'],
  ])('%s', async (_what, subject, says) => {
    const service = await startOrdersService(server.url);
    const { connection } = service.jetStream;
    const subjects: string[] = [];
    connection.subscribe('input.>', { callback: (_, message) => void subjects.push(message.subject) });
    await connection.flush();
    for (const publish of [
      () => service.client.emitAsync(subject as string, {}),
      () => service.client.request(subject as string, {}),
    ]) {
      const failure: unknown = await publish().catch((error: unknown) => error);
      expect(failure).toBeInstanceOf(NatsJetStreamError);
      expect(failure).toMatchObject({ code: 'INVALID_SUBJECT' });
      expect(String(failure)).toContain(says);
      // The message does not contain a subject of 64 KB in full.
      expect(String(failure).length).toBeLessThan(600);
    }
    await service.expectAlive();
    expect(subjects).toEqual(['input.given']);
    expect(service.logged.filter((line) => /Lost the connection/.test(line))).toEqual([]);
  });

  it.each([
    ['accents, Cyrillic and emoji', 'input.заказ.é.🚀'],
    ['the maximum length', `input.${'a'.repeat(2_900)}`],
    ['wildcard characters inside tokens', 'input.a>b.c*d.../'.replaceAll('..', '')],
  ])('publishes to a subject with %s', async (_what, subject) => {
    const service = await startOrdersService(server.url);
    await expect(service.client.emitAsync(subject, {})).resolves.toMatchObject({ stream: 'INPUTS' });
    await service.expectAlive();
  });
});

it('publish - emit and send with an invalid subject - the Observable fails, and nothing is thrown', async () => {
  const service = await startOrdersService(server.url);
  for (const subject of ['a b', Symbol('s'), null]) {
    const failures: unknown[] = [];
    const fail = { error: (error: unknown) => void failures.push(error) };
    for (const result of [service.client.emit(subject as string, {}), service.client.send(subject as string, {})])
      await new Promise<void>((resolve) => result.subscribe({ error: (error) => (fail.error(error), resolve()) }));
    expect(failures).toHaveLength(2);
    expect(failures[0]).toMatchObject({ code: 'INVALID_SUBJECT' });
  }
  await service.expectAlive();
});

it('publish - emit of a value that JSON cannot represent - the Observable fails, and an unobserved failure is logged', async () => {
  const service = await startOrdersService(server.url);
  for (const value of [undefined, 1n, revoked(), of(1)]) service.client.emit<unknown, unknown>('input.given', value);
  await service.expectAlive();
  expect(
    service.logged.filter((line) => line.includes('failed without an error callback')).length,
  ).toBeGreaterThanOrEqual(3);
  expect(inspect(service.logged)).not.toContain('unhandled');
});
