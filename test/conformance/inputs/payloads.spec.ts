import { gzipSync } from 'node:zlib';
import { startTestServer, type TestServer } from '../../support/nats-server';
import { eventually } from '../../support/eventually';
import { reasonOf, startOrdersService } from './support/orders-service';

const MAX_PAYLOAD = 1_048_576;
const NESTED = `${'['.repeat(400_000)}${']'.repeat(400_000)}`;

let server: TestServer;
beforeEach(async () => {
  server = await startTestServer();
});

type Bytes = Uint8Array | string;

describe('payload bytes - of any client - handled as JSON reads them, and the next message too', () => {
  it.each<[what: string, bytes: Bytes, event: unknown]>([
    ['null', 'null', null],
    ['a text', '"hello\\nworld"', 'hello\nworld'],
    ['a byte order mark before it', '\uFEFF{}', {}],
    ['a key twice: the last one counts', '{"a":1,"a":2}', { a: 2 }],
    ['a `then` that is no function', '{"then":1}', JSON.parse('{"then":1}')],
    ['a `toJSON` that is no function', '{"toJSON":1}', { toJSON: 1 }],
    ['an integer that a double cannot hold: rounded', '{"id":9007199254740993}', { id: 9_007_199_254_740_992 }],
    ['a number beyond a double', '1e400', Number.POSITIVE_INFINITY],
    ['minus zero', '-0', -0],
    ['half a surrogate pair', String.raw`"\ud800"`, '\uD800'],
    ['white space around it', ' \r\n\t{} \n', {}],
  ])('%s', async (_what, bytes, event) => {
    const service = await startOrdersService(server.url);
    const fate = await service.fateOf(await service.publishRaw(bytes));
    expect(fate).toStrictEqual({ is: 'handled', event });
    await service.expectAlive();
  });

  it.each<[what: string, json: string]>([
    ['__proto__', '{"__proto__":{"admin":true}}'],
    ['constructor.prototype', '{"constructor":{"prototype":{"admin":true}}}'],
  ])('a prototype key, %s, is a key of the event and of nothing else', async (_what, json) => {
    const service = await startOrdersService(server.url);
    const fate = await service.fateOf(await service.publishRaw(json));
    expect(fate.is === 'handled' && JSON.stringify(fate.event)).toBe(json);
    expect(Reflect.get({}, 'admin')).toBeUndefined();
    expect(Reflect.get(Object, 'admin')).toBeUndefined();
    await service.expectAlive();
  });

  it('400,000 arrays in one another, also when their handler fails: the dead letter has the bytes', async () => {
    const service = await startOrdersService(server.url, (event) => {
      if (Array.isArray(event) && Array.isArray(event[0])) throw new Error('too deep for me');
    });
    const fate = await service.fateOf(await service.publishRaw(NESTED));
    expect(fate.is === 'dead' && [reasonOf(fate.letter), fate.letter.string() === NESTED]).toEqual([
      'too deep for me',
      true,
    ]);
    await service.expectAlive();
  });

  it('100,000 keys', async () => {
    const event = Object.fromEntries(Array.from({ length: 100_000 }, (_, at) => [`k${at}`, 1]));
    const service = await startOrdersService(server.url);
    const json = JSON.stringify(event).slice(0, MAX_PAYLOAD);
    const fate = await service.fateOf(await service.publishRaw(json.slice(0, json.lastIndexOf(',')) + '}'));
    expect(fate.is === 'handled' && Object.keys(fate.event as object).length).toBeGreaterThan(80_000);
    await service.expectAlive();
  });
});

const NO_JSON =
  /^UndecodableEventError: The message on 'input\.given' is not JSON in UTF-8 \(.+\)\. Publish the event itself as JSON\./;

describe('27: payload bytes - not JSON in UTF-8 - dead-lettered unchanged after one delivery, and the next message is handled', () => {
  it.each<[what: string, bytes: Bytes]>([
    ['nothing', ''],
    ['undefined', 'undefined'],
    ['NaN', 'NaN'],
    ['an open object', '{'],
    ['an open array', '['],
    ['an open text', '"'],
    ['something after the end', '{}x'],
    ['two lines of plain text', 'hello\nworld'],
    ['bytes of no encoding', new Uint8Array([0xff, 0xfe])],
    ['half a character', new Uint8Array([0x22, 0xe2, 0x82, 0x22])],
    ['UTF-16', Buffer.from('{}', 'utf16le')],
    ['gzip', gzipSync('{}')],
    ['400,000 open arrays', '['.repeat(400_000)],
    ['1 MiB of white space, which leaves room for the headers of a dead letter', ' '.repeat(MAX_PAYLOAD - 10_000)],
  ])('%s', async (_what, bytes) => {
    const service = await startOrdersService(server.url);
    const sequence = await service.publishRaw(bytes);
    const fate = await service.fateOf(sequence);
    if (fate.is !== 'dead') throw new Error('handled');
    expect(Buffer.from(fate.letter.data).equals(Buffer.from(bytes))).toBe(true);
    expect(reasonOf(fate.letter)).toMatch(NO_JSON);
    expect(fate.letter.header.get('Dead-Letter-Deliveries')).toBe('1');
    expect(service.runs(sequence)).toBe(0);
    await service.expectAlive();
  });
});

