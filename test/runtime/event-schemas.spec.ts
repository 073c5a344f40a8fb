import { runInNewContext } from 'node:vm';
import { Controller } from '@nestjs/common';
import { Payload } from '@nestjs/microservices';
import {
  defineStream,
  InvalidEventError,
  InvalidOptionError,
  JetStreamConsumer,
  NatsJetStreamClientProxy,
  subject,
  subjectTemplate,
  type EventOf,
  type NatsJetStreamTransportOptions,
  type PublishOptions,
  type StandardSchema,
} from '@nest-jetstream/transport';
import { type } from 'arktype';
import * as v from 'valibot';
import { z } from 'zod';
import { createClient } from '../support/clients';
import { deadLettersOf } from '../support/dead-letters';
import { eventually } from '../support/eventually';
import { isSettled, probe, type JetStreamProbe } from '../support/jetstream-probe';
import { startTestServer, type TestServer } from '../support/nats-server';
import { startTestApp } from '../support/nest-app';

const SCHEMAS = [
  ['zod', subject(z.object({ id: z.number(), lines: z.array(z.object({ sku: z.string() })) }))('order.zod')],
  ['valibot', subject(v.object({ id: v.number(), lines: v.array(v.object({ sku: v.string() })) }))('order.valibot')],
  ['arktype', subject(type({ id: 'number', lines: type({ sku: 'string' }).array() }))('order.arktype')],
] as const;

const AT = '2026-11-28T12:00:00.000Z';
const isoDate = z.codec(z.iso.datetime(), z.date(), {
  decode: (text) => new Date(text),
  encode: (date) => date.toISOString(),
});
const ZOD_READ = subject(
  z.object({
    id: z.string().brand<'order'>(),
    note: z.string().default('none'),
    at: isoDate,
    seen: z.coerce.date(),
    price: z.string().transform(Number),
  }),
)('order.read.zod');
const VALIBOT_READ = subject(
  v.object({
    id: v.pipe(v.string(), v.brand('order')),
    note: v.optional(v.string(), 'none'),
    at: v.pipe(v.string(), v.isoTimestamp(), v.toDate()),
    price: v.pipe(v.string(), v.transform(Number)),
  }),
)('order.read.valibot');
const ARKTYPE_READ = subject(
  type({ id: 'string#order', note: "string = 'none'", at: 'string.date.parse', price: 'string.numeric.parse' }),
)('order.read.arktype');

/** Types that a handler receives, which differ from the published ones. */
const READERS = {
  zod: (event: EventOf<typeof ZOD_READ>) => [
    event.id,
    event.note,
    event.at.getTime(),
    event.seen.getTime(),
    event.price,
  ],
  valibot: (event: EventOf<typeof VALIBOT_READ>) => [event.id, event.note, event.at.getTime(), event.price],
  arktype: (event: EventOf<typeof ARKTYPE_READ>) => [event.id, event.note, event.at.getTime(), event.price],
};
const TWO_SIDED: [
  library: keyof typeof READERS,
  subject: string,
  publish: (client: NatsJetStreamClientProxy, options: PublishOptions) => Promise<unknown>,
  read: unknown[],
][] = [
  [
    'zod',
    ZOD_READ,
    (client, options) => client.emitAsync(ZOD_READ, { id: '1', at: AT, seen: new Date(1), price: '7.5' }, options),
    ['1', 'none', Date.parse(AT), 1, 7.5],
  ],
  [
    'valibot',
    VALIBOT_READ,
    (client, options) => client.emitAsync(VALIBOT_READ, { id: '1', at: AT, price: '7.5' }, options),
    ['1', 'none', Date.parse(AT), 7.5],
  ],
  [
    'arktype',
    ARKTYPE_READ,
    (client, options) => client.emitAsync(ARKTYPE_READ, { id: '1', at: AT, price: '7.5' }, options),
    ['1', 'none', Date.parse(AT), 7.5],
  ],
];

function schemaOf<Event>(validate: StandardSchema<Event>['~standard']['validate']): StandardSchema<Event> {
  return { '~standard': { version: 1, vendor: 'test', validate } };
}

const slowText = schemaOf<string>(async (value) => {
  await Promise.resolve();
  return typeof value === 'string' ? { value } : { issues: [{ message: 'no text' }] };
});
const ORDER_NOTED = subject(z.object({ id: z.number(), note: z.string().default('none') }))('order.noted');
const ORDER_NAMED = subject(slowText)('order.named');
const ORDER_SHIPPED = subjectTemplate(z.object({ carrier: z.string() }))('order.:region.shipped');

const Orders = defineStream({
  name: 'ORDERS',
  subjects: ['order.>'],
  events: { ORDER_NOTED, ORDER_NAMED, ORDER_SHIPPED },
});

