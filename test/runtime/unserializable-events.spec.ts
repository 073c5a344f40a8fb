import { Controller } from '@nestjs/common';
import { MessagePattern, Payload, RpcException } from '@nestjs/microservices';
import { NatsJetStreamRecordBuilder, type NatsJetStreamClientProxy } from '@nest-jetstream/transport';
import { firstValueFrom, lastValueFrom, Observable, of } from 'rxjs';
import { createClient } from '../support/clients';
import { probe, type JetStreamProbe } from '../support/jetstream-probe';
import { startTestServer } from '../support/nats-server';
import { startTestApp } from '../support/nest-app';

class Removed {
  readonly reason?: string;
}
class Tags extends Map<string, string> {}
class Money {
  constructor(private readonly cents: number) {}
  toJSON(): string {
    return `${this.cents} EUR`;
  }
}
const noop = (): void => {};
const THEN = ['th', 'en'].join('');
const later = (): unknown => {
  const promise: Record<string, unknown> = {};
  promise[THEN] = noop;
  return promise;
};

/** Values with content that JSON.stringify drops, and the type in the error. */
const LOST: [string, () => unknown][] = [
  ['a Map', () => new Map([['id', 1]])],
  ['a Map', () => new Tags()],
  ['a Set', () => new Set([1])],
  ['a WeakMap', () => new WeakMap()],
  ['a WeakSet', () => new WeakSet()],
  ['an Error', () => new TypeError('out of stock')],
  ['a DOMException', () => new DOMException('aborted')],
  ['a RegExp', () => /x/],
  ['a Promise', async () => ({ id: 1 })],
  ['a Promise', () => later()],
  ['a Blob', () => new Blob(['x'])],
  ['a FormData', () => new FormData()],
  ['a Headers', () => new Headers()],
  ['a URLSearchParams', () => new URLSearchParams('a=1')],
  ['a ReadableStream', () => new ReadableStream()],
  ['an ArrayBuffer', () => new ArrayBuffer(8)],
  ['a DataView', () => new DataView(new ArrayBuffer(8))],
  ['a Float64Array', () => new Float64Array([1.5])],
  ['a Float64Array', () => new Float64Array()],
  ['a Map Iterator', () => new Map().keys()],
  ['an Observable', () => of(1)],
  ['an Observable', () => new Observable(noop)],
];

/** Values that JSON.stringify writes completely, or with their toJSON. */
const KEPT: [string, unknown][] = [
  ['empty objects', { meta: {}, list: [{}, []], none: Object.create(null) as unknown }],
  ['an instance without fields', { event: new Removed() }],
  ['undefined fields', { event: { a: undefined } }],
  ['braces in a text', { text: '{}', quoted: '{"0":1}' }],
  ['numbers as keys', { quantities: { 0: 'a', 1: 'b' } }],
  ['toJSON', { price: new Money(5), at: new Date(0), url: new URL('http://localhost/'), none: {} }],
  ['a toJSON that unpacks a Map', { tags: Object.assign(new Map([['a', 1]]), { toJSON: () => ({ a: 1 }) }), none: {} }],
  ['a Buffer inside', { data: Buffer.from('x'), none: {} }],
  ['boxed primitives', { text: Object(''), count: Object(1), yes: Object(true), none: {} }],
];

@Controller()
class Replies {
  @MessagePattern('reply')
  reply(@Payload() isNested: boolean): unknown {
    return isNested ? { lines: [{ tags: new Set() }] } : new Map([['id', 1]]);
  }
  @MessagePattern('fail')
  fail(): never {
    throw new RpcException({ message: 'no stock', cause: new Error('database') });
  }
}

describe('Serialization of events', () => {
  let url: string;
  let jetStream: JetStreamProbe;
  let client: NatsJetStreamClientProxy;
  beforeAll(async () => {
    ({ url } = await startTestServer());
  });
  beforeEach(async () => {
    jetStream = await probe(url);
    await jetStream.manager.streams.add({ name: 'ORDERS', subjects: ['order.>'] });
    client = createClient({ connectionOptions: { servers: url } });
  });
  const stored = async (): Promise<number> => (await jetStream.manager.streams.info('ORDERS')).state.messages;

  it.each(LOST)('refuses %s with its path', async (type, make) => {
    const before = await stored();
    const events: [unknown, string][] = [
      [make(), `it is ${type}`],
      [{ lines: [{}, { sku: 'a' }, { tags: make() }] }, `lines[2].tags is ${type}`],
      [[[make()]], `[0][0] is ${type}`],
      [{ 'ship-to': { 'a.b': make() } }, `["ship-to"]["a.b"] is ${type}`],
      [{ toJSON: () => ({ tags: make() }) }, `tags is ${type}`],
      [new NatsJetStreamRecordBuilder({ tags: make() }).build(), `tags is ${type}`],
    ];

    for (const [event, where] of events)
      for (const publishing of [
        client.emitAsync<unknown>('order.a', event),
        firstValueFrom(client.emit<unknown>('order.a', event)),
      ])
        await expect(publishing).rejects.toMatchObject({
          code: 'UNSERIALIZABLE_EVENT',
          message: expect.stringContaining(`(${where}, `),
        });
    expect(await stored()).toBe(before);
  });

  it.each(KEPT)('writes %s', async (_what, event) => {
    const { seq } = await client.emitAsync<unknown>('order.a', event);

    const message = await jetStream.manager.streams.getMessage('ORDERS', { seq });
    expect(message?.string()).toBe(JSON.stringify(event));
  });

  it('refuses content that JSON would drop in a request and in a reply', async () => {
    await startTestApp(url, { controllers: [Replies] });

    for (const reply of [
      client.request<unknown, unknown, string>('reply', { tags: new Map() }),
      lastValueFrom(client.send<unknown, unknown, string>('reply', { tags: new Map() })),
    ])
      await expect(reply).rejects.toMatchObject({
        code: 'UNSERIALIZABLE_EVENT',
        message: expect.stringContaining('tags is a Map'),
      });
    await expect(client.request<unknown, unknown, string>('reply', new Uint16Array(1))).rejects.toMatchObject({
      code: 'UNSERIALIZABLE_EVENT',
    });
    await expect(client.request('reply', true)).rejects.toMatchObject({
      code: 'REPLY_NOT_SENT',
      message: expect.stringContaining('response.lines[0].tags is a Set'),
    });
    await expect(client.request('reply', false)).rejects.toMatchObject({ code: 'REPLY_NOT_SENT' });
    await expect(client.request('fail', {})).rejects.toMatchObject({ message: 'no stock' });
  });
});
