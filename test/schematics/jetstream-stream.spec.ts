import { monorepoTree } from './support/monorepo';
import { projectTree, run } from './support/project-tree';

const streamOf = async (options: object, file = '/src/orders/orders.stream.ts') => {
  const { tree } = await run(await projectTree(), 'jetstream-stream', {
    name: 'orders',
    sourceRoot: 'src',
    ...options,
  });
  return tree.readText(file);
};

describe('jetstream-stream', () => {
  it('writes the default settings', async () => {
    expect(await streamOf({})).toBe(`import { defineStream } from '@nest-jetstream/transport';

export const OrdersStream = defineStream({
  name: 'ORDERS',
  subjects: ['order.>'],
  storage: 'file',
  retention: 'limits',
  discard: 'new',
  maxAge: '7d',
  duplicateWindow: '2m',
});
`);
  });

  it('writes the given settings', async () => {
    const options = {
      subjects: ['order.>', 'invoice.*'],
      storage: 'memory',
      retention: 'workqueue',
      discard: 'old',
      maxAge: '30d',
    };
    const text = await streamOf({ ...options, duplicateWindow: '10s' });
    expect(text).toContain("subjects: ['order.>', 'invoice.*'],\n  storage: 'memory',\n  retention: 'workqueue',");
    expect(text).toContain("discard: 'old',\n  maxAge: '30d',\n  duplicateWindow: '10s',");
  });

  it('writes no duplicate window that is longer than maxAge', async () => {
    expect(await streamOf({ maxAge: '1m' })).toContain("maxAge: '1m',\n  duplicateWindow: '1m',");
    expect(await streamOf({ maxAge: '2m' })).toContain("maxAge: '2m',\n  duplicateWindow: '2m',");
  });

  it('writes the given limits and replicas', async () => {
    const limits = { maxMessages: 1_000, maxBytes: 1_048_576, maxMessageSize: 65_536, replicas: 3 };
    expect(await streamOf(limits)).toContain(
      `maxAge: '7d',
  maxMessages: 1000,
  maxBytes: 1048576,
  maxMessageSize: 65536,
  duplicateWindow: '2m',
  replicas: 3,
});`,
    );
  });

  it('gives its module a free class name', async () => {
    const tree = await projectTree();
    const other = "import { Module } from '@nestjs/common';\n\n@Module({})\nexport class OrdersModule {}\n";
    tree.create('/src/modules/orders/orders.module.ts', other);
    const root = tree.readText('/src/app.module.ts').replace('imports: [', 'imports: [OrdersModule');
    tree.overwrite('/src/app.module.ts', `import { OrdersModule } from './modules/orders/orders.module.js';\n${root}`);
    const result = await run(tree, 'jetstream-stream', { name: 'orders' });
    expect(result.tree.readText('/src/app.module.ts')).toContain('imports: [OrdersModule, OrdersStreamModule]');
    expect(await run(result.tree, 'jetstream-stream', { name: 'orders' })).toMatchObject({ changed: [] });
  });

  it('logs the default subjects', async () => {
    const { messages } = await run(await projectTree(), 'jetstream-stream', { name: 'orders' });
    expect(messages).toContain('Stream ORDERS captures order.>.');
    const told = await run(await projectTree(), 'jetstream-stream', { name: 'orders', subjects: 'x.>' });
    expect(told.messages).not.toContain('captures');
  });

  it.each([
    [
      { name: 'order-events' },
      '/src/order-events/order-events.stream.ts',
      "OrderEventsStream = defineStream({\n  name: 'ORDER_EVENTS'",
    ],
    [{ name: 'shop/orders' }, '/src/shop/orders/orders.stream.ts', 'OrdersStream'],
    [{ path: 'shop' }, '/src/shop/orders/orders.stream.ts', 'OrdersStream'],
    [{ path: 'src/shop' }, '/src/shop/orders/orders.stream.ts', 'OrdersStream'],
    [{ flat: true }, '/src/orders.stream.ts', 'OrdersStream'],
    [{ name: 123 }, '/src/123/123.stream.ts', "_123Stream = defineStream({\n  name: '_123'"],
    [{ name: 'class' }, '/src/class/class.stream.ts', 'ClassStream'],
  ])('honours %j', async (options, file, expected) => {
    expect(await streamOf(options, file)).toContain(expected);
  });

  it('extends an existing module', async () => {
    const { tree } = await run(await projectTree(), 'module', { name: 'orders', sourceRoot: 'src', flat: false });
    const result = await run(tree, 'jetstream-stream', { name: 'orders', sourceRoot: 'src' });
    expect(result.changed).toEqual(
      expect.arrayContaining(['/src/orders/orders.stream.ts', '/src/orders/orders.module.ts']),
    );
    const text = result.tree.readText('/src/orders/orders.module.ts');
    expect(text).toContain('imports: [NatsJetStreamTransport.forFeature({ streams: [OrdersStream] })]');
    expect(result.tree.readText('/src/app.module.ts').match(/OrdersModule/g)).toHaveLength(2);
  });

  it.each([
    [
      'aliases',
      `import { NatsJetStreamTransport as Nats } from '@nest-jetstream/transport';
import { Module } from '@nestjs/common';
import { OrdersStream as Stream } from './orders.stream.js';

@Module({ imports: [Nats.forFeature({ streams: [Stream] })] })
export class OrdersModule {}
`,
    ],
    [
      'namespaces',
      `import * as nats from '@nest-jetstream/transport';
import { Module } from '@nestjs/common';
import * as streams from './orders.stream.js';

@Module({ imports: [nats.NatsJetStreamTransport.forFeature({ streams: [streams.OrdersStream] })] })
export class OrdersModule {}
`,
    ],
  ])('recognizes its registration with %s', async (_what, module) => {
    const { tree } = await run(await projectTree(), 'jetstream-stream', { name: 'orders', sourceRoot: 'src' });
    tree.overwrite('/src/orders/orders.module.ts', module);
    expect((await run(tree, 'jetstream-stream', { name: 'orders', sourceRoot: 'src' })).changed).toEqual([]);
  });

  it('recognizes its stream with a renamed constant', async () => {
    const { tree } = await run(await projectTree(), 'jetstream-stream', { name: 'orders', sourceRoot: 'src' });
    for (const path of ['/src/orders/orders.stream.ts', '/src/orders/orders.module.ts'])
      tree.overwrite(path, tree.readText(path).replaceAll('OrdersStream', 'Shop'));
    expect((await run(tree, 'jetstream-stream', { name: 'orders', sourceRoot: 'src' })).changed).toEqual([]);
  });

  it('warns if the transport is not registered', async () => {
    const remedy = 'Run nest add nest-jetstream';
    const bare = await run(await projectTree(), 'jetstream-stream', { name: 'orders' });
    expect(bare.messages).toContain(remedy);
    const { tree } = await run(await projectTree(), 'nest-add', {});
    expect((await run(tree, 'jetstream-stream', { name: 'orders' })).messages).not.toContain(remedy);
  });

  it('does not register with skipImport', async () => {
    const { changed } = await run(await projectTree(), 'jetstream-stream', { name: 'orders', skipImport: true });
    expect(changed).not.toContain('/src/app.module.ts');
  });

  it('logs the lines to paste without a module', async () => {
    const tree = await projectTree();
    tree.delete('/src/app.module.ts');
    const { messages, changed } = await run(tree, 'jetstream-stream', { name: 'orders' });
    expect(changed).toContain('/src/orders/orders.module.ts');
    expect(messages).toContain('@Module({ imports: [OrdersModule] })');
  });

  it("follows the project's style in new files", async () => {
    const tree = await projectTree();
    const restyled = tree
      .readText('/src/app.module.ts')
      .replaceAll("'", '"')
      .replaceAll(';\n', '\n')
      .replaceAll('  ', '\t');
    tree.overwrite('/src/app.module.ts', restyled.replaceAll('\n', '\r\n'));
    const { tree: result } = await run(tree, 'jetstream-stream', { name: 'orders' });
    expect(result.readText('/src/orders/orders.stream.ts')).toContain(
      '\r\n\tname: "ORDERS",\r\n\tsubjects: ["order.>"],\r\n',
    );
    expect(result.readText('/src/orders/orders.stream.ts')).not.toMatch(/;|'|[^\r]\n/);
  });

  it('finds the root module of its project in a monorepo', async () => {
    const { changed } = await run(monorepoTree(), 'jetstream-stream', { name: 'orders', project: 'billing' });
    expect(changed.toSorted()).toEqual([
      '/apps/billing/src/billing.module.ts',
      '/apps/billing/src/orders/orders.module.ts',
      '/apps/billing/src/orders/orders.stream.ts',
    ]);
  });
});

describe('jetstream-stream refuses', () => {
  it.each([
    [{ name: 'order.created' }, 'INVALID_OPTION', 'looks like a subject'],
    [{ name: "orders'" }, 'INVALID_OPTION', 'name'],
    [{ name: '*/' }, 'INVALID_OPTION', 'name'],
    [{ name: '../orders' }, 'INVALID_OPTION', 'name'],
    [{ name: '/etc/orders' }, 'INVALID_OPTION', 'name'],
    [{ name: 'orders\0' }, 'INVALID_OPTION', 'name'],
    [{ name: '-' }, 'INVALID_OPTION', 'name'],
    [{ name: 'aux' }, 'INVALID_OPTION', 'reserved file name on Windows. Choose another name'],
    [{ name: 'COM1' }, 'INVALID_OPTION', 'reserved file name on Windows'],
    [{ name: 'orders', path: 'nul' }, 'INVALID_OPTION', 'reserved name on Windows. Choose another folder'],
    [{ name: 'orders', path: 'a/con.old' }, 'INVALID_OPTION', 'reserved name on Windows'],
    [{ name: 'orders', path: 'a.' }, 'INVALID_OPTION', 'path'],
    [{ name: 'orders', path: '../..' }, 'INVALID_OPTION', 'path'],
    [{ name: 'orders', subjects: 'order.>,order.>.x' }, 'INVALID_OPTION', 'subjects'],
    [{ name: 'orders', subjects: 'order.>,order.>' }, 'INVALID_OPTION', 'twice'],
    [{ name: 'orders', replicas: 6 }, 'INVALID_OPTION', 'from 1 to 5'],
    [{ name: 'orders', maxAge: '7' }, 'INVALID_OPTION', 'maxAge'],
    [{ name: 'orders', duplicateWindow: '0s' }, 'INVALID_OPTION', 'duplicateWindow'],
    [{ name: 'orders', maxAge: '1m', duplicateWindow: '2m' }, 'INVALID_OPTION', 'must not be longer than maxAge (1m)'],
    [{ name: 'orders', project: 'nope' }, 'INVALID_OPTION', 'project'],
  ])('%j', async (options, code, part) => {
    const outcome = run(await projectTree(), 'jetstream-stream', options);
    await expect(outcome).rejects.toMatchObject({ code, message: expect.stringContaining(part) });
  });

  it.each([
    ['storage', 'disk'],
    ['retention', 'forever'],
    ['maxMessages', 0],
    ['maxBytes', 1.5],
  ])('a value that its schema does not allow: %s %s', async (option, value) => {
    await expect(run(await projectTree(), 'jetstream-stream', { name: 'orders', [option]: value })).rejects.toThrow(
      option,
    );
  });

  it('a stream whose subjects overlap', async () => {
    const { tree } = await run(await projectTree(), 'jetstream-stream', { name: 'orders' });
    const outcome = run(tree, 'jetstream-stream', { name: 'parcels', subjects: 'order.sent' });
    await expect(outcome).rejects.toMatchObject({
      code: 'SUBJECT_OVERLAP',
      message: expect.stringContaining('ORDERS'),
    });
  });

  it('a name of another file', async () => {
    const { tree } = await run(await projectTree(), 'jetstream-stream', { name: 'orders' });
    const outcome = run(tree, 'jetstream-stream', { name: 'orders', path: 'other', subjects: 'other.>' });
    await expect(outcome).rejects.toMatchObject({ code: 'NAME_TAKEN' });
  });

  it('an existing file with other content', async () => {
    const tree = await projectTree();
    tree.create('/src/orders/orders.stream.ts', 'export const x = 1;\n');
    await expect(run(tree, 'jetstream-stream', { name: 'orders' })).rejects.toMatchObject({ code: 'NAME_TAKEN' });
  });
});
