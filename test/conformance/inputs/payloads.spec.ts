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

describe('payload bytes - JSON of any client - handled as JSON.parse reads them, and so is the next message', () => {
  it.each<[what: string, bytes: Bytes, event: unknown]>([
    ['null', 'null', null],
    ['a string', '"hello\\nworld"', 'hello\nworld'],
    ['a byte order mark before it', '\uFEFF{}', {}],
    ['a duplicate key, where the last one counts', '{"a":1,"a":2}', { a: 2 }],
    ['a `then` that is not a function', '{"then":1}', JSON.parse('{"then":1}')],
    ['a `toJSON` that is not a function', '{"toJSON":1}', { toJSON: 1 }],
    ['an integer above 2^53, which is rounded', '{"id":9007199254740993}', { id: 9_007_199_254_740_992 }],
    ['a number above the range of a double', '1e400', Number.POSITIVE_INFINITY],
    ['minus zero', '-0', -0],
    ['a lone surrogate', String.raw`"\ud800"`, '\uD800'],
    ['white space around it', ' \r\n\t{} \n', {}],
  ])('%s', async (_what, bytes, event) => {
    const service = await startOrdersService(server.url);
    const result = await service.resultOf(await service.publishRaw(bytes));
    expect(result).toStrictEqual({ is: 'handled', event });
    await service.expectAlive();
  });

  it.each<[what: string, json: string]>([
    ['__proto__', '{"__proto__":{"admin":true}}'],
    ['constructor.prototype', '{"constructor":{"prototype":{"admin":true}}}'],
  ])('keeps the prototype key %s inside the event', async (_what, json) => {
    const service = await startOrdersService(server.url);
    const result = await service.resultOf(await service.publishRaw(json));
    expect(result.is === 'handled' && JSON.stringify(result.event)).toBe(json);
    expect(Reflect.get({}, 'admin')).toBeUndefined();
    expect(Reflect.get(Object, 'admin')).toBeUndefined();
    await service.expectAlive();
  });

  it('dead-letters the bytes of 400,000 nested arrays when their handler fails', async () => {
    const service = await startOrdersService(server.url, (event) => {
      if (Array.isArray(event) && Array.isArray(event[0])) throw new Error('too deep');
    });
    const result = await service.resultOf(await service.publishRaw(NESTED));
    expect(result.is === 'dead' && [reasonOf(result.deadLetter), result.deadLetter.string() === NESTED]).toEqual([
      'too deep',
      true,
    ]);
    await service.expectAlive();
  });

  it('handles an event with 100,000 keys', async () => {
    const event = Object.fromEntries(Array.from({ length: 100_000 }, (_, at) => [`k${at}`, 1]));
    const service = await startOrdersService(server.url);
    const json = JSON.stringify(event).slice(0, MAX_PAYLOAD);
    const result = await service.resultOf(await service.publishRaw(json.slice(0, json.lastIndexOf(',')) + '}'));
    expect(result.is === 'handled' && Object.keys(result.event as object).length).toBeGreaterThan(80_000);
    await service.expectAlive();
  });
});

const NO_JSON =
  /^UndecodableEventError: The message on 'input\.given' is not JSON in UTF-8 \(.+\)\. Publish the event itself as JSON\./;

describe('27: payload bytes - not JSON in UTF-8 - dead-lettered unchanged after one delivery, and the next message is handled', () => {
  it.each<[what: string, bytes: Bytes]>([
    ['an empty payload', ''],
    ['undefined', 'undefined'],
    ['NaN', 'NaN'],
    ['an unclosed object', '{'],
    ['an unclosed array', '['],
    ['an unclosed string', '"'],
    ['text after the end', '{}x'],
    ['two lines of plain text', 'hello\nworld'],
    ['invalid UTF-8', new Uint8Array([0xff, 0xfe])],
    ['a truncated character', new Uint8Array([0x22, 0xe2, 0x82, 0x22])],
    ['UTF-16', Buffer.from('{}', 'utf16le')],
    ['gzip', gzipSync('{}')],
    ['400,000 unclosed arrays', '['.repeat(400_000)],
    ['almost 1 MiB of white space, with room for dead letter headers', ' '.repeat(MAX_PAYLOAD - 10_000)],
  ])('%s', async (_what, bytes) => {
    const service = await startOrdersService(server.url);
    const sequence = await service.publishRaw(bytes);
    const result = await service.resultOf(sequence);
    if (result.is !== 'dead') throw new Error('handled');
    expect(Buffer.from(result.deadLetter.data).equals(Buffer.from(bytes))).toBe(true);
    expect(reasonOf(result.deadLetter)).toMatch(NO_JSON);
    expect(result.deadLetter.header.get('Dead-Letter-Deliveries')).toBe('1');
    expect(service.runs(sequence)).toBe(0);
    await service.expectAlive();
  });
});