/**
 * Regression: the copy could not be published, was tried again for ever, and held a slot of its
 * consumer.
 */
describe('payload bytes - as many as the server takes, which leave no room for the headers of a dead letter - nothing is lost, nor held up', () => {
  const HEADERS_SIZE = 49;
  const full = (less: number): string => ' '.repeat(MAX_PAYLOAD - less);

  it.each([
    ['without room for the stack', 5_000, 'X-A', 'kept'],
    ['without room for a long reason', 1_000, 'X-A', 'kept'],
  ])('%s: the bytes and headers are copied', async (_what, less, name, value) => {
    const service = await startOrdersService(server.url, undefined, { maxDeliver: 1 });
    const bytes = `"${'x'.repeat(MAX_PAYLOAD - less)}`;
    const fate = await service.fateOf(await service.publishRaw(bytes, { [name]: value }));
    expect(fate.is === 'dead' && [fate.letter.string() === bytes, fate.letter.header.get(name)]).toEqual([true, value]);
    expect(fate.is === 'dead' && fate.letter.header.get('Dead-Letter-Content')).toBe('');
    await service.expectAlive();
  });

  it.each<[what: string, less: number, headers: Record<string, string>]>([
    ['not a byte is left', 0, {}],
    ['headers of 64 KB, which is all that the server takes', MAX_PAYLOAD, { 'X-A': 'a'.repeat(65_400) }],
  ])(
    '%s: the bytes and headers are stored beside the dead letter, and redrive finds them',
    async (_what, less, headers) => {
      const service = await startOrdersService(server.url, undefined, { maxDeliver: 1 });
      const bytes = full(less);
      const sequence = await service.publishRaw(bytes, headers);
      const letter = await service.letterOf(sequence);
      expect(letter.header.get('Dead-Letter-Content')).toBe('1');
      expect(letter.header.get('Dead-Letter-Subject')).toBe('input.given');
      expect(letter.data).toHaveLength(0);
      expect(reasonOf(letter)).toMatch(/^UndecodableEventError/);
      const stored = await service.jetStream.manager.streams.getMessage('INPUTS_DEAD', { seq: 1 });
      expect(stored?.subject).toBe(`dead.INPUTS.inputs.${sequence}.content`);
      expect(stored?.string() === bytes && stored.header.get('X-A') === (headers['X-A'] ?? '')).toBe(true);
      await service.expectAlive();
      expect(service.logged.filter((line) => line.includes('could not be stored'))).toEqual([]);
    },
  );

  it('is complete among the dead letters of a work queue, which has removed the message', async () => {
    const streamConfig = { name: 'INPUTS', subjects: ['input.>'], retention: 'workqueue' as const };
    const service = await startOrdersService(server.url, undefined, { maxDeliver: 1 }, { streamConfig });
    const bytes = full(HEADERS_SIZE + 100);
    const sequence = await service.publishRaw(bytes);
    await service.letterOf(sequence);
    await service.expectAlive();
    await eventually('removed', async () => {
      const { state } = await service.jetStream.manager.streams.info('INPUTS');
      return state.messages === 0;
    });
    const ack = await service.admin.redrive('INPUTS', 'inputs', sequence);
    const again = await service.letterOf(ack.seq);
    const content = { seq: Number(again.header.get('Dead-Letter-Content')) };
    const stored = await service.jetStream.manager.streams.getMessage('INPUTS_DEAD', content);
    expect(stored?.string() === bytes).toBe(true);
    expect((await service.jetStream.manager.streams.info('INPUTS_DEAD')).state.messages).toBe(2);
  });

  it('comes back by redrive, whole', async () => {
    const service = await startOrdersService(server.url, undefined, { maxDeliver: 1 });
    const bytes = full(HEADERS_SIZE + 100);
    const sequence = await service.publishRaw(bytes);
    await service.letterOf(sequence);
    const ack = await service.admin.redrive('INPUTS', 'inputs', sequence);
    const again = await service.jetStream.manager.streams.getMessage('INPUTS', { seq: ack.seq });
    expect(again?.string() === bytes).toBe(true);
  });
});
