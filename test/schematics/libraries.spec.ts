import type { Tree } from '@angular-devkit/schematics';
import type { UnitTestTree } from '@angular-devkit/schematics/testing';
import { libraryTree } from './support/monorepo';
import { run } from './support/project-tree';

const INDEX = '/libs/sales/src/index.ts';
const BILLING = '/apps/billing/src/billing.module.ts';

/** The library with a stream and further files. */
async function withStream(files: Readonly<Record<string, string>> = {}): Promise<UnitTestTree> {
  return (await run(libraryTree(files), 'jetstream-stream', { name: 'orders', project: 'sales' })).tree;
}

const consume = (tree: Tree, options: object = {}) =>
  run(tree, 'jetstream-consumer', { name: 'order.created', project: 'billing', ...options });

const references = (tree: UnitTestTree) => (tree.readJson('/tsconfig.json') as { references: object[] }).references;

describe('a stream of a library', () => {
  it("is registered in the library's module without a hint to nest add", async () => {
    const { tree, messages } = await run(libraryTree(), 'jetstream-stream', { name: 'orders', project: 'sales' });
    expect(tree.readText('/libs/sales/src/sales.module.ts')).toBe(`import { Module } from '@nestjs/common';
import { OrdersModule } from './orders/orders.module.js';

@Module({ imports: [OrdersModule] })
export class SalesModule {}
`);
    expect(messages).not.toContain('nest add');
  });

  it('is found by an application, which imports the event by the alias and declares it in the library', async () => {
    const { tree, messages } = await consume(await withStream());
    expect(tree.readText('/libs/sales/src/orders/orders.stream.ts')).toContain('events: { ORDER_CREATED }');
    expect(tree.readText('/libs/sales/src/orders/orders.events.ts')).toContain("'order.created'");
    expect(tree.readText(INDEX)).toBe(`export * from './sales.module.js';
export * from './orders/orders.events.js';
export * from './orders/orders.module.js';
`);
    const consumer = tree.readText('/apps/billing/src/orders/order-created.consumer.ts');
    expect(consumer).toContain("import { ORDER_CREATED, type OrderCreatedEvent } from '@app/sales';");
    expect(consumer).toContain("durable: 'billing-order-created'");
    expect(tree.readText('/apps/billing/src/orders/order-created.consumer.spec.ts')).toContain(
      "import type { OrderCreatedEvent } from '@app/sales';",
    );
    expect(tree.readText(BILLING)).toContain(
      '@Module({ imports: [OrdersModule], controllers: [OrderCreatedConsumer] })',
    );
    expect(tree.readText(BILLING)).toContain("import { OrdersModule } from '@app/sales';");
    expect(messages).toBe('NatsJetStreamTransport is not registered yet. Run nest add nest-jetstream.');
    expect(await consume(tree)).toMatchObject({ changed: [], messages: '' });
  });

  it('is registered in the module of a library with the same name', async () => {
    const stream = await run(libraryTree(), 'jetstream-stream', { name: 'sales', project: 'sales' });
    expect(stream.messages).not.toContain('add these lines yourself');
    const module = stream.tree.readText('/libs/sales/src/sales.module.ts');
    expect(module).toContain('NatsJetStreamTransport.forFeature({ streams: [SalesStream] })');
    expect(stream.tree.files.filter((path) => path.endsWith('sales.module.ts'))).toHaveLength(1);
    const { tree, messages } = await consume(stream.tree, { name: 'sale.made' });
    expect(messages).not.toContain('add these lines yourself');
    expect(tree.readText(BILLING)).toContain("import { SalesModule } from '@app/sales';");
    expect(await run(tree, 'jetstream-stream', { name: 'sales', project: 'sales' })).toMatchObject({ changed: [] });
  });

  it('gets a consumer in the given folder and a second event in the same file', async () => {
    const first = await consume(await withStream(), { path: 'mail' });
    expect(first.tree.exists('/apps/billing/src/mail/order-created.consumer.ts')).toBe(true);
    const { tree, changed } = await consume(first.tree, { name: 'order.paid' });
    expect(tree.readText('/libs/sales/src/orders/orders.stream.ts')).toContain('{ ORDER_CREATED, ORDER_PAID }');
    expect(changed).not.toContain(INDEX);
    expect(tree.readText(BILLING).match(/import .* from '@app\/sales'/g)).toHaveLength(1);
  });

  it('gets the constant of a pattern and a publisher in an application', async () => {
    const { tree } = await consume((await consume(await withStream())).tree, { name: 'order.*' });
    expect(tree.readText('/apps/billing/src/orders/any-order.consumer.ts')).toContain(
      "import { ANY_ORDER } from '@app/sales';",
    );
    expect(tree.readText(INDEX)).toContain("export * from './orders/orders.stream.js';");
    const published = await run(tree, 'jetstream-publisher', { name: 'orders', project: 'shop' });
    const publisher = published.tree.readText('/apps/shop/src/orders/orders.publisher.ts');
    expect(publisher).toContain("import { ORDER_CREATED } from '@app/sales';");
    expect(publisher).toContain('orderCreated(');
    expect(published.tree.readText('/apps/shop/src/app.module.ts')).toContain('imports: [OrdersModule]');
    const again = await run(published.tree, 'jetstream-publisher', { name: 'orders', project: 'shop' });
    expect(again).toMatchObject({ changed: [], messages: '' });
  });

  it.each([
    ['a baseUrl and folders', { baseUrl: './', paths: { '@app/sales': ['libs/sales/src'] } }, '@app/sales'],
    ['another name', { paths: { '#sales': ['./libs/sales/src/index'] } }, '#sales'],
    ['no alias', {}, '../../../../libs/sales/src/orders/orders.events.js'],
  ])('is imported with %s as the workspace has it', async (_what, compilerOptions, specifier) => {
    const tree = await withStream({ 'tsconfig.json': JSON.stringify({ compilerOptions }) });
    const consumer = (await consume(tree)).tree.readText('/apps/billing/src/orders/order-created.consumer.ts');
    expect(consumer).toContain(`from '${specifier}';`);
  });

  it('needs no second import of its module where the library’s own is imported', async () => {
    const billing = `import { SalesModule } from '@app/sales';
import { Module } from '@nestjs/common';

@Module({ imports: [SalesModule] })
export class BillingModule {}
`;
    const { tree } = await consume(await withStream({ [BILLING.slice(1)]: billing }));
    expect(tree.readText(BILLING)).toContain(
      '@Module({ imports: [SalesModule], controllers: [OrderCreatedConsumer] })',
    );
  });

  it('uses existing exports of the entry file, by name and through other files', async () => {
    const index = "export { ORDER_CREATED, OrderCreatedEvent } from './api.js';\nexport * from './sales.module.js';\n";
    const api = "export * from './orders/orders.events.js';\nexport * from './orders/orders.module.js';\n";
    const files = { 'libs/sales/src/index.ts': index, 'libs/sales/src/api.ts': api };
    const { tree } = await consume(await withStream(files));
    expect(tree.readText(INDEX)).toBe(`${index}export * from './orders/orders.module.js';\n`);
  });

  it('is referenced by the workspace, so that vitest compiles its decorators', async () => {
    const library = { path: './libs/sales/tsconfig.lib.json' };
    const stream = await withStream();
    expect(references(stream)).toHaveLength(2);
    expect(references((await consume(stream)).tree)[2]).toEqual(library);
    expect(references((await consume(stream, { project: 'sales' })).tree)[2]).toEqual(library);
  });

  it('prevents a stream of an application from overlapping it', async () => {
    const outcome = run(await withStream(), 'jetstream-stream', {
      name: 'others',
      subjects: 'order.*',
      project: 'shop',
    });
    await expect(outcome).rejects.toMatchObject({ code: 'SUBJECT_OVERLAP' });
  });

  it('does not list an event of an application, which it cannot import', async () => {
    const events = `import { subject } from '@nest-jetstream/transport';
export interface OrderCreatedEvent { id: string }
export const ORDER_CREATED = subject<OrderCreatedEvent>()('order.created');
`;
    const { tree, messages } = await consume(await withStream({ 'apps/billing/src/orders.events.ts': events }));
    expect(tree.readText('/libs/sales/src/orders/orders.stream.ts')).not.toContain('ORDER_CREATED');
    expect(messages).toContain('Move the event into the library');
  });
});

it("finds an application's stream that lists a library's event", async () => {
  const events = `import { subject } from '@nest-jetstream/transport';
export interface OrderCreatedEvent { id: string }
export const ORDER_CREATED = subject<OrderCreatedEvent>()('order.created');
`;
  const tree = libraryTree({ 'libs/sales/src/orders.events.ts': events });
  const stream = await run(tree, 'jetstream-stream', { name: 'orders', project: 'billing' });
  const listed = await run(stream.tree, 'jetstream-event', { name: 'order.created', project: 'billing' });
  expect(listed.tree.readText('/apps/billing/src/orders/orders.stream.ts')).toContain(
    "import { ORDER_CREATED } from '@app/sales';",
  );
  const published = await run(listed.tree, 'jetstream-publisher', { name: 'orders', project: 'billing' });
  expect(published.tree.readText('/apps/billing/src/orders/orders.publisher.ts')).toContain('orderCreated(');
});
