import { run } from './support/project-tree';
import {
  libraryPackageTree,
  nxTree,
  plainPackageTree,
  serviceTree,
  turborepoTree,
  withoutNestCliTree,
} from './support/workspaces';

const COMMANDS: readonly (readonly [schematic: string, options: object])[] = [
  ['nest-add', { sourceRoot: 'src' }],
  ['jetstream-stream', { name: 'orders' }],
  ['jetstream-event', { name: 'order.created' }],
  ['jetstream-consumer', { name: 'order.created' }],
  ['jetstream-publisher', { name: 'orders' }],
  ['jetstream-request', { name: 'quote.price' }],
];

describe.each(COMMANDS)('%s outside an application', (schematic, options) => {
  it.each([
    [
      'the root of a workspace with several packages',
      turborepoTree,
      'This folder has no src/main.ts that starts a Nest application. Run the command in apps/api or apps/mailer.',
    ],
    [
      'the root of an Nx workspace',
      nxTree,
      'This folder has no src/main.ts that starts a Nest application. Choose one with --project api or --project mailer.',
    ],
    [
      'a package with Nest modules',
      libraryPackageTree,
      'This folder has no src/main.ts that starts a Nest application. Run the command in the folder of an application.',
    ],
    [
      'a package without Nest',
      plainPackageTree,
      'This folder does not use @nestjs/core. Run the command in the folder of a Nest application.',
    ],
  ])('refuses %s and names the applications', async (_where, tree, message) => {
    await expect(run(tree(), schematic, options)).rejects.toMatchObject({ code: 'PROJECT_NOT_FOUND', message });
  });
});

describe('a project of an Nx workspace', () => {
  it.each([
    ['its name', { project: 'mailer', sourceRoot: 'src' }],
    ['its source root', { sourceRoot: 'apps/mailer/src' }],
  ])('is selected by %s and gives the service its id', async (_how, options) => {
    const { tree, changed } = await run(nxTree(), 'nest-add', options);
    expect(tree.readText('/apps/mailer/src/app.module.ts')).toContain("register({ id: 'mailer' })");
    expect(changed).toEqual(
      expect.arrayContaining(['/package.json', '/apps/mailer/src/app.module.ts', '/apps/mailer/src/main.ts']),
    );
    expect(changed.filter((path) => path.startsWith('/apps/api'))).toEqual([]);
  });

  it.each([{ project: 'mailer' }, { sourceRoot: 'apps/mailer/src' }])(
    'is named in the next steps if %j selects it',
    async (options) => {
      const { messages } = await run(nxTree(), 'nest-add', options);
      expect(messages).toMatch(/ generate consumer order\.created --project mailer /);
    },
  );

  it('has its name in the id if no project.json names it', async () => {
    const tree = nxTree();
    tree.delete('/apps/mailer/project.json');
    const result = await run(tree, 'nest-add', { sourceRoot: 'apps/mailer/src' });
    expect(result.tree.readText('/apps/mailer/src/app.module.ts')).toContain("register({ id: 'mailer' })");
  });

  it('is known by its package.json', async () => {
    const tree = nxTree();
    tree.delete('/apps/mailer/project.json');
    tree.create('/apps/mailer/package.json', '{ "name": "@acme/mailer" }');
    const result = await run(tree, 'nest-add', { project: '@acme/mailer' });
    expect(result.tree.readText('/apps/mailer/src/app.module.ts')).toContain("register({ id: 'acme-mailer' })");
  });

  it('uses durables that no other project has', async () => {
    const events = await run(nxTree(), 'jetstream-stream', { name: 'orders', project: 'sales' });
    const api = await run(events.tree, 'jetstream-consumer', { name: 'order.created', project: 'api' });
    const { tree } = await run(api.tree, 'jetstream-consumer', { name: 'order.created', project: 'mailer' });
    expect(tree.readText('/apps/api/src/orders/order-created.consumer.ts')).toContain("durable: 'api-order-created'");
    const consumer = tree.readText('/apps/mailer/src/orders/order-created.consumer.ts');
    expect(consumer).toContain("durable: 'mailer-order-created'");
    expect(consumer).toContain("from '@acme/sales'");
  });

  it('is listed if the given name is unknown', async () => {
    await expect(run(nxTree(), 'nest-add', { project: 'nope' })).rejects.toThrow(
      `Value "nope" of option 'project' is not a project of this workspace. Known projects: api, mailer, web, sales.`,
    );
  });
});

describe('a project without the Nest CLI', () => {
  it('gets no nest-cli.json', async () => {
    const { changed } = await run(withoutNestCliTree(), 'nest-add', { sourceRoot: 'src' });
    expect(changed).toContain('/src/main.ts');
    expect(changed).not.toContain('/nest-cli.json');
  });

  it('gets one if it depends on the CLI', async () => {
    const tree = withoutNestCliTree();
    tree.overwrite(
      '/package.json',
      tree.readText('/package.json').replace(/\n}\n$/, ',\n  "devDependencies": { "@nestjs/cli": "^11.0.0" }\n}\n'),
    );
    const result = await run(tree, 'nest-add', { sourceRoot: 'src' });
    expect(result.tree.readText('/nest-cli.json')).toContain('"collection": "nest-jetstream"');
  });
});

it.each([
  ['jetstream-consumer', { name: 'order.created' }],
  ['jetstream-request', { name: 'quote.price' }],
])('%s warns about an application context, which runs no handlers', async (schematic, options) => {
  const main = serviceTree().readText('/src/main.ts');
  const context = { 'src/main.ts': main.replace('create(', 'createApplicationContext(') };
  const { tree } = await run(serviceTree(context), 'jetstream-stream', { name: 'orders' });
  const warning = 'src/main.ts creates an application context, which runs no handlers.';
  const result = await run(tree, schematic, options);
  expect(result.messages).toContain(warning);
  expect((await run(result.tree, schematic, options)).messages).toBe('');
});