/**
 * Regression: the dead letter could not be published. It was retried without end and blocked a slot
 * of its consumer.
 */
describe('payload bytes - maximum size, without room for dead letter headers - nothing is lost or blocked', () => {
  const HEADERS_SIZE = 49;
  const full = (less: number): string => ' '.repeat(MAX_PAYLOAD - less);

  it.each([
    ['without room for the stack', 5_000, 'X-A', 'kept'],
    ['without room for a long reason', 1_000, 'X-A', 'kept'],
  ])('%s: copies the bytes and headers', async (_what, less, name, value) => {
    const service = await startOrdersService(server.url, undefined, { maxDeliver: 1 });
    const bytes = `"${'x'.repeat(MAX_PAYLOAD - less)}`;
    const result = await service.resultOf(await service.publishRaw(bytes, { [name]: value }));
    expect(result.is === 'dead' && [result.deadLetter.string() === bytes, result.deadLetter.header.get(name)]).toEqual([
      true,
      value,
    ]);
    expect(result.is === 'dead' && result.deadLetter.header.get('Dead-Letter-Content')).toBe('');
    await service.expectAlive();
  });

  it.each<[what: string, less: number, headers: Record<string, string>]>([
    ['without room for any header', 0, {}],
    ['headers of 64 KB, the maximum of the server', MAX_PAYLOAD, { 'X-A': 'a'.repeat(65_400) }],
  ])('%s: stores the bytes and headers beside the dead letter', async (_what, less, headers) => {
    const service = await startOrdersService(server.url, undefined, { maxDeliver: 1 });
    const bytes = full(less);
    const sequence = await service.publishRaw(bytes, headers);
    const deadLetter = await service.deadLetterOf(sequence);
    expect(deadLetter.header.get('Dead-Letter-Content')).toBe('1');
    expect(deadLetter.header.get('Dead-Letter-Subject')).toBe('input.given');
    expect(deadLetter.data).toHaveLength(0);
    expect(reasonOf(deadLetter)).toMatch(/^UndecodableEventError/);
    const stored = await service.jetStream.manager.streams.getMessage('INPUTS_DEAD', { seq: 1 });
    expect(stored?.subject).toBe(`dead.INPUTS.inputs.${sequence}.content`);
    expect(stored?.string() === bytes && stored.header.get('X-A') === (headers['X-A'] ?? '')).toBe(true);
    await service.expectAlive();
    expect(service.logged.filter((line) => line.includes('could not be stored'))).toEqual([]);
  });

  it('keeps the complete message of a work queue in the dead letters', async () => {
    const streamConfig = { name: 'INPUTS', subjects: ['input.>'], retention: 'workqueue' as const };
    const service = await startOrdersService(server.url, undefined, { maxDeliver: 1 }, { streamConfig });
    const bytes = full(HEADERS_SIZE + 100);
    const sequence = await service.publishRaw(bytes);
    await service.deadLetterOf(sequence);
    await service.expectAlive();
    await eventually('removed', async () => {
      const { state } = await service.jetStream.manager.streams.info('INPUTS');
      return state.messages === 0;
    });
    const ack = await service.admin.redrive('INPUTS', 'inputs', sequence, { to: 'subject' });
    const again = await service.deadLetterOf(ack.seq);
    const content = { seq: Number(again.header.get('Dead-Letter-Content')) };
    const stored = await service.jetStream.manager.streams.getMessage('INPUTS_DEAD', content);
    expect(stored?.string() === bytes).toBe(true);
    expect((await service.jetStream.manager.streams.info('INPUTS_DEAD')).state.messages).toBe(2);
  });

  it('redrives the complete message', async () => {
    const service = await startOrdersService(server.url, undefined, { maxDeliver: 1 });
    const bytes = full(HEADERS_SIZE + 100);
    const sequence = await service.publishRaw(bytes);
    await service.deadLetterOf(sequence);
    const ack = await service.admin.redrive('INPUTS', 'inputs', sequence, { to: 'subject' });
    const again = await service.jetStream.manager.streams.getMessage('INPUTS', { seq: ack.seq });
    expect(again?.string() === bytes).toBe(true);
  });
});
