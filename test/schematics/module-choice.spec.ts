import type { Tree } from '@angular-devkit/schematics';
import { run } from './support/project-tree';
import { serviceTree } from './support/workspaces';

const STREAM = `import { defineStream, subject } from '@nest-jetstream/transport';
export interface OrderCreatedEvent { id: string }
export const ORDER_CREATED = subject<OrderCreatedEvent>()('order.created');
export const OrdersStream = defineStream({ name: 'ORDERS', subjects: ['order.>'], events: { ORDER_CREATED } });
`;

const moduleOf = (name: string, imports = '', list = ''): string => `import { Module } from '@nestjs/common';
${imports}
@Module({ imports: [${list}] })
export class ${name} {}
`;

const main = (specifier: string): string => `import { NestFactory } from '@nestjs/core';
import { RootModule } from '${specifier}';

void NestFactory.create(RootModule).then(async (app) => {
  await app.listen(3000);
});
`;

const paths = (compilerOptions: object) => ({ 'tsconfig.json': JSON.stringify({ compilerOptions }) });
const consume = (tree: Tree, options: object = {}) =>
  run(tree, 'jetstream-consumer', { name: 'order.created', spec: false, ...options });

function manifest(imports: object): string {
  return JSON.stringify({ name: 'shop', imports, dependencies: { '@nestjs/core': '^11.1.0' } });
}

describe('the root module', () => {
  it.each<[how: string, specifier: string, files: Record<string, string>]>([
    ['a path alias', '@/core/root.module', paths({ paths: { '@/*': ['./src/*'] } })],
    ['an alias of one file', '~root', paths({ paths: { '~root': ['./src/core/root.module.ts'] } })],
    ['an alias below a baseUrl', '@core/root.module', paths({ baseUrl: './src', paths: { '@core/*': ['core/*'] } })],
    ['a baseUrl', 'src/core/root.module', paths({ baseUrl: './' })],
    [
      'an alias of an extended configuration',
      '@/core/root.module.js',
      {
        ...paths({}),
        'tsconfig.json': '{ "extends": "./config/base.json" }',
        'config/base.json': '{ "compilerOptions": { "paths": { "@/*": ["../src/*"] } } }',
      },
    ],
    ['an import of the package', '#core/root.module.js', { 'package.json': manifest({ '#core/*': './src/core/*' }) }],
    [
      'a conditional import of the built package',
      '#app/core/root.module.js',
      { 'package.json': manifest({ '#app/*.js': { types: './dist/*.d.ts', default: './dist/*.js' } }) },
    ],
  ])('is found behind %s', async (_how, specifier, files) => {
    const tree = serviceTree({
      ...files,
      'src/main.ts': main(specifier),
      'src/core/root.module.ts': moduleOf('RootModule'),
    });
    const { changed, messages } = await run(tree, 'nest-add', { sourceRoot: 'src' });
    expect(messages).not.toContain('Add these lines yourself');
    expect(changed).toContain('/src/core/root.module.ts');
  });

  it('keeps the import that it has, under the alias', async () => {
    const tree = serviceTree({
      ...paths({ paths: { '@/*': ['./src/*'] } }),
      'src/app.module.ts': moduleOf('AppModule', "import { OrdersModule } from '@/orders/orders.module';\n"),
      'src/orders/orders.module.ts': moduleOf('OrdersModule'),
    });
    const result = await run(tree, 'jetstream-stream', { name: 'orders' });
    expect(result.messages).not.toContain('Add these lines yourself');
    const text = result.tree.readText('/src/app.module.ts');
    expect(text).toContain('imports: [OrdersModule]');
    expect(text.match(/import .*OrdersModule/g)).toHaveLength(1);
  });
});

