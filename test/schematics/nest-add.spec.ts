import { DEFAULT_VERSION } from '../../nats-server/version';
import { SchematicTestRunner } from '@angular-devkit/schematics/testing';
import { join } from 'node:path';
import { monorepoTree } from './support/monorepo';
import { projectTree, run } from './support/project-tree';

type Manifest = Record<'dependencies' | 'devDependencies', Record<string, string>>;

async function added(manifest: Partial<Manifest>): Promise<Manifest> {
  const tree = await projectTree();
  tree.overwrite('/package.json', JSON.stringify({ name: 'shop', type: 'module', ...manifest }, null, 2));
  const result = await run(tree, 'nest-add', { sourceRoot: 'src' });
  return result.tree.readJson('/package.json') as unknown as Manifest;
}

describe('nest-add: dependencies', () => {
  it('moves nest-jetstream to the development dependencies with its version', async () => {
    const { dependencies, devDependencies } = await added({
      dependencies: { '@nestjs/core': '^12.0.1', 'nest-jetstream': 'file:x.tgz' },
    });
    expect(dependencies).not.toHaveProperty('nest-jetstream');
    expect(devDependencies['nest-jetstream']).toBe('file:x.tgz');
  });

  it('adds the transport with the same version', async () => {
    const { version } = jest.requireActual<{ version: string }>('../../package.json');
    expect((await added({})).dependencies['@nest-jetstream/transport']).toBe(`^${version}`);
  });

  it.each([['dependencies'], ['devDependencies']] as const)(
    'keeps the version of the transport in %s',
    async (list) => {
      const { dependencies, devDependencies } = await added({ [list]: { '@nest-jetstream/transport': 'file:t.tgz' } });
      expect(dependencies['@nest-jetstream/transport']).toBe('file:t.tgz');
      expect(devDependencies ?? {}).not.toHaveProperty('@nest-jetstream/transport');
    },
  );

  it.each([
    ['^12.0.1', '^12.0.1'],
    ['~11.1.0', '~11.1.0'],
    ['11.x', '11.x'],
    ['>=12 <13', '>=12 <13'],
    ['latest', 'latest'],
    ['workspace:*', 'workspace:*'],
    ['github:nestjs/core', '^12.0.0'],
  ])('takes @nestjs/microservices for @nestjs/core %s that is not installed', async (core, expected) => {
    expect((await added({ dependencies: { '@nestjs/core': core } })).dependencies['@nestjs/microservices']).toBe(
      expected,
    );
  });

  it.each([
    [{}, ['node-package', 'run-schematic']],
    [{ skipInstall: true }, []],
    [{ s: true }, []],
  ])('schedules an install and its check: %j', async (options, tasks) => {
    expect((await run(await projectTree(), 'nest-add', { sourceRoot: 'src', ...options })).tasks).toEqual(tasks);
  });
});

describe('nest-add: nest-cli.json', () => {
  it('keeps comments and other settings', async () => {
    const tree = await projectTree();
    tree.overwrite('/nest-cli.json', '{\n\t// ours\n\t"collection": "@nestjs/schematics",\n\t"sourceRoot": "src"\n}\n');
    const result = await run(tree, 'nest-add', { sourceRoot: 'src' });
    expect(result.tree.readText('/nest-cli.json')).toBe(
      '{\n\t// ours\n\t"collection": "nest-jetstream",\n\t"sourceRoot": "src"\n}\n',
    );
  });

  it('keeps another collection and logs how to generate', async () => {
    const tree = await projectTree();
    tree.overwrite('/nest-cli.json', '{ "collection": "@acme/schematics", "sourceRoot": "src" }');
    const { changed, messages } = await run(tree, 'nest-add', { sourceRoot: 'src' });
    expect(changed).not.toContain('/nest-cli.json');
    expect(messages).toContain('nest g -c nest-jetstream jetstream-stream');
  });
});

