import { projectTree, run } from './support/project-tree';

describe('the collection', () => {
  it.each([
    ['jse', { name: 'order.created' }, '/src/orders/orders.events.ts'],
    ['jsc', { name: 'order.created' }, '/src/orders/order-created.consumer.ts'],
  ])('resolves the alias %s', async (alias, options, file) => {
    const { tree } = await run(await projectTree(), 'jss', { name: 'orders' });
    expect((await run(tree, alias, options)).changed).toContain(file);
  });

  it.each([
    ['module', 'src/cats/cats.module.ts'],
    ['controller', 'src/cats/cats.controller.ts'],
    ['service', 'src/cats/cats.service.ts'],
  ])("extends Nest's schematic %s", async (schematic, file) => {
    const { changed, tree } = await run(await projectTree(), schematic, {
      name: 'cats',
      sourceRoot: 'src',
      flat: false,
    });
    expect(changed).toContain(`/${file}`);
    expect(tree.readText('/src/app.module.ts')).toContain('./cats/cats.');
  });

  it.each([
    ['jss', { name: 'orders' }],
    [
      'jetstream-stream',
      { name: 'orders', collection: 'nest-jetstream', language: 'ts', specFileSuffix: 'spec', crud: true },
    ],
    ['nest-add', { sourceRoot: 'src', d: true, module: 'src/app.module.ts' }],
  ])('accepts the options that the CLIs pass to %s', async (schematic, options) => {
    const { changed } = await run(await projectTree(), schematic, options);
    expect(changed).toContain('/src/app.module.ts');
  });
});
