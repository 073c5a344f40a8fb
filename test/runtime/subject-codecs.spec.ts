import { Controller } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import {
  JetStreamConsumer,
  NatsJetStreamClientProxy,
  NatsJetStreamServer,
  NatsJetStreamTransport,
  type EventDeserializer,
  type EventSerializer,
  type SubjectCodec,
} from '@nest-jetstream/transport';
import { SubjectCodecs } from '../../runtime/src/codec/subject-codecs';
import { eventually } from '../support/eventually';
import { probe } from '../support/jetstream-probe';
import { startTestServer } from '../support/nats-server';
import { startTestApp } from '../support/nest-app';
import { ORDER_CREATED, ORDER_DELETED, OrdersStream, order } from '../support/orders';

/** Writes and reads JSON with a prefix. */
class Marked implements EventSerializer, EventDeserializer {
  constructor(readonly mark: string) {}

  serialize(event: unknown): string {
    return this.mark + JSON.stringify(event);
  }
  deserialize(data: Uint8Array): unknown {
    const text = new TextDecoder().decode(data);
    if (!text.startsWith(this.mark)) throw new TypeError(`no ${this.mark} before it`);
    return JSON.parse(text.slice(this.mark.length));
  }
}

function codec(subject: string, mark: string): Required<SubjectCodec> {
  const marked = new Marked(mark);
  return { subject, serializer: marked, deserializer: marked };
}

function consumers(handled: unknown[]) {
  @Controller()
  class Orders {
    @JetStreamConsumer('order.>', { durable: 'orders', orderBy: () => 'all' })
    handle(event: unknown): void {
      handled.push(event);
    }
  }
  return Orders;
}

it('prefers the most specific codec of a subject to that of the module', async () => {
  const { url } = await startTestServer();
  const handled: unknown[] = [];
  const ofModule = new Marked('module:');
  const app = await startTestApp(url, {
    controllers: [consumers(handled)],
    streams: [OrdersStream],
    serializer: ofModule,
    deserializer: ofModule,
    codecs: [codec('order.>', 'all:'), codec('order.created', 'created:'), { ...codec('order.*', 'some:') }],
  });
  const client = app.get(NatsJetStreamClientProxy);
  await client.emitAsync(ORDER_CREATED, order(1));
  await client.emitAsync(ORDER_DELETED, { id: 2 });
  await client.emitAsync('order.paid.late', { id: 3 });

  await eventually('everything is handled', () => handled.length === 3);
  expect(handled).toEqual([order(1), { id: 2 }, { id: 3 }]);
  const { manager } = await probe(url);
  const stored = await Promise.all([1, 2, 3].map(async (seq) => manager.streams.getMessage('ORDERS', { seq })));
  expect(stored.map((message) => message?.string().split(':')[0])).toEqual(['created', 'some', 'all']);
});

it('reads a subject that has only a serializer with the codec of the module', async () => {
  const { url } = await startTestServer();
  const handled: unknown[] = [];
  const marked = new Marked('module:');
  const app = await startTestApp(url, {
    controllers: [consumers(handled)],
    streams: [OrdersStream],
    deserializer: marked,
    codecs: [{ subject: 'order.created', serializer: marked }],
  });
  await app.get(NatsJetStreamClientProxy).emitAsync(ORDER_CREATED, order(1));

  await eventually('everything is handled', () => handled.length === 1);
  expect(handled).toEqual([order(1)]);
});

it('takes the codecs of the module and of subjects from registerAsync', async () => {
  const { url } = await startTestServer();
  const [serializer, created] = [new Marked('module:'), codec('order.created', 'created:')];
  const transport = NatsJetStreamTransport.registerAsync({
    useFactory: () =>
      Promise.resolve({
        id: 'test',
        connectionOptions: { servers: url },
        streamConfig: OrdersStream,
        serializer,
        codecs: [created],
      }),
  });
  const app = await NestFactory.createApplicationContext(transport, { logger: false, abortOnError: false });
  try {
    const client = app.get(NatsJetStreamClientProxy);
    await client.emitAsync(ORDER_CREATED, order(1));
    await client.emitAsync(ORDER_DELETED, { id: 2 });
  } finally {
    await app.close();
  }

  const { manager } = await probe(url);
  const stored = await Promise.all([1, 2].map(async (seq) => manager.streams.getMessage('ORDERS', { seq })));
  expect(stored.map((message) => message?.string())).toEqual([
    `created:${JSON.stringify(order(1))}`,
    'module:{"id":2}',
  ]);
});

it.each<[string, SubjectCodec[], string]>([
  [
    'two overlapping patterns, neither of which covers the other',
    [codec('order.*.paid', 'a'), codec('order.eu.>', 'b')],
    "Subjects 'order.eu.>' and 'order.*.paid' of 'codecs' overlap, and neither covers the other. Narrow one of them.",
  ],
  [
    'one pattern twice',
    [codec('order.>', 'a'), codec('order.>', 'b')],
    "Option 'codecs' has subject 'order.>' twice. Remove one of them.",
  ],
  ['an entry without a codec', [{ subject: 'order.>' }], 'Pass a serializer, a deserializer, or both'],
  [
    'an object without its method',
    [{ subject: 'order.>', serializer: {} as EventSerializer }],
    "Option 'codecs['order.>'].serializer' cannot be an object. Pass an object with the method serialize(",
  ],
  ['an invalid subject', [codec('order..created', 'a')], 'has an empty token'],
  ['codecs that are not a list', {} as SubjectCodec[], "Option 'codecs' cannot be an object. Pass a list"],
])('refuses %s before anything is sent', (_what, codecs, message) => {
  expect(() => new NatsJetStreamServer({ codecs })).toThrow(message);
});

it.each([
  ['a.b', ['a.c', '*.c', 'a.b.c', 'a.*.c', 'a.b.>']],
  ['a.*', ['b.*', 'b.>', 'a.*.*', 'a.b.>']],
  ['a.>', ['b.>', 'a', '*']],
])('accepts %s beside patterns that match none of its subjects', (subject, others) => {
  for (const other of others) expect(() => new SubjectCodecs([codec(subject, '1'), codec(other, '2')])).not.toThrow();
});

it.each([
  ['a.b', 'a.*', 'a.b', 'first'],
  ['a.>', 'a.*', 'a.b', 'second'],
  ['a.>', 'a.*', 'a.b.c', 'first'],
  ['>', '*.b', 'a.b', 'second'],
  ['a.*.>', 'a.>', 'a.b', 'second'],
  ['a.*.>', 'a.>', 'a.b.c', 'first'],
])('chooses between %s and %s for %s: the %s', (first, second, subject, which) => {
  const codecs = new SubjectCodecs([codec(first, 'first'), codec(second, 'second')]);
  expect(codecs.find(subject)?.serializer).toMatchObject({ mark: which });
});
