import { cpSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { derivedDurable } from '../../runtime/src/util/derived-name';
import { mistakesIn } from './support/asyncapi';
import { ContractWorkspace, partOf, ROOT } from './support/contract-project';

const EXAMPLES = readdirSync(join(ROOT, 'examples')).filter((name) => /^\d/.test(name) && !name.includes('monorepo'));
const HEAD = "import { defineStream, subject, subjectPattern, subjectTemplate } from '@nest-jetstream/transport';\n";

const application = (name: string) => ({
  type: 'application',
  root: `examples/08-monorepo/apps/${name}`,
  sourceRoot: `examples/08-monorepo/apps/${name}`,
});

const received = (document: object = {}) =>
  Object.values((document as { operations: Record<string, { action: string }> }).operations).filter(
    ({ action }) => action === 'receive',
  );

const propertiesOf = (schema: object | undefined): string[] =>
  Object.keys((schema as { properties: object }).properties);

describe('the document of an example', () => {
  const workspace = new ContractWorkspace();
  beforeAll(() => {
    cpSync(join(ROOT, 'examples'), join(workspace.root, 'examples'), { recursive: true });
    cpSync(join(ROOT, 'tsconfig.base.json'), join(workspace.root, 'tsconfig.base.json'));
    cpSync(join(ROOT, 'examples', 'package.json'), join(workspace.root, 'examples', 'package.json'));
  });
  afterAll(() => workspace.remove());

  it.each(EXAMPLES)('%s is valid', (example) => {
    workspace.write({ 'nest-cli.json': JSON.stringify({ sourceRoot: `examples/${example}` }) });
    const document = workspace.document();
    expect(mistakesIn(document)).toEqual([]);
    expect(Object.keys(document['channels'] ?? {})).not.toEqual([]);
  });

  it('08-monorepo has the events of its library, and the handlers of one application', () => {
    workspace.write({
      'nest-cli.json': JSON.stringify({
        monorepo: true,
        projects: { shop: application('shop'), billing: application('billing') },
      }),
    });
    const [shop, billing] = ['shop', 'billing'].map((name) => workspace.document(name));
    expect([shop, billing].flatMap((each) => mistakesIn(each ?? {}))).toEqual([]);
    expect(shop?.['channels']).toEqual(billing?.['channels']);
    expect(shop?.['info']).toMatchObject({ title: 'shop' });
    expect(received(shop)).toMatchObject([{ channel: { $ref: '#/channels/order.billed' } }]);
    expect(received(billing)).toMatchObject([{ channel: { $ref: '#/channels/order.created' } }]);
  });
});

describe('a document', () => {
  const workspaces: ContractWorkspace[] = [];
  const workspaceOf = (files: Record<string, string>): ContractWorkspace => {
    const workspace = new ContractWorkspace(files);
    workspaces.push(workspace);
    return workspace;
  };
  afterAll(() => workspaces.forEach((each) => each.remove()));

  it('has the events of the three styles, of templates and of patterns', () => {
    const workspace = workspaceOf({
      'src/events.ts': `${HEAD}
        import { z } from 'zod';
        import * as v from 'valibot';
        /** An order was created. */
        export interface OrderCreatedEvent {
          id: number;
          /** ISO 4217. */
          currency?: string;
        }
        export class OrderPaidEvent { id!: number; amounts!: number[]; }
        export const OrderShipped = z.object({ id: z.number(), at: z.iso.datetime(), tags: z.array(z.string()).default([]) });
        export const OrderLost = v.object({ id: v.number(), why: v.optional(v.picklist(['fire', 'theft'])) });
        /** Published by the shop. */
        export const ORDER_CREATED = subject<OrderCreatedEvent>()('order.created');
        export const ORDER_PAID = subject<OrderPaidEvent>()('order.paid');
        export const ORDER_SHIPPED = subjectTemplate(OrderShipped)('order.:region.shipped');
        export const ORDER_LOST = subject(OrderLost)('order.lost');
        declare const REPLICAS: number;
        const LIMIT = 10 * 1024;
        export const OrdersStream = defineStream({
          name: 'ORDERS',
          subjects: ['order.>'],
          events: { ORDER_CREATED, ORDER_PAID, ORDER_SHIPPED, ORDER_LOST },
          maxAge: '7d',
          maxBytes: LIMIT,
          replicas: REPLICAS,
        });
        export const ORDER_EVENTS = subjectPattern(OrdersStream, 'order.*');`,
      'src/orders.consumer.ts': `
        import { handlerDecorators, JetStreamConsumer, type EventOf } from '@nest-jetstream/transport';
        import { Controller, UseGuards } from '@nestjs/common';
        import { ORDER_EVENTS, ORDER_SHIPPED } from './events.js';
        const OnShipped = () => handlerDecorators(JetStreamConsumer(ORDER_SHIPPED, { durable: 'shipped', ackWait: '1m' }));
        @Controller()
        export class OrdersConsumer {
          /** Audits all orders. */
          @JetStreamConsumer(ORDER_EVENTS, { durable: 'audit', orderBy: ({ id }) => id })
          all(event: EventOf<typeof ORDER_EVENTS>): void {}
          @OnShipped()
          shipped(event: EventOf<typeof ORDER_SHIPPED>): void {}
        }`,
    });
    const document = workspace.document();
    expect(mistakesIn(document)).toEqual([]);
    expect(document['channels']).toMatchObject({
      'order.created': { description: 'Published by the shop.' },
      'order.:region.shipped': {
        address: 'order.{region}.shipped',
        parameters: { region: {} },
        'x-jetstream': { pattern: 'order.*.shipped', stream: 'ORDERS' },
      },
    });
    expect(partOf(document, 'channels', 'order.:region.shipped', 'messages', 'ORDER_SHIPPED', 'payload')).toEqual({
      type: 'object',
      properties: {
        id: { type: 'number' },
        at: { type: 'string' },
        tags: { type: 'array', items: { type: 'string' } },
      },
      // The input of the schema, which has a default.
      required: ['at', 'id'],
    });
    expect(partOf(document, 'channels', 'order.lost', 'messages', 'ORDER_LOST', 'payload')).toEqual({
      type: 'object',
      properties: { id: { type: 'number' }, why: { enum: ['fire', 'theft'] } },
      required: ['id'],
    });
    expect(partOf(document, 'components', 'schemas')).toEqual({
      OrderCreatedEvent: {
        type: 'object',
        description: 'An order was created.',
        properties: { currency: { type: 'string', description: 'ISO 4217.' }, id: { type: 'number' } },
        required: ['id'],
      },
      OrderPaidEvent: {
        type: 'object',
        properties: { amounts: { type: 'array', items: { type: 'number' } }, id: { type: 'number' } },
        required: ['amounts', 'id'],
      },
    });
    expect(Object.keys(document['operations'] ?? {})).toEqual([
      'OrdersConsumer.all.order.created',
      'OrdersConsumer.all.order.lost',
      'OrdersConsumer.all.order.paid',
      'OrdersConsumer.shipped',
      'send.order.:region.shipped',
      'send.order.created',
      'send.order.lost',
      'send.order.paid',
    ]);
    expect(partOf(document, 'operations', 'OrdersConsumer.all.order.paid')).toMatchObject({
      description: 'Audits all orders.',
      'x-jetstream-consumer': { handler: 'OrdersConsumer.all', durable: 'audit' },
    });
    expect(partOf(document, 'operations', 'OrdersConsumer.shipped', 'x-jetstream-consumer')).toEqual({
      ackWait: '1m',
      durable: 'shipped',
      handler: 'OrdersConsumer.shipped',
    });
    expect(document['x-jetstream-streams']).toEqual({
      ORDERS: { maxAge: '7d', maxBytes: 10_240, setAtRuntime: ['replicas'], subjects: ['order.>'] },
    });
  });

  it('reads the declaration files of a published library', () => {
    const workspace = workspaceOf({
      'src/main.ts': "import { PAID } from '../contracts/index.js'; console.log(PAID);",
      'contracts/index.js': '',
      'contracts/index.d.ts': `import type { EventSubject } from '@nest-jetstream/transport';
        export declare const PAID: EventSubject<'order.paid', { id: number }>;`,
    });
    expect(Object.keys(workspace.document()['channels'] ?? {})).toEqual(['order.paid']);
  });

  it('has the durable that the transport derives, if the sources determine it', () => {
    const workspace = workspaceOf({
      'src/app.module.ts': `${HEAD}
        import { JetStreamConsumer, NatsJetStreamTransport } from '@nest-jetstream/transport';
        import { Controller, Module } from '@nestjs/common';
        const SERVICE = 'shop';
        export const CREATED = subject<{ id: number }>()('order.created');
        export const SHIPPED = subjectTemplate<{ id: number }>()('order.:region.shipped');
        declare const settings: { durable: string };
        @Controller()
        export class OrdersConsumer {
          @JetStreamConsumer(CREATED) created(): void {}
          @JetStreamConsumer(SHIPPED, { durable: true, orderBy: ({ id }) => id }) shipped(): void {}
          @JetStreamConsumer(CREATED, { durable: false }) ephemeral(): void {}
          @JetStreamConsumer(CREATED, { orderedConsumer: true }) ordered(): void {}
          @JetStreamConsumer(CREATED, { durable: settings.durable }) configured(): void {}
          @JetStreamConsumer(CREATED, { connection: 'legacy' }) legacy(): void {}
          @JetStreamConsumer(CREATED, { connection: 'other' }) other(): void {}
          @JetStreamConsumer(CREATED, { connection: 'dynamic' }) unknownId(): void {}
        }
        @Module({
          imports: [
            NatsJetStreamTransport.register({ id: SERVICE, servers: process.env['NATS_URL'] ?? '' }),
            NatsJetStreamTransport.register({
              connection: 'legacy', id: 'ignored', consumerOptions: { durable: 'old', deadLetter: () => undefined },
            }),
            NatsJetStreamTransport.register({ connection: 'dynamic', id: process.env['ID'] ?? '' }),
          ],
        })
        export class AppModule {}`,
    });
    const durables = workspace.contract().handlers.map(({ label, options }) => [label, options['durable']]);
    expect(Object.fromEntries(durables)).toEqual({
      'OrdersConsumer.created': derivedDurable('shop', 'order.created', 'OrdersConsumer.created'),
      'OrdersConsumer.shipped': derivedDurable('shop', 'order.*.shipped', 'OrdersConsumer.shipped'),
      'OrdersConsumer.ephemeral': false,
      'OrdersConsumer.ordered': undefined,
      'OrdersConsumer.configured': undefined,
      'OrdersConsumer.legacy': derivedDurable('old', 'order.created', 'OrdersConsumer.legacy'),
      'OrdersConsumer.other': undefined,
      'OrdersConsumer.unknownId': undefined,
    });
  });

  it('has no derived durables if the options are known at run time only', () => {
    const workspace = workspaceOf({
      'src/app.module.ts': `${HEAD}
        import { JetStreamConsumer, NatsJetStreamTransport } from '@nest-jetstream/transport';
        export const CREATED = subject<{ id: number }>()('order.created');
        export class OrdersConsumer { @JetStreamConsumer(CREATED) created(): void {} }
        export const imports = [
          NatsJetStreamTransport.register({ id: 'shop' }),
          NatsJetStreamTransport.registerAsync({ connection: 'b', useFactory: () => ({ id: 'shop' }) }),
        ];`,
    });
    expect(workspace.contract().handlers).toMatchObject([{ label: 'OrdersConsumer.created', options: {} }]);
  });

  it('has a name of its own for each message with another schema', () => {
    const workspace = workspaceOf({
      'src/main.ts': `${HEAD}
        namespace One { export interface Point { x: number } }
        namespace Two { export interface Point { y: number } }
        interface Point2 { z: number }
        export const A = subject<One.Point>()('a');
        export const B = subject.request<Two.Point, One.Point>()('b');
        export const C = subject<One.Point>()('c');
        export const D = subject<Point2>()('d');
        export const E = subject<Two.Point>()('e');`,
    });
    const { subjects } = workspace.contract();
    expect(subjects.map(({ text, name, reply }) => ({ text, name, reply: reply?.name }))).toEqual([
      { text: 'a', name: 'Point' },
      { text: 'b', name: 'Point3', reply: 'Point' },
      { text: 'c', name: 'Point' },
      { text: 'd', name: 'Point2' },
      { text: 'e', name: 'Point3' },
    ]);
    expect(mistakesIn(workspace.document())).toEqual([]);
  });

  it('keeps a reply apart from an event with a similar subject', () => {
    const workspace = workspaceOf({
      'src/main.ts': `import { subject } from '@nest-jetstream/transport';
        export const GET = subject.request<{ id: number }, { total: number }>()('order.get');
        export const REPLY = subject<{ text: string }>()('order.get.reply');`,
    });
    const document = workspace.document();
    expect(mistakesIn(document)).toEqual([]);
    expect(Object.keys(document['channels'] ?? {})).toEqual(['order.get', 'order.get reply', 'order.get.reply']);
  });

  it('has the properties that come from packages of Nest', () => {
    const workspace = workspaceOf({
      'src/base.ts': `import { Notification as Base } from 'rxjs';
        export { type Timestamp } from 'rxjs';
        export class Note extends Base<number> {}`,
      'src/main.ts': `${HEAD}
        import { RequestMethod } from '@nestjs/common';
        import { Note, type Timestamp } from './base.js';
        export class Noted extends Note { own!: string; }
        export interface Stamped extends Timestamp<number> { own: string }
        type Routes = Record<RequestMethod, string>;
        export const NOTED = subject<Noted>()('noted');
        export const ROUTES = subject<{ routes: Routes; names: keyof typeof RequestMethod }>()('routes');
        export const STAMPED = subject<Stamped>()('stamped');`,
    });
    const { schemas, subjects } = workspace.contract();
    expect(propertiesOf(schemas['Noted'])).toEqual(expect.arrayContaining(['kind', 'own']));
    expect(propertiesOf(schemas['Stamped'])).toEqual(['own', 'timestamp', 'value']);
    expect(propertiesOf(schemas['Routes'])).toContain('0');
    const routes = subjects.find(({ text }) => text === 'routes')?.schema.properties;
    expect(routes?.['names']?.enum).toContain('GET');
  });

  it('is refused if a package of Nest that an event needs is not installed', () => {
    const workspace = workspaceOf({
      'src/base.ts': `import { PickType } from '@nestjs/missing-types';
        export const Base = PickType(Object, []);`,
      'src/main.ts': `${HEAD}
        import { Base } from './base.js';
        export class OrderPlaced extends Base { own!: string; }
        export const PLACED = subject<OrderPlaced>()('order.placed');`,
    });
    expect(() => workspace.contract()).toThrow(
      expect.objectContaining({ code: 'TYPE_ERRORS', message: expect.stringContaining("'@nestjs/missing-types'") }),
    );
  });

  it('has null in a project without strictNullChecks', () => {
    const workspace = workspaceOf({
      'tsconfig.json':
        '{ "compilerOptions": { "strict": false, "target": "es2023", "module": "nodenext", "skipLibCheck": true } }',
      'src/main.ts': `${HEAD}
        const none: string = null;
        export const PAID = subject<{ by: string | null; why: string | undefined; none: typeof none }>()('order.paid');`,
    });
    const [{ schema } = { schema: {} }] = workspace.contract().subjects;
    expect(schema).toMatchObject({
      properties: { by: { anyOf: [{ type: 'null' }, { type: 'string' }] }, why: { type: 'string' } },
      required: ['by', 'none'],
    });
  });

  it('does not depend on the order of declarations', () => {
    const parts = [
      "export interface A { kind: 'x' | 'y' | 'z'; one?: { b: 1 | 'c' | boolean } }",
      'export interface B { z: string; y: A; a: (A | string)[] }',
      "export const ONE = subject<A>()('one');",
      "export const TWO = subject<B>()('two');",
    ];
    const reordered = [3, 2, 1, 0].map((at) => parts[at]);
    const [one, other] = [parts, reordered].map((lines) =>
      workspaceOf({ 'src/main.ts': HEAD + lines.join('\n') }).document(),
    );
    expect(JSON.stringify(other)).toBe(JSON.stringify(one));
  });

  it('does not depend on the order or the lines of constants of one subject', () => {
    const constants = [
      `export namespace One { export interface Point { x: number } }\n${'\n'.repeat(4)}`,
      `export namespace Two { export interface Point { y: string | null | boolean } }\n`,
      "export const A = subject<One.Point>()('point');",
      "export const B = subject<{ p: Two.Point } | 'a' | 1>()('point');",
      "export const C = subject<null | { q: 2 | 'c' }>()('point');",
      "export const D = subject.request<{ a: 1 }, 1>()('ask');",
      "export const E = subject.request<{ a: 1 }, 2>()('ask');",
    ];
    const [one, moved, reordered] = [
      constants.join('\n'),
      '\n'.repeat(4) + constants.join('\n'),
      [0, 1, 4, 3, 2, 6, 5].map((at) => constants[at]).join('\n'),
    ].map((lines) => workspaceOf({ 'src/main.ts': HEAD + lines }).contract());
    const contentOf = (contract: typeof one): object => ({
      schemas: contract?.schemas,
      subjects: contract?.subjects.map(({ text, schema, reply }) => [text, schema, reply?.schema]),
    });
    expect(contentOf(moved)).toEqual(contentOf(one));
    expect(contentOf(reordered)).toEqual(contentOf(one));
    expect(one?.subjects[0]?.reply?.schema).toEqual({ enum: [1, 2] });
  });

  it('contains hostile comments, keys and names as data', () => {
    const workspace = workspaceOf({
      'src/main.ts': `${HEAD}
        export interface Größe {
          /** \`\`\` */
          '__proto__': string;
          'constructor': number;
          /** "]}: &anchor *alias !!js/function \${process.exit(1)} <script>\u0007\u202e {{x}} */
          'a/b~c#d%e': string;
          '': boolean;
          toString: string;
        }
        export const HOSTILE = subject<Größe>()('größe.a/b~c#d%');`,
    });
    const document = workspace.document();
    expect(mistakesIn(document)).toEqual([]);
    const properties = partOf(document, 'components', 'schemas', 'Gr_e', 'properties');
    expect(Object.keys(properties ?? {})).toEqual(['', '__proto__', 'a/b~c#d%e', 'constructor', 'toString']);
    expect(partOf(document, 'components', 'schemas', 'Gr_e', 'properties', 'a/b~c#d%e', 'description')).toBe(
      '"]}: &anchor *alias !!js/function ${process.exit(1)} <script> {{x}}',
    );
  });

  describe('is refused', () => {
    it.each([
      ['NO_EVENTS', 'without events', 'export const x = 1;', /^src declares no events\. /],
      [
        'NOT_JSON',
        'with types that JSON cannot carry',
        `${HEAD}export const A = subject<{ lines: { price: bigint; seen: Map<string, number> }[] }>()('a.b');`,
        /JSON cannot carry 2 types of the events\. Use a type of JSON, such as a string\.\na\.b lines\[\]\.price \(bigint\) in src\/main\.ts:2\na\.b lines\[\]\.seen \(Map<string, number>\) in src\/main\.ts:2$/,
      ],
      [
        'TYPE_ERRORS',
        'with type errors',
        `${HEAD}export const A = subject<{ a: Missing }>()('a.b');`,
        /^The project has 1 type error where its events are declared\. Fix them first\.\nsrc\/main\.ts\(2,31\): error TS2304: Cannot find name 'Missing'\.$/,
      ],
    ])('%s %s', (code, _what, source, message) => {
      const workspace = workspaceOf({ 'src/main.ts': source });
      expect(() => workspace.contract()).toThrow(
        expect.objectContaining({ code, message: expect.stringMatching(message) }),
      );
    });

    it('PROJECT_NOT_FOUND without package.json', () => {
      const workspace = workspaceOf({});
      expect(() => workspaceOf({ 'package.json': '[]' }).contract()).toThrow(
        expect.objectContaining({ code: 'PROJECT_NOT_FOUND' }),
      );
      expect(() => workspace.contract('shop')).toThrow(expect.objectContaining({ code: 'INVALID_OPTION' }));
    });
  });
});