describe('nest-add: .env.example and compose.yaml', () => {
  it('appends NATS_URL to .env.example', async () => {
    const tree = await projectTree();
    tree.create('/.env.example', 'PORT=3000');
    const { tree: result } = await run(tree, 'nest-add', { sourceRoot: 'src' });
    expect(result.readText('/.env.example')).toMatch(/^PORT=3000\n# .*\nNATS_URL=nats:\/\/localhost:4222\n$/);
  });

  it.each(['.env.sample', '.env.template', '.env.dist', 'example.env'])('appends NATS_URL to %s', async (path) => {
    const tree = await projectTree();
    tree.create(path, 'PORT=3000\n');
    const result = await run(tree, 'nest-add', { sourceRoot: 'src' });
    expect(result.tree.readText(path)).toContain('NATS_URL=');
    expect(result.changed).not.toContain('/.env.example');
    expect(result.messages).toContain(`${path}: documents NATS_URL`);
  });

  it('runs the version of nest-jetstream server in compose.yaml', async () => {
    const { tree } = await run(await projectTree(), 'nest-add', { sourceRoot: 'src' });
    const line = DEFAULT_VERSION.replace(/\.\d+$/, '');
    expect(tree.readText('/compose.yaml')).toContain(`    image: 'nats:${line}-alpine'\n`);
  });

  it('keeps an existing NATS_URL and compose file', async () => {
    const tree = await projectTree();
    tree.create('/.env.example', 'NATS_URL=nats://nats:4222\n');
    tree.create('/docker-compose.yml', 'services: {}\n');
    const { changed } = await run(tree, 'nest-add', { sourceRoot: 'src' });
    expect(changed).not.toContain('/.env.example');
    expect(changed).not.toContain('/compose.yaml');
  });
});

describe('nest-add: files that cannot be edited safely', () => {
  it('logs the lines for an unknown main file and makes the other changes', async () => {
    const tree = await projectTree();
    tree.overwrite('/src/main.ts', "import { bootstrap } from './bootstrap.js';\nawait bootstrap();\n");
    const { changed, messages } = await run(tree, 'nest-add', { sourceRoot: 'src' });
    expect(changed).not.toContain('/src/main.ts');
    expect(changed).toContain('/src/app.module.ts');
    expect(messages).toContain('{ strategy: app.get(NatsJetStreamServer) }');
    expect(messages).toContain('works after you add the lines above');
  });

  it('warns if the transport is registered under another name', async () => {
    const { tree } = await run(await projectTree(), 'nest-add', { sourceRoot: 'src', name: 'till' });
    expect((await run(tree, 'nest-add', { sourceRoot: 'src', name: 'till' })).messages).toBe('');
    const { changed, messages } = await run(tree, 'nest-add', { sourceRoot: 'src', name: 'desk' });
    expect(changed).toEqual([]);
    expect(messages).toContain('Change its id to "desk"');
  });

  it('does not change the main file without a module, and logs the lines for both', async () => {
    const tree = await projectTree();
    const typed = tree.readText('/src/app.module.ts');
    tree.overwrite('/src/app.module.ts', typed.replace(/@Module\([\s\S]*?\}\)/, '@Module(metadata)'));
    const { changed, messages, tree: after } = await run(tree, 'nest-add', { sourceRoot: 'src' });
    expect(changed).not.toContain('/src/main.ts');
    expect(messages).toContain('src/main.ts was not changed');
    expect(messages).toContain('{ strategy: app.get(NatsJetStreamServer) }');
    expect(messages).toContain('works after you add the lines above');

    const module = typed.replace(
      /@Module\([\s\S]*?\}\)/,
      "@Module(metadata(NatsJetStreamTransport.register({ id: 'shop' })))",
    );
    const line = "import { NatsJetStreamTransport } from '@nest-jetstream/transport';\n";
    after.overwrite('/src/app.module.ts', line + module);
    const again = await run(after, 'nest-add', { sourceRoot: 'src' });
    expect(again.changed).toEqual(['/src/main.ts']);
    expect(again.messages).not.toContain('was not changed');
  });

  it.each([
    [{}, "NatsJetStreamTransport.register({ id: 'shop', telemetry: [openTelemetry()] })"],
    [
      { servers: 'nats://a:4222' },
      "NatsJetStreamTransport.register({ id: 'shop', connectionOptions: { servers: ['nats://a:4222'] }, telemetry: [openTelemetry()] })",
    ],
  ])('adds the telemetry if the application has @opentelemetry/api: %j', async (options, expected) => {
    const tree = await projectTree();
    const manifest = { name: 'shop', dependencies: { '@opentelemetry/api': '^1.9.0' } };
    tree.overwrite('/package.json', JSON.stringify(manifest));
    const { tree: after } = await run(tree, 'nest-add', { sourceRoot: 'src', ...options });
    const text = after.readText('/src/app.module.ts');
    expect(text).toContain("import { openTelemetry } from '@nest-jetstream/transport/opentelemetry';");
    expect(text.replaceAll(/\s+/g, ' ')).toContain(expected);
  });

  it('logs the registration for computed metadata', async () => {
    const tree = await projectTree();
    const text = tree.readText('/src/app.module.ts').replace(/@Module\([\s\S]*?\}\)/, '@Module(metadata)');
    tree.overwrite('/src/app.module.ts', text);
    const { changed, messages } = await run(tree, 'nest-add', { sourceRoot: 'src' });
    expect(changed).not.toContain('/src/app.module.ts');
    expect(messages).toContain("@Module({ imports: [NatsJetStreamTransport.register({ id: 'shop' })] })");
  });

  it('rejects without a package.json', async () => {
    const empty = new SchematicTestRunner('nest-jetstream', join(__dirname, '..', '..', 'collection.json'));
    await expect(empty.runSchematic('nest-add', {})).rejects.toMatchObject({ code: 'PROJECT_NOT_FOUND' });
  });
});

