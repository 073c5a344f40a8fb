import { join } from 'node:path';
import type { Tree } from '@angular-devkit/schematics';
import { DiskProject } from './support/disk-project';
import { syntaxErrors } from './support/edited';
import { libraryTree, monorepoTree } from './support/monorepo';
import { projectTree, run } from './support/project-tree';
import { typeErrors } from './support/type-errors';

const FILE = '/src/orders/billing-order-created.consumer.ts';
const SPEC = '/src/orders/billing-order-created.consumer.spec.ts';
const MODULE = '/src/orders/orders.module.ts';

let orders: Tree;

const consume = (options: object = {}, tree: Tree = orders) =>
  run(tree, 'jetstream-consumer', { name: 'order.created', sourceRoot: 'src', ...options });
const bill = (options: object = {}, tree: Tree = orders) => consume({ consumerName: 'billing', ...options }, tree);

beforeAll(async () => {
  const { tree } = await run(await projectTree(), 'jetstream-stream', { name: 'orders' });
  ({ tree: orders } = await consume({}, tree));
});

describe('a second consumer of an event', () => {
  it('has a file, a class, a spec and a durable of its own', async () => {
    const { tree, changed } = await bill();
    expect(changed.toSorted()).toEqual([SPEC, FILE, MODULE].toSorted());
    const text = tree.readText(FILE);
    expect(text).toContain('export class BillingOrderCreatedConsumer {');
    expect(text).toContain("@JetStreamConsumer(ORDER_CREATED, { durable: 'shop-billing-order-created' })");
    expect(tree.readText(SPEC)).toContain(
      "import { BillingOrderCreatedConsumer } from './billing-order-created.consumer.js';",
    );
    expect(tree.readText(MODULE)).toContain('controllers: [OrderCreatedConsumer, BillingOrderCreatedConsumer]');
  });

  it('makes no changes when it runs again', async () => {
    const { tree } = await bill();
    expect(await bill({}, tree)).toMatchObject({ changed: [], messages: '' });
    expect(await consume({}, tree)).toMatchObject({ changed: [], messages: '' });
  });

  it('may be the first consumer of the event', async () => {
    const { tree } = await bill({ name: 'order.paid' });
    expect(tree.readText('/src/orders/orders.events.ts')).toContain("subject<OrderPaidEvent>()('order.paid')");
    expect(tree.readText('/src/orders/billing-order-paid.consumer.ts')).toContain("durable: 'shop-billing-order-paid'");
  });

  it.each([
    ['eu-billing', 'EuBillingOrderCreatedConsumer', 'eu-billing-order-created'],
    ['EuBilling', 'EuBillingOrderCreatedConsumer', 'eu-billing-order-created'],
    [2, '_2OrderCreatedConsumer', '2-order-created'],
  ])('can be named %s', async (consumerName, className, name) => {
    const { tree } = await consume({ consumerName });
    const text = tree.readText(`/src/orders/${name}.consumer.ts`);
    expect(text).toContain(`export class ${className} `);
    expect(text).toContain(`durable: 'shop-${name}'`);
  });

  it('is written to the folder of --path and registered in the module of --module', async () => {
    const { tree } = await bill({ path: 'billing', module: 'src/app.module.ts' });
    expect(tree.readText('/src/billing/billing-order-created.consumer.ts')).toContain("'../orders/orders.events.js'");
    expect(tree.readText('/src/app.module.ts')).toContain('controllers: [AppController, BillingOrderCreatedConsumer]');
  });

  it('has the durable of --durable', async () => {
    const { tree } = await bill({ durable: 'invoices' });
    expect(tree.readText(FILE)).toContain("@JetStreamConsumer(ORDER_CREATED, { durable: 'invoices' })");
    expect(await bill({ durable: 'invoices' }, tree)).toMatchObject({ changed: [], messages: '' });
  });

  it('takes its name from --event-name of a new event', async () => {
    const { tree } = await bill({ name: 'order.paid', eventName: 'OrderSettled' });
    const text = tree.readText('/src/orders/billing-order-settled.consumer.ts');
    expect(text).toContain('class BillingOrderSettledConsumer');
    expect(text).toContain("@JetStreamConsumer(ORDER_SETTLED, { durable: 'shop-billing-order-paid' })");
  });

  it('is named on the command line with --name', async () => {
    const project = await DiskProject.of(orders);
    try {
      const { printed } = await project.command('generate', 'consumer', 'order.created', '--name', 'billing');
      expect(printed.map((line) => line.replace(/ \(.*/, ''))).toEqual([
        `CREATE ${FILE.slice(1)}`,
        `CREATE ${SPEC.slice(1)}`,
        `UPDATE ${MODULE.slice(1)}`,
      ]);
      const again = await project.command('generate', 'consumer', 'order.created', '--name', 'billing');
      expect(again.printed).toEqual(['Nothing to be done.']);
    } finally {
      await project.remove();
    }
  });
});

describe('a moved second consumer', () => {
  it('is found by its durable', async () => {
    const { tree } = await bill();
    tree.rename(FILE, '/src/orders/invoices.ts');
    tree.delete(SPEC);
    tree.overwrite(MODULE, tree.readText(MODULE).replace('billing-order-created.consumer', 'invoices'));
    expect(await bill({}, tree)).toMatchObject({
      changed: [],
      messages:
        "src/orders/invoices.ts already handles order.created with durable 'shop-billing-order-created'. " +
        'To add another consumer, pass another --name.',
    });
  });

  it('keeps the name of a renamed class', async () => {
    const { tree } = await bill();
    for (const path of [FILE, SPEC, MODULE])
      tree.overwrite(path, tree.readText(path).replaceAll('BillingOrderCreatedConsumer', 'Biller'));
    expect(await bill({}, tree)).toMatchObject({ changed: [], messages: '' });
  });
});

describe('a second consumer is refused for', () => {
  it.each([[''], ['a b'], ['bill.ing'], ['--'], ['bill/ing']])('the name %j', async (consumerName) => {
    await expect(consume({ consumerName })).rejects.toThrow(
      `Value ${JSON.stringify(consumerName)} of option 'name' must be letters, digits, "-" and "_", such as billing.`,
    );
  });

  it('a durable that another handler has', async () => {
    const { tree } = await consume({ name: 'order.paid', durable: 'shop-billing-order-created' });
    await expect(bill({}, tree)).rejects.toMatchObject({
      code: 'INVALID_OPTION',
      message:
        `Value "billing" of option 'name' leads to durable 'shop-billing-order-created', which is already used in ` +
        'src/orders/order-paid.consumer.ts. Choose another name, or pass --durable.',
    });
  });

  it('a class that another file declares', async () => {
    const { tree } = await bill();
    await expect(bill({ path: 'billing', durable: 'invoices' }, tree)).rejects.toThrow(
      `Value "billing" of option 'name' leads to class BillingOrderCreatedConsumer, which ` +
        'src/orders/billing-order-created.consumer.ts already declares. Choose another name.',
    );
  });

  it('a file that handles another event', async () => {
    const wide = `import { defineStream } from '@nest-jetstream/transport';
export const Wide = defineStream({ name: 'WIDE', subjects: ['billing.>', 'order.>'] });
`;
    const project = await projectTree();
    project.create('/src/wide.stream.ts', wide);
    const { tree } = await consume({ name: 'billing.order.created' }, project);
    await expect(bill({}, tree)).rejects.toMatchObject({
      code: 'NAME_TAKEN',
      message:
        'src/billing-order-created.consumer.ts already handles another event. ' +
        'Choose another name with --name, or another folder with --path.',
    });
  });
});

describe('a second consumer in a monorepo', () => {
  it('starts its durable with the project', async () => {
    const { tree } = await run(monorepoTree(), 'jetstream-stream', { name: 'orders', project: 'billing' });
    const result = await run(tree, 'jetstream-consumer', {
      name: 'order.created',
      project: 'billing',
      consumerName: 'audit',
    });
    const text = result.tree.readText('/apps/billing/src/orders/audit-order-created.consumer.ts');
    expect(text).toContain("durable: 'billing-audit-order-created'");
  });

  it('handles the event of a library', async () => {
    const { tree } = await run(libraryTree(), 'jetstream-stream', { name: 'orders', project: 'sales' });
    const first = await run(tree, 'jetstream-consumer', { name: 'order.created', project: 'billing' });
    const options = { name: 'order.created', project: 'billing', consumerName: 'audit' };
    const second = await run(first.tree, 'jetstream-consumer', options);
    const text = second.tree.readText('/apps/billing/src/orders/audit-order-created.consumer.ts');
    expect(text).toContain("import { ORDER_CREATED, type OrderCreatedEvent } from '@app/sales';");
    expect(second.tree.readText('/apps/billing/src/billing.module.ts')).toContain(
      'controllers: [OrderCreatedConsumer, AuditOrderCreatedConsumer]',
    );
    expect((await run(second.tree, 'jetstream-consumer', options)).changed).toEqual([]);
  });
});

describe('second consumers of every kind of event', () => {
  it('validate classes with class-validator', async () => {
    const { tree } = await run(await projectTree(), 'jetstream-stream', { name: 'orders' });
    const manifest = JSON.parse(tree.readText('/package.json')) as { dependencies: object };
    const dependencies = { ...manifest.dependencies, 'class-validator': '*', 'class-transformer': '*' };
    tree.overwrite('/package.json', JSON.stringify({ ...manifest, dependencies }));
    const first = await consume({ style: 'class' }, tree);
    const { tree: after, messages } = await bill({}, first.tree);
    expect(messages).toBe('NatsJetStreamTransport is not registered yet. Run nest add nest-jetstream.');
    const text = after.readText(FILE);
    expect(syntaxErrors(text)).toEqual([]);
    expect(text).toContain('@Payload(validEvent) event: OrderCreatedEvent');
  });

  it('compile', async () => {
    const { tree: stream } = await run(await projectTree(), 'jetstream-stream', { name: 'orders' });
    const manifest = JSON.parse(stream.readText('/package.json')) as { dependencies: object };
    const dependencies = { ...manifest.dependencies, zod: '*' };
    stream.overwrite('/package.json', JSON.stringify({ ...manifest, dependencies }));
    let tree: Tree = stream;
    const files: string[] = [];
    for (const options of [
      { name: 'order.created', style: 'interface' },
      { name: 'order.paid', style: 'class' },
      { name: 'order.noted', style: 'schema' },
      { name: 'order.:region.shipped' },
      { name: 'order.*' },
      { name: 'order.counted', batch: 3 },
    ]) {
      const first = await consume(options, tree);
      const second = await bill(options, first.tree);
      files.push(...second.changed, ...first.changed);
      ({ tree } = second);
    }
    const project = await DiskProject.of(tree);
    try {
      const sources = [...new Set(files)]
        .filter((path) => path.endsWith('.ts'))
        .map((path) => join(project.root, path));
      const errors = [...typeErrors(sources)].filter(([, found]) => found.length > 0);
      expect(errors).toEqual([]);
      expect(await project.read('src/orders/billing-any-order.consumer.ts')).toContain(
        "@JetStreamConsumer(ANY_ORDER, { durable: 'shop-billing-any-order' })",
      );
      expect(await project.read('src/orders/billing-order-shipped.consumer.ts')).toContain(
        '@Ctx() context: ContextOf<typeof ORDER_SHIPPED>',
      );
    } finally {
      await project.remove();
    }
  });
});