function handlerOf(pattern: string, handled: unknown[], orderBy?: (event: never) => string) {
  @Controller()
  class Handler {
    @JetStreamConsumer(pattern, { durable: 'orders', ...(orderBy && { orderBy }) })
    handle(@Payload() event: unknown): void {
      handled.push(event);
    }
  }
  return Handler;
}

describe('Schema of a subject', () => {
  let server: TestServer;
  let jetStream: JetStreamProbe;
  beforeEach(async () => {
    server = await startTestServer();
    jetStream = await probe(server.url);
  });

  async function start(
    pattern: string,
    handled: unknown[],
    options: NatsJetStreamTransportOptions = {},
    orderBy?: (event: never) => string,
  ): Promise<NatsJetStreamClientProxy> {
    const controllers = [handlerOf(pattern, handled, orderBy)];
    const app = await startTestApp(server.url, { controllers, streams: [Orders], ...options });
    return app.get(NatsJetStreamClientProxy);
  }

  const raw = (name: string, event: unknown) => jetStream.client.publish(name, JSON.stringify(event));
  const settled = () => eventually('every message is settled', () => isSettled(jetStream, 'ORDERS', 'orders'));
  const reasons = async (): Promise<string[]> =>
    (await deadLettersOf(jetStream, 'ORDERS')).map(({ header }) => header.get('Dead-Letter-Reason'));

  it.each(SCHEMAS)('validates events with %s and dead-letters an invalid one at once', async (_, name) => {
    const handled: unknown[] = [];
    await start(name, handled);
    await raw(name, { id: 1, lines: [{ sku: 'socks' }] });
    await raw(name, { id: 'one', lines: [{ sku: 2 }] });

    await settled();
    expect(handled).toEqual([{ id: 1, lines: [{ sku: 'socks' }] }]);
    const [reason = '', ...others] = await reasons();
    expect(others).toEqual([]);
    expect(reason).toContain(`InvalidEventError: The event on '${name}' does not match its schema (id: `);
    expect(reason).toContain('lines.0.sku: ');
  });

  it.each(TWO_SIDED)(
    'publishes the input of a schema of %s, and passes its output to the handler',
    async (library, name, publish, read) => {
      const handled: unknown[] = [];
      const client = await start(name, handled);
      await publish(client, {});
      await publish(client, { validate: true });

      await settled();
      expect(handled.map((event) => READERS[library](event as never))).toEqual([read, read]);
      expect(await reasons()).toEqual([]);
      expect((await jetStream.manager.streams.getMessage('ORDERS', { seq: 2 }))?.json()).toMatchObject({
        at: AT,
        price: '7.5',
      });
    },
  );

  it('refuses the output of a schema as an event with the option validate', async () => {
    const client = await start(ZOD_READ, []);
    const output = { id: '1', note: 'mine', at: AT, seen: AT, price: 7.5 } as never;

    const refused = await client.emitAsync(ZOD_READ, output, { validate: true }).catch((error: unknown) => error);
    expect(refused).toMatchObject({ code: 'INVALID_EVENT', subject: ZOD_READ, issues: [{ path: 'price' }] });
  });

  it('passes its output to the handler and to orderBy', async () => {
    const handled: unknown[] = [];
    const keys: string[] = [];
    await start(ORDER_NOTED, handled, {}, (event: { note: string }) => {
      keys.push(event.note);
      return event.note;
    });
    await raw(ORDER_NOTED, { id: 1 });

    await settled();
    expect(handled).toEqual([{ id: 1, note: 'none' }]);
    expect(keys).toEqual(['none']);
  });

  it('supports asynchronous validation', async () => {
    const handled: unknown[] = [];
    await start(ORDER_NAMED, handled);
    await raw(ORDER_NAMED, 'hello');
    await raw(ORDER_NAMED, 1);

    await settled();
    expect(handled).toEqual(['hello']);
    expect(await reasons()).toEqual([expect.stringContaining('does not match its schema (no text).')]);
  });

  it('supports a promise of another realm', async () => {
    const handled: unknown[] = [];
    const foreign = runInNewContext("Promise.resolve({ value: 'read' })") as Promise<{ value: string }>;
    const ORDER_READ = subject(schemaOf<string>(() => foreign))('order.read');
    await start(ORDER_READ, handled);
    await raw(ORDER_READ, 'written');

    await settled();
    expect(handled).toEqual(['read']);
  });

  it('retries the message if validation throws', async () => {
    const handled: unknown[] = [];
    let failures = 1;
    const ORDER_CHECKED = subject(
      schemaOf<{ id: number }>(async (value) => {
        await Promise.resolve();
        if (failures-- > 0) throw new Error('the database is away');
        return { value: value as { id: number } };
      }),
    )('order.checked');
    await start(ORDER_CHECKED, handled, { consumerOptions: { retryDelay: ['10ms'] } });
    await raw(ORDER_CHECKED, { id: 1 });

    await settled();
    expect(handled).toEqual([{ id: 1 }]);
    expect(await reasons()).toEqual([]);
  });

  it('applies to each subject of a template', async () => {
    const handled: unknown[] = [];
    await start('order.*.shipped', handled);
    await raw('order.eu.shipped', { carrier: 'Snail' });
    await raw('order.us.shipped', { carrier: 1 });

    await settled();
    expect(handled).toEqual([{ carrier: 'Snail' }]);
    expect(await reasons()).toEqual([expect.stringContaining("The event on 'order.us.shipped'")]);
  });

  it('validates before publishing with the option validate', async () => {
    const client = await start(ORDER_NOTED, [], { jetStreamPublishOptions: { validate: true } });
    const wrong = { id: 'one' } as unknown as { id: number; note: string };

    const refused = await client.emitAsync(ORDER_NOTED, wrong).catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(InvalidEventError);
    expect(refused).toMatchObject({ code: 'INVALID_EVENT', subject: 'order.noted', issues: [{ path: 'id' }] });
    const bytes = new TextEncoder().encode('{"id":"one"}') as never;
    await expect(client.emitAsync(ORDER_NOTED, bytes)).rejects.toThrow(InvalidEventError);
    await expect(client.emitAsync(ORDER_NAMED, 1 as never)).rejects.toThrow('no text');
    await client.emitAsync(ORDER_NOTED, wrong, { validate: false });
    await client.emitAsync(ORDER_NOTED, { id: 1, note: 'mine' });
    await client.emitAsync('order.without.schema', wrong);

    expect((await jetStream.manager.streams.info('ORDERS')).state.messages).toBe(3);
    expect((await jetStream.manager.streams.getMessage('ORDERS', { seq: 2 }))?.json()).toEqual({ id: 1, note: 'mine' });
  });

  it('validates what JSON makes of the event with the option validate', async () => {
    // The types refuse these schemas, because no message matches them.
    const untyped = subject as unknown as (schema: unknown) => (name: string) => string;
    const client = await start('order.>', []);
    const events: [name: string, schema: unknown, event: object, issue: RegExp][] = [
      ['order.paid.zod', z.object({ at: z.date() }), { at: new Date() }, /\(at: .*expected date, received string\)/],
      ['order.paid.valibot', v.object({ at: v.date() }), { at: new Date() }, /\(at: .*Expected Date/],
      ['order.paid.arktype', type({ at: 'Date' }), { at: new Date() }, /\(at: at must be a Date \(was string\)/],
      ['order.tagged', z.strictObject({ tag: z.string() }), { tag: 'new', more: () => 1 }, /^$/],
    ];
    for (const [name, schema, event, issue] of events) {
      untyped(schema)(name);
      const outcome = await client.emitAsync(name, event, { validate: true }).then(
        () => '',
        (error: unknown) => (error instanceof InvalidEventError ? error.message : String(error)),
      );
      expect(outcome).toMatch(issue);
    }
    expect((await jetStream.manager.streams.info('ORDERS')).state.messages).toBe(1);
  });

  it('validates what the codec of the subject makes of the event with the option validate', async () => {
    const ORDER_DATED = (subject as unknown as (schema: unknown) => (name: string) => string)(z.date())('order.dated');
    const serializer = { serialize: (event: unknown) => `at ${(event as Date).getTime()}` };
    const deserializer = { deserialize: (data: Uint8Array) => new Date(Number(Buffer.from(data).toString().slice(3))) };
    const handled: unknown[] = [];
    const codecs = [{ subject: 'order.dated', serializer, deserializer }];
    const client = await start(ORDER_DATED, handled, { codecs, jetStreamPublishOptions: { validate: true } });
    const writer = createClient({
      connectionOptions: { servers: server.url },
      codecs: [{ subject: 'order.dated', serializer }],
      jetStreamPublishOptions: { validate: true },
    });
    await client.emitAsync(ORDER_DATED, new Date(1));
    await writer.emitAsync(ORDER_DATED, new Date(2));

    await settled();
    expect(handled).toEqual([new Date(1), new Date(2)]);
  });

  it('refuses a value that is not a schema', () => {
    const untyped = subject as unknown as (schema: unknown) => (name: string) => string;

    for (const schema of [undefined, null, {}, 'order.created', { '~standard': {} }, () => true])
      expect(() => untyped(schema)('order.x')).toThrow(InvalidOptionError);
  });
});