describe('the module of a handler', () => {
  const FILES = { 'src/orders/orders.stream.ts': STREAM };
  const within = async (files: Record<string, string>, options: object = {}): Promise<string[]> => {
    const { tree } = await consume(serviceTree({ ...FILES, ...files }), options);
    return tree.files.filter((path) => tree.readText(path).includes('controllers: [OrderCreatedConsumer]'));
  };
  const ORDERS = { 'src/orders/orders.module.ts': moduleOf('OrdersModule') };
  const IMPORT = "import { OrdersModule } from './orders/orders.module';\n";

  it.each<[what: string, files: Record<string, string>, path: string]>([
    [
      'a module of its folder that the root module imports',
      { 'src/app.module.ts': moduleOf('AppModule', IMPORT, 'OrdersModule') },
      '/src/orders/orders.module.ts',
    ],
    [
      'a dynamic module',
      { 'src/app.module.ts': moduleOf('AppModule', IMPORT, 'OrdersModule.forRoot({})') },
      '/src/orders/orders.module.ts',
    ],
    [
      'a module in the list of another file',
      {
        'src/app.module.ts': moduleOf('AppModule', "import { features } from './features';\n", '...features'),
        'src/features.ts': `${IMPORT}export const features = [OrdersModule];\n`,
      },
      '/src/orders/orders.module.ts',
    ],
    [
      'a module that another module imports through a barrel',
      {
        'src/app.module.ts': moduleOf('AppModule', "import { ShopModule } from './shop.module';\n", 'ShopModule'),
        'src/shop.module.ts': moduleOf('ShopModule', "import { OrdersModule } from './orders';\n", 'OrdersModule'),
        'src/orders/index.ts': "export * from './orders.module';\n",
      },
      '/src/orders/orders.module.ts',
    ],
    ['a module that nothing imports', {}, '/src/app.module.ts'],
    [
      'a module that is commented out',
      { 'src/app.module.ts': moduleOf('AppModule', IMPORT, '/* OrdersModule */') },
      '/src/app.module.ts',
    ],
    [
      'a module that only an unused module imports',
      { 'src/old.module.ts': moduleOf('OldModule', IMPORT, 'OrdersModule') },
      '/src/app.module.ts',
    ],
    [
      'a module that is only exported again',
      {
        'src/app.module.ts': moduleOf('AppModule', "import './index';\n"),
        'src/index.ts': "export * from './orders/orders.module';\n",
      },
      '/src/app.module.ts',
    ],
  ])('is the nearest used one: %s', async (_what, files, path) => {
    expect(await within({ ...ORDERS, ...files })).toEqual([path]);
  });

  it('can be chosen with --module', async () => {
    const files = { 'src/mail/mail.module.ts': moduleOf('MailModule') };
    expect(await within(files, { module: 'mail/mail.module' })).toEqual(['/src/mail/mail.module.ts']);
    await expect(within(files, { module: 'mail/nope' })).rejects.toMatchObject({ code: 'INVALID_OPTION' });
  });

  it.each([
    ['jetstream-stream', { name: 'payments' }, 'PaymentsModule'],
    ['jetstream-publisher', { name: 'orders' }, 'OrdersPublisher'],
    ['jetstream-request', { name: 'quote.price' }, 'QuotePriceResponder'],
  ])('can be chosen with --module of %s', async (schematic, options, className) => {
    const tree = serviceTree({ ...FILES, 'src/mail/mail.module.ts': moduleOf('MailModule') });
    const result = await run(tree, schematic, { ...options, module: 'src/mail/mail.module.ts' });
    expect(result.tree.readText('/src/mail/mail.module.ts')).toContain(`[${className}]`);
    expect(result.changed).not.toContain('/src/app.module.ts');
  });

  it('is never the module of the stream itself', async () => {
    const tree = serviceTree(ORDERS);
    const result = await run(tree, 'jetstream-stream', { name: 'orders', module: 'src/orders/orders.module.ts' });
    expect(result.tree.readText('/src/orders/orders.module.ts')).not.toMatch(/imports: \[[^\]]*OrdersModule/);
  });

  it('is asked for in the message if there is none', async () => {
    const tree = serviceTree({
      ...FILES,
      'src/app.module.ts': 'export class AppModule {}\n',
      'src/x.ts': "import '@nestjs/common';\n",
    });
    const { messages } = await consume(tree);
    expect(messages).toContain('No module was found. Choose a module with --module, or add these lines yourself:');
  });
});