describe('nest-add in a monorepo', () => {
  it.each([
    ['by its name', { project: 'billing' }],
    ['by the source root that nest add -p hands over', { sourceRoot: 'apps/billing/src' }],
  ])('adds the transport to one project, %s', async (_how, options) => {
    const { tree, changed } = await run(monorepoTree(), 'nest-add', options);
    expect(changed).toEqual(
      expect.arrayContaining(['/apps/billing/src/main.ts', '/apps/billing/src/billing.module.ts']),
    );
    expect(changed.filter((path) => path.startsWith('/apps/shop'))).toEqual([]);
    expect(tree.readText('/apps/billing/src/billing.module.ts')).toContain(
      "NatsJetStreamTransport.register({ id: 'billing' })",
    );
  });

  it('refuses an unknown project and lists the known ones', async () => {
    const outcome = run(monorepoTree(), 'nest-add', { project: 'nope' });
    await expect(outcome).rejects.toThrow(
      `Value "nope" of option 'project' is not a project of this workspace. Known projects: shop, billing.`,
    );
  });

  it.each(['../outside', '/etc', 'src/../../x'])('refuses the source root %s', async (sourceRoot) => {
    const outcome = run(await projectTree(), 'nest-add', { sourceRoot });
    await expect(outcome).rejects.toMatchObject({ code: 'INVALID_OPTION' });
  });
});

const addedWith = async (options: object) => run(await projectTree(), 'nest-add', { sourceRoot: 'src', ...options });

describe('nest-add: options', () => {
  it('registers the given servers instead of NATS_URL', async () => {
    const { tree, changed } = await addedWith({ servers: 'nats://a:4222, nats://b:4222', name: 'store' });
    const text = tree.readText('/src/app.module.ts').replaceAll(/\s+/g, ' ');
    expect(text).toContain(
      "NatsJetStreamTransport.register({ id: 'store', connectionOptions: { servers: ['nats://a:4222', 'nats://b:4222'] }, })",
    );
    expect(changed).not.toContain('/.env.example');
    expect(changed).not.toContain('/compose.yaml');
  });

  it.each(['nats://user:secret@nats:4222', 'nats://token@nats:4222'])(
    'keeps credentials out of the code: %s',
    async (servers) => {
      const error: unknown = await addedWith({ servers }).catch((reason: unknown) => reason);
      expect(error).toMatchObject({ code: 'INVALID_OPTION', message: expect.stringContaining('Set NATS_URL') });
      expect(String(error)).not.toMatch(/secret|token@/);
    },
  );

  it.each(['', 'http://x', 'nats://', 'nats://x/y', 'a b', "nats://x'"])('refuses the server %j', async (servers) => {
    await expect(addedWith({ servers: [servers] })).rejects.toMatchObject({
      message: expect.stringMatching(/ of option 'servers' /),
    });
  });

  it.each(['', 'a b', "x'", '../x', 'x'.repeat(65)])('refuses the name %j', async (name) => {
    await expect(addedWith({ name })).rejects.toMatchObject({ message: expect.stringMatching(/ of option 'name' /) });
  });

  it.each(['src/core/core.module.ts', 'core/core.module.ts', 'core/core', 'core/core.module'])(
    'registers in the given module: %s',
    async (module) => {
      const tree = await projectTree();
      const core = "import { Module } from '@nestjs/common';\n\n@Module({})\nexport class CoreModule {}\n";
      tree.create('/src/core/core.module.ts', core);
      const first = await run(tree, 'nest-add', { sourceRoot: 'src', module });
      expect(first.tree.readText('/src/core/core.module.ts')).toContain('NatsJetStreamTransport.register(');
      expect(first.changed).not.toContain('/src/app.module.ts');
      const second = await run(first.tree, 'nest-add', { sourceRoot: 'src' });
      expect(second).toMatchObject({ changed: [], messages: '', tasks: [] });
    },
  );

  it.each([
    ['src/nope.module.ts', 'does not exist'],
    ['../x.module.ts', 'must be a file inside'],
    ['/etc/passwd', 'must be a file inside'],
    ['src/main.ts', 'has no class with @Module()'],
    ['src/app.module.ts#Nope', 'has the modules AppModule'],
  ])('refuses the module %s', async (module, why) => {
    await expect(addedWith({ module })).rejects.toThrow(why);
  });

  it('supports the skip options', async () => {
    const { changed, tasks } = await addedWith({ skipMain: true, skipCompose: true, skipInstall: true });
    expect(changed).not.toContain('/src/main.ts');
    expect(changed).not.toContain('/compose.yaml');
    expect(tasks).toEqual([]);
  });

  it('logs that nest g hides failures', async () => {
    expect((await addedWith({})).messages).toContain('nest g exits with code 0 even if it fails');
  });

  it('does not register the transport in a library', async () => {
    const tree = monorepoTree();
    const config = JSON.parse(tree.readText('/nest-cli.json'));
    config.projects.shared = {
      type: 'library',
      root: 'libs/shared',
      entryFile: 'index',
      sourceRoot: 'libs/shared/src',
    };
    tree.overwrite('/nest-cli.json', JSON.stringify(config));
    tree.create('/libs/shared/src/index.ts', "export * from './shared.module.js';\n");
    const { changed, messages } = await run(tree, 'nest-add', { project: 'shared' });
    expect(changed.filter((path) => path.endsWith('.ts'))).toEqual([]);
    expect(messages).toContain('Run nest add for each of them');
    expect(messages).not.toContain('Add these lines');
  });
});
