import { Controller } from '@nestjs/common';
import { Ctx, Payload } from '@nestjs/microservices';
import {
  defineStream,
  InvalidSubjectError,
  JetStreamConsumer,
  NatsJetStreamClientProxy,
  type NatsJetStreamContext,
  subjectPattern,
  subjectTemplate,
  type ContextOf,
  type EventOf,
} from '@nest-jetstream/transport';
import { eventually } from '../support/eventually';
import { isSettled, probe } from '../support/jetstream-probe';
import { startTestServer } from '../support/nats-server';
import { startTestApp } from '../support/nest-app';
import { ORDER_CREATED, ORDER_DELETED, order } from '../support/orders';

const ORDER_SHIPPED = subjectTemplate<{ carrier: string }>()('order.:region.:id.shipped');
const Orders = defineStream({
  name: 'ORDERS',
  subjects: ['order.>'],
  events: { ORDER_CREATED, ORDER_DELETED, ORDER_SHIPPED },
});
const EVERY_ORDER = subjectPattern(Orders, 'order.*');

describe('Subject template', () => {
  it('gives its handler the captured tokens of each message', async () => {
    const handled: unknown[] = [];
    @Controller()
    class Shipping {
      @JetStreamConsumer(ORDER_SHIPPED, { durable: 'shipping' })
      handle(@Payload() event: { carrier: string }, @Ctx() context: ContextOf<typeof ORDER_SHIPPED>): void {
        handled.push({ ...event, ...context.params, subject: context.subject });
      }
    }
    const server = await startTestServer();
    const app = await startTestApp(server.url, { controllers: [Shipping], streams: [Orders] });
    const client = app.get(NatsJetStreamClientProxy);
    await client.emitAsync(ORDER_SHIPPED.for({ region: 'eu', id: '7' }), { carrier: 'Snail' });
    await client.emitAsync(ORDER_SHIPPED.for({ region: 'us', id: 'constructor' }), { carrier: 'Post' });
    await client.emitAsync(ORDER_CREATED, order(1));

    const jetStream = await probe(server.url);
    await eventually('both are handled', () => isSettled(jetStream, 'ORDERS', 'shipping'));
    expect(handled).toEqual([
      { carrier: 'Snail', region: 'eu', id: '7', subject: 'order.eu.7.shipped' },
      { carrier: 'Post', region: 'us', id: 'constructor', subject: 'order.us.constructor.shipped' },
    ]);
  });

  it('passes the captured tokens to orderBy', async () => {
    const keys: unknown[] = [];
    @Controller()
    class Shipping {
      @JetStreamConsumer(ORDER_SHIPPED, {
        durable: 'shipping',
        orderBy: (_event, { params }) => {
          keys.push(params);
          return params['region'] ?? '';
        },
      })
      handle(@Payload() event: { carrier: string }): string {
        return event.carrier;
      }
    }
    const server = await startTestServer();
    const app = await startTestApp(server.url, { controllers: [Shipping], streams: [Orders] });
    const client = app.get(NatsJetStreamClientProxy);
    await client.emitAsync(ORDER_SHIPPED.for({ region: 'eu', id: '7' }), { carrier: 'Snail' });

    const jetStream = await probe(server.url);
    await eventually('the event is handled', () => isSettled(jetStream, 'ORDERS', 'shipping'));
    expect(keys).toEqual([{ region: 'eu', id: '7' }]);
  });

  it('gives the captured tokens to handlers of its pattern, of a wider pattern and of one subject', async () => {
    const handled: Record<string, unknown> = {};
    const EVERY_SHIPMENT = subjectPattern(Orders, 'order.>');
    @Controller()
    class Shipping {
      @JetStreamConsumer(ORDER_SHIPPED.pattern, { durable: 'pattern' })
      pattern(@Ctx() { params }: ContextOf<typeof ORDER_SHIPPED>): void {
        handled['pattern'] = params.region.toUpperCase();
      }

      @JetStreamConsumer(EVERY_SHIPMENT, { durable: 'wider' })
      wider(@Ctx() { params }: ContextOf<typeof EVERY_SHIPMENT>): void {
        handled['wider'] = params;
      }

      @JetStreamConsumer(ORDER_SHIPPED.for({ region: 'eu', id: '7' }), { durable: 'one' })
      one(@Ctx() { params }: ContextOf<typeof ORDER_SHIPPED>): void {
        handled['one'] = params.id;
      }
    }
    const server = await startTestServer();
    const app = await startTestApp(server.url, { controllers: [Shipping], streams: [Orders] });
    const client = app.get(NatsJetStreamClientProxy);
    await client.emitAsync(ORDER_SHIPPED.for({ region: 'eu', id: '7' }), { carrier: 'Snail' });

    await eventually('all have handled it', () => Object.keys(handled).length === 3);
    expect(handled).toEqual({ pattern: 'EU', wider: { region: 'eu', id: '7' }, one: '7' });
  });

  it('is refused as a subject in the form of its text', async () => {
    const message =
      "'order.:region.:id.shipped' is a template. Publish to a subject of its for(), and pass the template itself to a handler.";
    const text: string = ORDER_SHIPPED.template;
    @Controller()
    class Shipping {
      @JetStreamConsumer(text, { durable: 'shipping' })
      handle(): void {}
    }
    const server = await startTestServer();
    const app = await startTestApp(server.url, { controllers: [], streams: [Orders] });

    await expect(app.get(NatsJetStreamClientProxy).emitAsync(text, {})).rejects.toMatchObject({
      code: 'INVALID_SUBJECT',
      message,
    });
    await expect(startTestApp(server.url, { controllers: [Shipping] })).rejects.toMatchObject({
      code: 'INVALID_SUBJECT',
      message,
    });
  });

  it('is frozen, and matches only subjects of its form', () => {
    expect(Object.isFrozen(ORDER_SHIPPED)).toBe(true);
    expect(ORDER_SHIPPED.template).toBe('order.:region.:id.shipped');
    expect(ORDER_SHIPPED.pattern).toBe('order.*.*.shipped');
    expect(ORDER_SHIPPED.match('order.eu.7.shipped')).toEqual({ region: 'eu', id: '7' });
    expect(ORDER_SHIPPED.match('order.eu.7.created')).toBeUndefined();
    expect(ORDER_SHIPPED.match('order.eu.shipped')).toBeUndefined();
    expect(ORDER_SHIPPED.match('order.eu.7.shipped.late')).toBeUndefined();
  });

  it.each([
    ['', "Value '' of ':region' is empty. Give the token a value."],
    ['a.b', "Value 'a.b' of ':region' contains '.', which separates tokens. Replace it."],
    ['*', "Value '*' of ':region' is a wildcard. Use a value without '*' and '>'."],
    ['>', "Value '>' of ':region' is a wildcard. Use a value without '*' and '>'."],
    ['a b', "Value 'a b' of ':region' contains white space. Remove it."],
    ['a\tb', String.raw`Value 'a\tb' of ':region' contains white space. Remove it.`],
    ['a\nb', String.raw`Value 'a\nb' of ':region' contains white space. Remove it.`],
    ['\u0000', 'contains a control character. Remove it.'],
    ['\u007f', 'contains a control character. Remove it.'],
    ['$JS', "Value '$JS' of ':region' begins with '$', which is reserved for nats-server. Use another value."],
  ])('refuses %j as a captured token', (region, message) => {
    const create = (): unknown => ORDER_SHIPPED.for({ region, id: '7' });

    expect(create).toThrow(InvalidSubjectError);
    expect(create).toThrow(message);
  });

  it('names a captured token that is missing or not a string', () => {
    const untyped = ORDER_SHIPPED.for as (params: unknown) => string;

    expect(() => untyped({ region: 'eu' })).toThrow(
      "':id' of 'order.:region.:id.shipped' must be a string, but got undefined. Give the token a value.",
    );
    expect(() => untyped({ region: 'eu', id: 7 })).toThrow('must be a string, but got number');
    expect(() => untyped(Object.create({ region: 'eu', id: '7' }))).toThrow('must be a string, but got undefined');
    expect(() => untyped(undefined)).toThrow(InvalidSubjectError);
    expect(() => untyped('eu')).toThrow(InvalidSubjectError);
  });

  it.each([
    ['order.created', "'order.created' captures no token. Use subject() instead of subjectTemplate()."],
    ['order.:id.to.:id', "':id' of 'order.:id.to.:id' is captured twice. Give each captured token its own name."],
    ['order.:.created', "':' of 'order.:.created' has no valid name. Write a name, such as ':id'."],
    ['order.:a-b.created', "':a-b' of 'order.:a-b.created' has no valid name."],
    ['order.:__proto__.created', "':__proto__' of 'order.:__proto__.created' has no valid name."],
    ['order.:id.*', "'order.:id.*' is a pattern. Use a subject without '*' and '>'."],
    ['order..:id', "'order..:id' has an empty token. Write a name before and after each dot."],
  ])("refuses '%s'", (template, remedy) => {
    const untyped: (template: never) => unknown = subjectTemplate<unknown>();

    expect(() => untyped(template as never)).toThrow(remedy);
  });
});

