import type { UnitTestTree } from '@angular-devkit/schematics/testing';
import { syntaxErrors } from './support/edited';
import { projectTree, run } from './support/project-tree';

let orders: UnitTestTree;
const consume = (options: object, tree = orders) => run(tree, 'jetstream-consumer', { sourceRoot: 'src', ...options });

beforeAll(async () => {
  ({ tree: orders } = await run(await projectTree(), 'jetstream-stream', { name: 'orders' }));
});

describe('jetstream-consumer', () => {
  it.each([
    ['order.v2.created', 'order-v2-created', 'ORDER_V2_CREATED', 'OrderV2CreatedEvent'],
    ['order.2fa-sent', 'order-2fa-sent', 'ORDER_2FA_SENT', 'Order2faSentEvent'],
    ['order.OrderPlaced', 'order-order-placed', 'ORDER_ORDER_PLACED', 'OrderOrderPlacedEvent'],
    ['order.event', 'order-event', 'ORDER_EVENT', 'OrderEvent'],
    ['order.class', 'order-class', 'ORDER_CLASS', 'OrderClassEvent'],
  ])('derives all names from %s', async (subject, file, constant, type) => {
    const { tree } = await consume({ name: subject });
    expect(tree.readText('/src/orders/orders.events.ts')).toContain(`${constant} = subject<${type}>()('${subject}');`);
    expect(tree.readText(`/src/orders/${file}.consumer.ts`)).toContain(
      `@JetStreamConsumer(${constant}, { durable: 'shop-${file}' })`,
    );
    expect(tree.exists(`/src/orders/${file}.consumer.spec.ts`)).toBe(true);
  });

  it('adds a second event to the same stream', async () => {
    const { tree } = await consume({ name: 'order.paid' }, (await consume({ name: 'order.created' })).tree);
    expect(tree.readText('/src/orders/orders.stream.ts')).toContain('events: { ORDER_CREATED, ORDER_PAID },');
    expect(tree.readText('/src/orders/orders.stream.ts')).toContain(
      "import { ORDER_CREATED, ORDER_PAID } from './orders.events.js';",
    );
    expect(tree.readText('/src/orders/orders.events.ts').match(/^import /gm)).toHaveLength(1);
    expect(tree.readText('/src/orders/orders.module.ts')).toContain(
      'controllers: [OrderCreatedConsumer, OrderPaidConsumer]',
    );
  });

  it.each([
    ["register({ id: 'till', connectionOptions: { servers: 'x' } })", 'till-order-created'],
    ["registerAsync({ useFactory: () => ({ id: 'till' }) })", 'till-order-created'],
    ['register({ id: process.env.SERVICE })', 'shop-order-created'],
    ["register({ id: 'not legal' })", 'shop-order-created'],
  ])('starts the durable with the service name of %s', async (call, durable) => {
    const tree = (await run(await projectTree(), 'jetstream-stream', { name: 'orders' })).tree;
    const code = `import { NatsJetStreamTransport as Nats } from '@nest-jetstream/transport';\nexport const nats = Nats.${call};\n`;
    tree.create('/src/nats.ts', code);
    const { tree: after } = await consume({ name: 'order.created' }, tree);
    expect(after.readText('/src/orders/order-created.consumer.ts')).toContain(`durable: '${durable}'`);
  });

  it('writes the options of the consumer', async () => {
    const options = { durable: 'mine', concurrency: 4, ackWait: '45s', retryDelay: ['1s', '10s'] };
    const { tree } = await consume({ name: 'order.created', eventName: 'OrderPlaced', ...options });
    const text = tree.readText('/src/orders/order-placed.consumer.ts');
    expect(text).toContain(`@JetStreamConsumer(ORDER_PLACED, {
    durable: 'mine',
    concurrency: 4,
    ackWait: '45s',
    retryDelay: ['1s', '10s'],
  })`);
    expect(text).toContain('class OrderPlacedConsumer');
  });

  it.each([
    [{ spec: false }, []],
    [{ specFileSuffix: 'test' }, ['/src/orders/order-created.consumer.test.ts']],
  ])('supports %j', async (options, specs) => {
    const { changed } = await consume({ name: 'order.created', ...options });
    expect(changed.filter((path) => /\.(spec|test)\.ts$/.test(path))).toEqual(specs);
  });

  it.each([[{ name: 'notify/order.created' }], [{ name: 'order.created', path: 'notify' }]])(
    'writes the handler to the folder of %j',
    async (options) => {
      const { tree } = await consume(options);
      const text = tree.readText('/src/notify/order-created.consumer.ts');
      expect(text).toContain("from '../orders/orders.events.js'");
      expect(tree.readText('/src/app.module.ts')).toContain('controllers: [AppController, OrderCreatedConsumer]');
    },
  );

  it('uses a declared event and samples its fields', async () => {
    const tree = await projectTree();
    const events = `import { subject as define } from '@nest-jetstream/transport';
import type { Placed } from './placed.js';
export interface Shipped { readonly carrier: string; weight: number }
export const SHIPPED = define<Shipped>()('order.shipped');
export const PLACED = define<Placed>()('order.placed');
`;
    const stream = `import { defineStream } from '@nest-jetstream/transport';
export const S = defineStream({ name: 'S', subjects: ['order.*'] });
`;
    tree.create('/src/a.events.ts', events);
    tree.create('/src/placed.ts', 'export interface Placed { id: string }\n');
    tree.create('/src/stream.ts', stream);
    const shipped = await consume({ name: 'order.shipped', type: 'ignored: string' }, tree);
    expect(shipped.messages).toContain('order.shipped is already declared in src/a.events.ts');
    expect(shipped.changed).not.toContain('/src/a.events.ts');
    expect(shipped.tree.readText('/src/stream.ts')).toContain("subjects: ['order.*'], events: { SHIPPED } })");
    expect(shipped.tree.readText('/src/order-shipped.consumer.spec.ts')).toContain("{ carrier: 'carrier', weight: 1 }");

    const placed = await consume({ name: 'order.placed' }, tree);
    const text = placed.tree.readText('/src/order-placed.consumer.ts');
    expect(text).toContain("import { PLACED } from './a.events.js';\nimport type { Placed } from './placed.js';");
    expect(placed.tree.readText('/src/order-placed.consumer.spec.ts')).toContain('{} as Placed');
  });

  it('keeps the name of a renamed class', async () => {
    const { tree } = await consume({ name: 'order.created' });
    for (const path of ['order-created.consumer.ts', 'orders.module.ts'].map((file) => `/src/orders/${file}`))
      tree.overwrite(path, tree.readText(path).replaceAll('OrderCreatedConsumer', 'Mailer'));
    expect(await consume({ name: 'order.created' }, tree)).toMatchObject({ changed: [], messages: '' });
  });

  it('does not duplicate a moved handler without --path or --durable', async () => {
    const { tree } = await consume({ name: 'order.created' });
    tree.rename('/src/orders/order-created.consumer.ts', '/src/orders/created.ts');
    tree.delete('/src/orders/order-created.consumer.spec.ts');
    const module = tree.readText('/src/orders/orders.module.ts');
    tree.overwrite('/src/orders/orders.module.ts', module.replace('order-created.consumer', 'created'));
    const again = await consume({ name: 'order.created' }, tree);
    expect(again.changed).toEqual([]);
    expect(again.messages).toContain('src/orders/created.ts already handles order.created');

    const other = await consume({ name: 'order.created', durable: 'other' }, tree);
    expect(other.tree.exists('/src/orders/order-created.consumer.ts')).toBe(true);
    expect(other.messages).toContain('imports another OrderCreatedConsumer');
  });

  it('warns about options that an existing handler does not have', async () => {
    const { tree } = await consume({ name: 'order.created', concurrency: 2, retryDelay: ['1s'] });
    const same = await consume({ name: 'order.created', concurrency: 2, retryDelay: ['1s'] }, tree);
    expect(same).toMatchObject({ changed: [], messages: '' });
    const { changed, messages } = await consume({ name: 'order.created', concurrency: 3, manualAck: true }, tree);
    expect(changed).toEqual([]);
    expect(messages).toBe(
      'src/orders/order-created.consumer.ts already exists and was not changed. Set concurrency, manualAck there.',
    );
  });

  it('samples referenced types unless they are recursive', async () => {
    const tree = await projectTree();
    tree.create(
      '/src/stream.ts',
      `import { defineStream, subject } from '@nest-jetstream/transport';
class Line { sku!: string }
interface Parcel { lines: Line; next?: Parcel; back?: Carrier }
interface Carrier { parcel?: Parcel }
export interface Shipped { first: Parcel }
export const SHIPPED = subject<Shipped>()('order.shipped');
export const S = defineStream({ name: 'S', subjects: ['order.*'], events: { SHIPPED } });
`,
    );
    const spec = (await consume({ name: 'order.shipped' }, tree)).tree.readText('/src/order-shipped.consumer.spec.ts');
    expect(spec).toContain("{ first: { lines: { sku: 'sku' }, back: {} } }");
  });

  it("follows the project's style in every file", async () => {
    const tree = await projectTree();
    for (const path of ['/src/app.module.ts', '/src/main.ts']) {
      const text = tree.readText(path).replaceAll("'", '"').replaceAll(/;$/gm, '').replaceAll('  ', '\t');
      tree.overwrite(path, text.replaceAll('\n', '\r\n'));
    }
    let result = await run(tree, 'nest-add', { sourceRoot: 'src' });
    result = await run(result.tree, 'jetstream-stream', { name: 'orders' });
    result = await consume({ name: 'order.created', type: "id: number; status: 'new'" }, result.tree);
    const files = result.tree.files.filter((path) => path.startsWith('/src/orders/') || /main|module/.test(path));
    for (const path of files.filter((each) => each.endsWith('.ts'))) {
      const text = result.tree.readText(path);
      expect({ path, errors: syntaxErrors(text), foreign: text.match(/;\r?$|[^\r]\n|^ +|'/gm) }).toEqual({
        path,
        errors: [],
        foreign: null,
      });
    }
  });

  it('prints the lines to paste when the events are computed', async () => {
    const tree = await projectTree();
    tree.create(
      '/src/orders/orders.stream.ts',
      "import { defineStream } from '@nest-jetstream/transport';\nexport const O = defineStream({ name: 'O', subjects: ['order.>'], events });\n",
    );
    const { messages, changed } = await consume({ name: 'order.created' }, tree);
    expect(messages).toContain('events: { ORDER_CREATED }');
    expect(changed).not.toContain('/src/orders/orders.stream.ts');
  });
});

describe('jetstream-consumer with templates, patterns and batches', () => {
  it('uses EventOf for an unnamed type', async () => {
    const tree = await projectTree();
    const code = `import { defineStream, subject } from '@nest-jetstream/transport';
export const X = subject<{ id: string }>()('order.x');
export const S = defineStream({ name: 'S', subjects: ['order.x'], events: { X } });
`;
    tree.create('/src/s.ts', code);
    const { tree: result } = await consume({ name: 'order.x' }, tree);
    expect(result.readText('/src/order-x.consumer.ts')).toContain('@Payload() event: EventOf<typeof X>');
    expect(result.readText('/src/order-x.consumer.spec.ts')).toContain('const event = {} as EventOf<typeof X>;');
  });

  it.each([{ name: 'order.:region.shipped' }, { name: 'order.shipped', template: 'order.:region.shipped' }])(
    'captures the tokens of %j',
    async (options) => {
      const { tree } = await consume({ type: 'carrier: string', ...options });
      expect(tree.readText('/src/orders/orders.events.ts')).toContain(
        "export const ORDER_SHIPPED = subjectTemplate<OrderShippedEvent>()('order.:region.shipped');",
      );
      const text = tree.readText('/src/orders/order-shipped.consumer.ts');
      expect(text).toContain("{ durable: 'shop-order-shipped' }");
      expect(text).toContain('@Ctx() context: ContextOf<typeof ORDER_SHIPPED>');
      expect(tree.readText('/src/orders/order-shipped.consumer.spec.ts')).toContain("toEqual(['order.*.shipped'])");
      const again = await consume({ name: 'order.:region.shipped' }, tree);
      expect(again).toMatchObject({ changed: [], messages: '' });
    },
  );

  it.each([
    ['order.*', 'any-order', 'ANY_ORDER', 'AnyOrderConsumer'],
    ['order.>', 'every-order', 'EVERY_ORDER', 'EveryOrderConsumer'],
    ['*.created', 'any-created', 'ANY_CREATED', 'AnyCreatedConsumer'],
  ])('handles the events that match %s', async (pattern, file, constant, className) => {
    const { tree: one } = await consume({ name: 'order.created', type: 'id: number' });
    const { tree } = await consume({ name: pattern }, one);
    expect(tree.readText('/src/orders/orders.stream.ts')).toContain(
      `export const ${constant} = subjectPattern(OrdersStream, '${pattern}');`,
    );
    const text = tree.readText(`/src/orders/${file}.consumer.ts`);
    expect(text).toContain(`@JetStreamConsumer(${constant}, { durable: 'shop-${file}' })`);
    expect(text).toContain(`event: EventOf<typeof ${constant}>`);
    expect(text).toContain(`class ${className}`);
    expect(tree.readText(`/src/orders/${file}.consumer.spec.ts`)).toContain(
      `const event: EventOf<typeof ${constant}> = { id: 1 };`,
    );
    expect(await consume({ name: pattern }, tree)).toMatchObject({ changed: [], messages: '' });
  });

  it('keeps edits in generated files', async () => {
    const { tree } = await consume({ name: 'order.created' });
    const written = tree.files.filter((path) => path.startsWith('/src/orders/'));
    for (const path of written) tree.overwrite(path, `${tree.readText(path)}// mine\n`);
    expect(written).toHaveLength(5);
    const { changed, messages } = await consume({ name: 'order.created', concurrency: 2, type: 'other: string' }, tree);
    expect(changed).toEqual([]);
    expect(messages).toContain('order.created is already declared in src/orders/orders.events.ts');
  });

  it('generates a batch handler with manual acknowledgement', async () => {
    const { tree } = await consume({ name: 'order.created', batch: 50, manualAck: true, maxDeliver: 3 });
    const text = tree.readText('/src/orders/order-created.consumer.ts');
    expect(text).toContain('batch: { size: 50 },\n    manualAck: true,\n    maxDeliver: 3,');
    expect(text).toContain('async handle(\n    @Payload() events: OrderCreatedEvent[],');
    expect(text).toContain('await context.ack();');
    expect(tree.readText('/src/orders/order-created.consumer.spec.ts')).toContain('consumer.handle([event], context)');
  });

  it('numbers a durable that another subject uses', async () => {
    const { tree } = await consume({ name: 'order.created' });
    const { tree: result, messages } = await consume({ name: 'order.Created', eventName: 'OrderMade' }, tree);
    expect(result.readText('/src/orders/order-made.consumer.ts')).toContain("durable: 'shop-order-created-2'");
    expect(messages).toContain('The new consumer uses shop-order-created-2');
  });
});

describe('jetstream-consumer refuses', () => {
  it.each([
    [{ name: 'order.*', type: 'id: string' }, 'type'],
    [{ name: 'order.:' }, 'subject'],
    [{ name: 'order.:id.:id' }, 'captures id twice'],
    [{ name: ':id' }, 'captured tokens only'],
    [{ name: 'order.created', template: 'order.created' }, 'captures no token'],
    [{ name: 'order.created', batch: 1_001 }, 'batch'],
    [{ name: 'order.created', style: 'schema' }, 'npm install zod'],
    [{ name: "order.x'" }, 'subject'],
    [{ name: '../../order.created' }, 'subject'],
    [{ name: 'order.created\0' }, 'subject'],
    [{ name: 'order.created', path: '../..' }, 'path'],
    [{ name: 'order.created', path: '/etc' }, 'path'],
    [{ name: 'order.created', type: 'id: Customer' }, 'type'],
    [{ name: 'order.created', type: '' }, 'type'],
    [{ name: 'order.created', durable: 'a.b' }, 'durable'],
    [{ name: 'order.created', ackWait: '30' }, 'ackWait'],
    [{ name: 'order.created', retryDelay: '1s,soon' }, 'retryDelay'],
    [{ name: 'order.created', eventName: '../x' }, 'eventName'],
    [{ name: 'order.created', specFileSuffix: '../../x' }, 'specFileSuffix'],
  ])('%j', async (options, part) => {
    await expect(consume(options)).rejects.toMatchObject({
      code: 'INVALID_OPTION',
      message: expect.stringContaining(part),
    });
  });

  it.each([
    ['concurrency', 0],
    ['batch', 1.5],
    ['style', 'yaml'],
  ])('a value that its schema does not allow: %s %s', async (option, value) => {
    await expect(consume({ name: 'order.created', [option]: value })).rejects.toThrow(option);
  });

  it('a pattern that matches no event of the stream', async () => {
    await expect(consume({ name: 'order.*' })).rejects.toMatchObject({
      code: 'EVENT_NOT_FOUND',
      message: expect.stringContaining('npx nest-jetstream generate event'),
    });
  });

  it('a durable of another handler', async () => {
    const { tree } = await consume({ name: 'order.created', durable: 'mine' });
    const outcome = consume({ name: 'order.paid', durable: 'mine' }, tree);
    await expect(outcome).rejects.toThrow(
      `Value "mine" of option 'durable' is already used in src/orders/order-created.consumer.ts`,
    );
  });

  it('a subject that no stream captures', async () => {
    const outcome = consume({ name: 'invoice.paid' });
    await expect(outcome).rejects.toMatchObject({
      code: 'STREAM_NOT_FOUND',
      message: expect.stringContaining('npx nest-jetstream generate stream invoices'),
    });
  });

  it('a subject that two streams capture without --stream', async () => {
    const { tree } = await run(await projectTree(), 'jetstream-stream', { name: 'orders' });
    const other =
      "import { defineStream } from '@nest-jetstream/transport';\nexport const All = defineStream({ name: 'ALL', subjects: ['>'] });\n";
    tree.create('/src/all.stream.ts', other);
    await expect(consume({ name: 'order.created' }, tree)).rejects.toMatchObject({ code: 'STREAM_AMBIGUOUS' });
    expect((await consume({ name: 'order.created', stream: 'ALL' }, tree)).changed).toContain('/src/all.events.ts');
    await expect(consume({ name: 'order.created', stream: 'NOPE' }, tree)).rejects.toMatchObject({
      code: 'STREAM_NOT_FOUND',
    });
  });

  it('a name of another subject', async () => {
    const { tree } = await consume({ name: 'order.created' });
    const outcome = consume({ name: 'order.Created' }, tree);
    await expect(outcome).rejects.toMatchObject({
      code: 'NAME_TAKEN',
      message: expect.stringContaining('--event-name'),
    });
  });
});
