import type { UnitTestTree } from '@angular-devkit/schematics/testing';
import { projectTree, run, type SchematicResult } from './support/project-tree';

const RUNS = {
  stream: ['jetstream-stream', { name: 'orders' }],
  consumer: ['jetstream-consumer', { name: 'order.created' }],
  publisher: ['jetstream-publisher', { name: 'orders' }],
  request: ['jetstream-request', { name: 'quote.price' }],
} as const;

/** Replaces texts in every source, as the rename of an editor does. */
function rename(tree: UnitTestTree, names: Readonly<Record<string, string>>): void {
  for (const path of tree.files.filter((file) => file.startsWith('/src/'))) {
    const text = Object.entries(names).reduce((all, [from, to]) => all.replaceAll(from, to), tree.readText(path));
    if (text !== tree.readText(path)) tree.overwrite(path, text);
  }
}

async function again(tree: UnitTestTree, kind: keyof typeof RUNS, options: object = {}): Promise<SchematicResult> {
  const [schematic, usual] = RUNS[kind];
  return run(tree, schematic, { ...usual, ...options });
}

let project: UnitTestTree;

beforeEach(async () => {
  ({ tree: project } = await run(await projectTree(), 'nest-add', { sourceRoot: 'src' }));
  for (const kind of ['stream', 'consumer', 'publisher', 'request'] as const)
    ({ tree: project } = await again(project, kind));
});

describe('a second run', () => {
  it.each<[what: string, move: () => void, kind: keyof typeof RUNS]>([
    [
      'finds a renamed stream file',
      () => {
        rename(project, { './orders.stream.js': './sales.stream.js' });
        project.rename('/src/orders/orders.stream.ts', '/src/orders/sales.stream.ts');
      },
      'stream',
    ],
    [
      'finds a renamed module',
      () => {
        rename(project, { './orders/orders.module.js': './orders/sales.module.js', OrdersModule: 'SalesModule' });
        project.rename('/src/orders/orders.module.ts', '/src/orders/sales.module.ts');
      },
      'stream',
    ],
    [
      'finds a module that another module imports',
      () => {
        project.create(
          '/src/shop.module.ts',
          "import { Module } from '@nestjs/common';\nimport { OrdersModule } from './orders/orders.module.js';\n\n@Module({ imports: [OrdersModule] })\nexport class ShopModule {}\n",
        );
        const root = project.readText('/src/app.module.ts');
        project.overwrite(
          '/src/app.module.ts',
          root.replace('./orders/orders.module.js', './shop.module.js').replaceAll('OrdersModule', 'ShopModule'),
        );
      },
      'stream',
    ],
    [
      'finds a moved publisher',
      () => {
        rename(project, { './orders.publisher.js': '../sales/orders.publisher.js' });
        project.rename('/src/orders/orders.publisher.ts', '/src/sales/orders.publisher.ts');
        rename(project, { './orders.events.js': '../orders/orders.events.js' });
      },
      'publisher',
    ],
    [
      'finds a moved responder',
      () => {
        rename(project, { './quote/quote-price.responder.js': './prices/quote-price.responder.js' });
        project.rename('/src/quote/quote-price.responder.ts', '/src/prices/quote-price.responder.ts');
        rename(project, { './quote-price.request.js': '../quote/quote-price.request.js' });
      },
      'request',
    ],
    [
      'finds a moved request',
      () => {
        rename(project, { './quote-price.request.js': '../shared/price.request.js' });
        project.rename('/src/quote/quote-price.request.ts', '/src/shared/price.request.ts');
      },
      'request',
    ],
    [
      'finds a handler that another module registers',
      () => {
        project.create(
          '/src/handlers.module.ts',
          "import { Module } from '@nestjs/common';\nimport { OrderCreatedConsumer } from './orders/order-created.consumer.js';\n\n@Module({ controllers: [OrderCreatedConsumer] })\nexport class HandlersModule {}\n",
        );
        const root = project.readText('/src/app.module.ts');
        project.overwrite(
          '/src/app.module.ts',
          "import { HandlersModule } from './handlers.module.js';\n" + root.replace('[NatsJ', '[HandlersModule, NatsJ'),
        );
        const own = project.readText('/src/orders/orders.module.ts');
        project.overwrite(
          '/src/orders/orders.module.ts',
          own.replace(/\s*controllers: \[OrderCreatedConsumer\],?/, ''),
        );
      },
      'consumer',
    ],
  ])('%s and changes nothing', async (_what, move, kind) => {
    move();
    const { changed, tree } = await again(project, kind);
    expect(changed.map((path) => `${path}\n${tree.readText(path)}`)).toEqual([]);
  });

  it('adds the methods of new events to a moved publisher', async () => {
    rename(project, { './orders.publisher.js': '../sales/orders.publisher.js' });
    project.rename('/src/orders/orders.publisher.ts', '/src/sales/orders.publisher.ts');
    rename(project, { './orders.events.js': '../orders/orders.events.js' });
    const { tree, changed } = await run(project, 'jetstream-event', { name: 'order.paid' });
    expect(changed).toContain('/src/sales/orders.publisher.ts');
    expect((await again(tree, 'publisher')).changed).toEqual([]);
  });

  it('does not register the handler of a request that was deleted', async () => {
    project.delete('/src/quote/quote-price.responder.ts');
    const { changed, messages } = await again(project, 'request');
    expect(changed).toEqual([]);
    expect(messages).toContain('src/quote/quote-price.request.ts already declares quote.price');
  });

  it('creates a second publisher in another folder', async () => {
    const { changed } = await again(project, 'publisher', { path: 'mail' });
    expect(changed).toContain('/src/mail/orders.publisher.ts');
  });
});