describe('Pattern of a stream', () => {
  it('passes the event of each subject to its handler', async () => {
    const handled: unknown[] = [];
    @Controller()
    class Audit {
      @JetStreamConsumer(EVERY_ORDER, { durable: 'audit', concurrency: 1 })
      handle(@Payload() event: EventOf<typeof EVERY_ORDER>, @Ctx() context: ContextOf<typeof EVERY_ORDER>): void {
        if (context.subject === ORDER_CREATED) handled.push([context.event.product, event.id, context.params]);
        else handled.push([context.subject, context.event.id]);
      }
    }
    const server = await startTestServer();
    const app = await startTestApp(server.url, { controllers: [Audit], streams: [Orders] });
    const client = app.get(NatsJetStreamClientProxy);
    await client.emitAsync(ORDER_CREATED, order(1));
    await client.emitAsync(ORDER_DELETED, { id: 2 });
    await client.emitAsync(ORDER_SHIPPED.for({ region: 'eu', id: '7' }), { carrier: 'Snail' });

    const jetStream = await probe(server.url);
    await eventually('both are handled', () => isSettled(jetStream, 'ORDERS', 'audit'));
    expect(handled).toEqual([
      ['Socks', 1, {}],
      ['order.deleted', 2],
    ]);
  });

  it('passes a subject that the stream does not list only to a handler of the plain pattern', async () => {
    const handled: string[] = [];
    const all: [subject: string, event: unknown][] = [];
    @Controller()
    class Audit {
      @JetStreamConsumer(EVERY_ORDER, { durable: 'audit', concurrency: 1 })
      handle(@Payload() _event: EventOf<typeof EVERY_ORDER>, @Ctx() context: ContextOf<typeof EVERY_ORDER>): void {
        switch (context.subject) {
          case 'order.created':
          case 'order.deleted':
            return void handled.push(context.subject);
        }
        context satisfies never;
        handled.push('not listed');
      }

      @JetStreamConsumer(EVERY_ORDER.pattern, { durable: 'all', concurrency: 1 })
      open(@Payload() event: unknown, @Ctx() { subject }: NatsJetStreamContext): void {
        all.push([subject, event]);
      }
    }
    const server = await startTestServer();
    const app = await startTestApp(server.url, { controllers: [Audit], streams: [Orders] });
    const client = app.get(NatsJetStreamClientProxy);
    await client.emitAsync('order.refunded', { amount: 5 });
    await client.emitAsync(ORDER_DELETED, { id: 2 });

    const jetStream = await probe(server.url);
    for (const durable of ['audit', 'all'])
      await eventually(`${durable} is settled`, () => isSettled(jetStream, 'ORDERS', durable));
    expect(handled).toEqual(['order.deleted']);
    expect(all).toEqual([
      ['order.refunded', { amount: 5 }],
      ['order.deleted', { id: 2 }],
    ]);
    const { config } = await jetStream.manager.consumers.info('ORDERS', 'audit');
    expect(config.filter_subjects).toEqual(['order.created', 'order.deleted']);
  });

  it('receives the subject of an event that is listed later, with the same durable', async () => {
    const handled: string[] = [];
    const auditOf = (events: typeof EVERY_ORDER) => {
      @Controller()
      class Audit {
        @JetStreamConsumer(events, { durable: 'audit', concurrency: 1 })
        handle(@Ctx() { subject }: NatsJetStreamContext): void {
          handled.push(subject);
        }
      }
      return Audit;
    };
    const Later = defineStream({
      name: 'ORDERS',
      subjects: ['order.>'],
      events: { ORDER_CREATED, ORDER_DELETED, REFUNDED: 'order.refunded' },
    });
    const server = await startTestServer();
    const first = await startTestApp(server.url, { controllers: [auditOf(EVERY_ORDER)], streams: [Orders] });
    await first.close();
    const app = await startTestApp(server.url, {
      controllers: [auditOf(subjectPattern(Later, 'order.*') as unknown as typeof EVERY_ORDER)],
      streams: [Later],
    });
    await app.get(NatsJetStreamClientProxy).emitAsync('order.refunded', { amount: 5 });

    await eventually('the event is handled', () => handled.length > 0);
    expect(handled).toEqual(['order.refunded']);
  });

  it('is narrowed by filterSubjects to a part of its subjects', async () => {
    const app = (filterSubjects: string[]) => {
      @Controller()
      class Audit {
        @JetStreamConsumer(EVERY_ORDER, { durable: 'audit', filterSubjects })
        handle(): void {}
      }
      return startTestApp(server.url, { controllers: [Audit], streams: [Orders] });
    };
    const server = await startTestServer();
    await app(['order.deleted']);
    const jetStream = await probe(server.url);

    expect((await jetStream.manager.consumers.info('ORDERS', 'audit')).config.filter_subjects).toEqual([
      'order.deleted',
    ]);
    await expect(app(['order.refunded'])).rejects.toMatchObject({
      code: 'INVALID_OPTION',
      message: expect.stringContaining(
        "It is not part of the handler's subjects 'order.created', 'order.deleted'. Filter by a part of them.",
      ),
    });
  });

  it('lists each subject once, and refuses templates that overlap in part', () => {
    const BY_REGION = subjectTemplate<object>()('order.:region.done');
    const IN_EUROPE = subjectTemplate<object>()('order.eu.:step');
    const EU_DONE = 'order.eu.done';
    const once = defineStream({ name: 'ONCE', subjects: ['order.>'], events: { BY_REGION, EU_DONE, AGAIN: EU_DONE } });
    const both = defineStream({ name: 'BOTH', subjects: ['order.>'], events: { BY_REGION, IN_EUROPE } });

    expect(subjectPattern(once, 'order.>').subjects).toEqual(['order.*.done']);
    expect(() => subjectPattern(both, 'order.>')).toThrow(
      "'order.>' matches 'order.*.done' and 'order.eu.*', but they overlap. Declare a pattern for each of them.",
    );
  });

  it('is refused if it matches no event of the stream', () => {
    const untyped = subjectPattern as unknown as (stream: typeof Orders, pattern: string) => string;

    expect(EVERY_ORDER).toEqual({ pattern: 'order.*', subjects: ['order.created', 'order.deleted'] });
    expect(Object.isFrozen(EVERY_ORDER) && Object.isFrozen(EVERY_ORDER.subjects)).toBe(true);
    expect(() => untyped(Orders, 'payment.*')).toThrow(
      "'payment.*' matches no event of this stream. Events: order.created, order.deleted, order.*.*.shipped.",
    );
    expect(() => untyped(Orders, 'order..*')).toThrow("'order..*' has an empty token.");
  });
});
