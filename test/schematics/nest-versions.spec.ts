import { mkdtempSync, realpathSync } from 'node:fs';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { type Microservices, microservicesFor } from '../../schematics/nest-add/dependencies';
import { assertSupportedNest, readNestCore } from '../../schematics/nest-add/nest-core';
import { newestUpTo } from '../../schematics/nest-add/published-version';
import { verifyInstall } from '../../schematics/nest-add/verify-install';
import { installedVersion } from '../../schematics/shared/project/installed-version';
import type { Logger, Tree } from '../../schematics/shared/source/tree';
import { projectTree, run, treeOf, type SchematicResult } from './support/project-tree';

type Files = Readonly<Record<string, string>>;

const CORE = '@nestjs/core';
const json = (value: object): string => JSON.stringify(value, null, 2);
const installed = (version: string): Files => ({
  [`node_modules/${CORE}/package.json`]: json({ name: CORE, version }),
});

const LOCKS: readonly (readonly [kind: string, files: Files])[] = [
  ['node_modules', installed('11.0.1')],
  [
    'package-lock.json',
    {
      'package-lock.json': json({
        packages: { '': { dependencies: { [CORE]: '^11.0.1' } }, [`node_modules/${CORE}`]: { version: '11.0.1' } },
      }),
    },
  ],
  ['package-lock.json of npm 6', { 'package-lock.json': json({ dependencies: { [CORE]: { version: '11.0.1' } } }) }],
  [
    'pnpm-lock.yaml',
    {
      'pnpm-lock.yaml': `importers:

  .:
    dependencies:
      '@nestjs/core':
        specifier: ^11.0.1
        version: 11.0.1(@nestjs/common@11.0.1)(rxjs@7.8.2)

packages:

  '@nestjs/core@11.0.1':
    resolution: {integrity: sha512-x}
`,
    },
  ],
  [
    'pnpm-lock.yaml of pnpm 7',
    { 'pnpm-lock.yaml': 'packages:\n\n  /@nestjs/core/11.0.1_rxjs@7.8.1:\n    dev: false\n' },
  ],
  ['yarn.lock of yarn 1', { 'yarn.lock': `"@nestjs/core@^11.0.1":\n  version "11.0.1"\n  resolved "x"\n` }],
  ['yarn.lock of yarn 4', { 'yarn.lock': `"@nestjs/core@npm:^11.0.1":\n  version: 11.0.1\n  resolution: "x"\n` }],
  ['yarn.lock with CRLF', { 'yarn.lock': `"@nestjs/core@^11.0.1":\r\n  version "11.0.1"\r\n` }],
  ['bun.lock', { 'bun.lock': '{ "packages": { "@nestjs/core": ["@nestjs/core@11.0.1", "", {}, "x"] } }' }],
];

/** Runs nest-add in a project with this specifier of @nestjs/core. */
async function added(core: string | undefined, files: Files = {}, options: object = {}): Promise<SchematicResult> {
  const tree = await projectTree();
  const dependencies = core === undefined ? {} : { [CORE]: core };
  tree.overwrite('/package.json', json({ name: 'shop', type: 'module', dependencies }));
  for (const [path, content] of Object.entries(files)) tree.create(`/${path}`, content);
  return run(tree, 'nest-add', { sourceRoot: 'src', ...options });
}

async function addedToMicroservice(version: string): Promise<SchematicResult> {
  const tree = await projectTree();
  tree.overwrite('/package.json', json({ name: 'shop', dependencies: { [CORE]: version } }));
  for (const [path, content] of Object.entries(installed(version))) tree.create(`/${path}`, content);
  const main = tree.readText('/src/main.ts').replace('create(AppModule)', 'createMicroservice(AppModule)');
  tree.overwrite('/src/main.ts', main);
  return run(tree, 'nest-add', { sourceRoot: 'src' });
}

const microservicesOf = ({ tree }: SchematicResult): unknown =>
  (tree.readJson('/package.json') as { dependencies: Record<string, string> }).dependencies['@nestjs/microservices'];

describe('installedVersion', () => {
  it.each(LOCKS)('reads the version of %s', (_kind, files) => {
    expect(installedVersion(treeOf(files), CORE)).toBe('11.0.1');
  });

  it('prefers node_modules to a lock file, and does not take another package', () => {
    const lock = { 'yarn.lock': '"@nestjs/core@^11.0.1":\n  version "11.0.1"\n' };
    expect(installedVersion(treeOf({ ...lock, ...installed('11.1.6') }), CORE)).toBe('11.1.6');
    expect(installedVersion(treeOf(lock), '@nestjs/cor')).toBeUndefined();
    expect(installedVersion(treeOf({ 'package-lock.json': '{' }), CORE)).toBeUndefined();
  });
});

/** Chooses for a core of 11.2.10. */
function choose(declared: string, files: Files = {}, published?: string): Microservices {
  const core = { specifier: declared, declared, installed: '11.2.10' };
  return microservicesFor(treeOf({ 'package.json': '{}', ...files }), core, () => published);
}

describe('microservicesFor', () => {
  it('takes the published version for an exact core, which may have no equal', () => {
    expect(choose('11.2.10', {}, '11.2.6')).toEqual({ range: '11.2.6', isPinned: false });
  });

  it.each([
    ['npm', {}, '11.2.6'],
    ['pnpm', { 'pnpm-lock.yaml': '' }, '^11.2.6'],
  ])('lets %s lock it below a caret', (_manager, files, range) => {
    expect(choose('^11.0.0', files, '11.2.6')).toEqual({ range, packageName: '@nestjs/microservices@11.2.6' });
  });

  it.each([
    ['^11.0.0', { 'yarn.lock': '' }],
    ['^11.0.0', { 'bun.lock': '' }],
    ['^11.0.0', { 'pnpm-lock.yaml': '', 'pnpm-workspace.yaml': '' }],
    ['~11.0.0', {}],
    ['11.x', {}],
    ['latest', {}],
  ])('pins it beside %s where no range can be locked: %j', (declared, files) => {
    expect(choose(declared, files, '11.2.6')).toEqual({ range: '11.2.6', isPinned: true });
  });

  it.each(['^11.0.0', '11.2.10', 'latest'])('limits the range beside %s if the registry is not asked', (declared) => {
    expect(choose(declared).range).toBe('>=11.0.0 <=11.2.10');
  });
});

describe('newestUpTo', () => {
  it.each([
    ['11.2.10', '11.2.6'],
    ['11.1.25', '11.1.24'],
    ['11.1.9', '11.1.6'],
    ['12.0.0', undefined],
  ])('%s: %s', (bound, expected) => {
    const versions = ['11.2.6', '11.1.24', '12.0.1', '11.1.6', '11.1.26', '11.2.7-next.1', '10.4.0'];
    expect(newestUpTo(bound, versions)).toBe(expected);
  });
});

describe('nest-add: version of @nestjs/microservices', () => {
  it.each(LOCKS)('is limited by the version of %s', async (_kind, files) => {
    const result = await added('^11.0.1', files, { skipInstall: true });
    expect(microservicesOf(result)).toBe('>=11.0.0 <=11.0.1');
    expect(result.messages).toContain(
      '@nestjs/microservices is limited to >=11.0.0 <=11.0.1, because a newer version may need a newer @nestjs/core.',
    );
  });

  it.each([
    ['npm', {}],
    ['pnpm', { 'pnpm-lock.yaml': '' }],
    ['yarn', { 'yarn.lock': '' }],
    ['bun', { 'bun.lock': '' }],
  ])('is installed with %s', async (packageManager, files) => {
    expect((await added('^12.0.0', files)).taskOptions[0]).toMatchObject({ packageManager });
  });

  it.each([
    ['catalog:', `catalog:\n  '@nestjs/core': ^11.1.0\n  '@nestjs/microservices': ^11.1.0\n`, 'catalog:'],
    ['catalog:', `catalog:\n  '@nestjs/core': ^11.1.0\n`, '^11.1.0'],
    ['catalog:nest', `catalogs:\n  nest:\n    "@nestjs/core": 11.1.6\n`, '>=11.0.0 <=11.1.6'],
  ])('follows the specifier %s in %j', async (core, workspace, expected) => {
    expect(microservicesOf(await added(core, { 'pnpm-workspace.yaml': workspace }))).toBe(expected);
  });
});

describe('nest-add: unsupported versions of Nest', () => {
  it.each([
    ['^6.0.0', '6.11.11'],
    ['^9.4.0', '9.4.3'],
    ['^10.0.0', '10.4.15'],
    ['13.0.0', '13.0.0'],
  ])('refuses %s before it writes anything', async (declared, version) => {
    await expect(added(declared, installed(version))).rejects.toMatchObject({
      code: 'UNSUPPORTED_NEST',
      value: version,
    });
  });

  it('names the versions and the remedy', async () => {
    await expect(added('^10.0.0')).rejects.toThrow(
      'This project has @nestjs/core ^10.0.0, but nest-jetstream needs Nest 11 or 12. Upgrade Nest first (https://docs.nestjs.com/migration-guide), and run nest add again.',
    );
  });

  it('refuses a catalog with an old version', async () => {
    const files = { 'pnpm-workspace.yaml': 'catalog:\n  "@nestjs/core": ^10.4.0\n' };
    await expect(added('catalog:', files)).rejects.toMatchObject({ code: 'UNSUPPORTED_NEST' });
  });

  it('refuses an old version with the devkit of its CLI, whose tree has no readText', () => {
    const modern = treeOf({ 'package.json': json({ dependencies: { [CORE]: '^7.0.0' } }) });
    const old = { exists: modern.exists.bind(modern), read: modern.read.bind(modern) } as unknown as Tree;
    expect(() => assertSupportedNest(readNestCore(old))).toThrow('This project has @nestjs/core ^7.0.0');
  });

  describe('in a microservice without HTTP', () => {
    it.each(['11.0.1', '11.1.2'])('refuses %s, which ignores a strategy from a factory', async (version) => {
      await expect(addedToMicroservice(version)).rejects.toThrow('a custom transport from a factory needs 11.1.3');
    });

    it.each(['11.1.3', '11.1.20', '12.0.0'])('accepts %s', async (version) => {
      await expect(addedToMicroservice(version)).resolves.toBeDefined();
    });
  });

  it.each(['^11.0.0', '~11.1.3', '12.x', '>=11 <13', 'latest', undefined])('accepts %s', async (core) => {
    await expect(added(core)).resolves.toBeDefined();
  });
});

describe('nest-add: global guards, interceptors, pipes and filters', () => {
  const GUARD = `import { Module } from '@nestjs/common';
import { APP_GUARD } from '@nestjs/core';
import { ThrottlerGuard } from '@nestjs/throttler';

@Module({ providers: [{ provide: APP_GUARD, useClass: ThrottlerGuard }] })
export class LimitsModule {}
`;
  const MICROSERVICE = `import { NestFactory } from '@nestjs/core';
import { AppModule } from './app.module.js';

const app = await NestFactory.createMicroservice(AppModule);
await app.listen();
`;

  it('names those that do not apply to events in a hybrid application', async () => {
    const tree = await projectTree();
    tree.create('/src/limits.module.ts', GUARD);
    const main = tree.readText('/src/main.ts');
    tree.overwrite('/src/main.ts', main.replace('  await app.listen', '  app.useGlobalPipes();\n  await app.listen'));
    const { messages } = await run(tree, 'nest-add', { sourceRoot: 'src' });
    expect(messages).toContain(
      'Not applied to events: useGlobalPipes in src/main.ts, APP_GUARD in src/limits.module.ts. To apply global enhancers to events too, pass { inheritAppConfig: true } to connectMicroservice().',
    );
  });

  it('names those that apply to each event in a microservice', async () => {
    const tree = await projectTree();
    tree.create('/src/limits.module.ts', GUARD);
    tree.overwrite('/src/main.ts', MICROSERVICE);
    const { messages } = await run(tree, 'nest-add', { sourceRoot: 'src' });
    expect(messages).toContain(
      'Applied to each event: APP_GUARD in src/limits.module.ts. An enhancer that expects an HTTP request must check context.getType() first.',
    );
  });

  it('logs nothing without them, and writes no inheritAppConfig', async () => {
    const tree = await projectTree();
    tree.create(
      '/src/notes.ts',
      "// APP_GUARD and useGlobalGuards() are not used.\nexport const note = 'APP_FILTER';\n",
    );
    const { messages, tree: result } = await run(tree, 'nest-add', { sourceRoot: 'src' });
    expect(messages).not.toMatch(/pplied to/);
    expect(result.readText('/src/main.ts')).not.toContain('inheritAppConfig');
  });
});

describe('nest-add: commands of the next steps', () => {
  it.each([
    [{}, 'npx nest-jetstream generate stream orders '],
    [{ 'pnpm-lock.yaml': '' }, 'pnpm exec nest-jetstream generate stream orders '],
    [{ 'yarn.lock': '' }, 'yarn nest-jetstream generate stream orders '],
    [{ 'bun.lock': '' }, 'bunx nest-jetstream generate stream orders '],
  ])('work with the package manager and with every CLI of Nest: %j', async (files, command) => {
    const { messages } = await added('^12.0.0', files);
    expect(messages).toContain(`  ${command}`);
    expect(messages).not.toMatch(/nest g .*--/);
  });

  it('do not name nest g if it uses another collection', async () => {
    const tree = await projectTree();
    tree.overwrite('/nest-cli.json', '{ "collection": "@acme/schematics", "sourceRoot": "src" }');
    const { messages } = await run(tree, 'nest-add', { sourceRoot: 'src' });
    expect(messages).not.toContain('nest g jetstream-stream');
  });
});

describe('verifyInstall', () => {
  let folder: string;
  const write = async (path: string, content: string): Promise<void> => {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), content);
  };
  /** Installs packages whose transport runs this code when it is loaded. */
  const install = async (code: string, core: string, microservices: string): Promise<void> => {
    await write('package.json', json({ name: 'shop' }));
    await write('node_modules/@nest-jetstream/transport/index.js', code);
    await write(`node_modules/${CORE}/package.json`, json({ version: core }));
    await write('node_modules/@nestjs/microservices/package.json', json({ version: microservices }));
  };
  const warnings = (files: Files = {}): string[] => {
    const warned: string[] = [];
    const logger = { warn: (message: string) => void warned.push(message) } as unknown as Logger;
    verifyInstall(treeOf({ 'package.json': json({ name: 'shop' }), ...files }), logger, folder);
    return warned;
  };

  beforeEach(() => {
    folder = mkdtempSync(join(realpathSync(tmpdir()), 'nest-jetstream-'));
  });
  afterEach(async () => rm(folder, { recursive: true }));

  it('logs nothing if the transport loads', async () => {
    await install('', '11.0.1', '11.0.1');
    expect(warnings()).toEqual([]);
  });

  it.each([
    [{}, 'npm install'],
    [{ 'pnpm-lock.yaml': '' }, 'pnpm add'],
    [{ 'yarn.lock': '' }, 'yarn add'],
  ])('logs the command that installs matching versions: %j', async (files, add) => {
    await install("require('@nestjs/core/helpers/new.js');", '11.0.1', '11.2.6');
    expect(warnings(files)).toEqual([
      `@nestjs/microservices 11.2.6 does not load with @nestjs/core 11.0.1. Run ${add} "@nestjs/microservices@<=11.0.1", or update both.`,
    ]);
  });

  it('logs the error if the versions fit', async () => {
    await install("throw new Error('no such addon');", '11.2.10', '11.2.6');
    expect(warnings()).toEqual([
      '@nest-jetstream/transport does not load (Error: no such addon). Install the dependencies again, and start the service.',
    ]);
  });

  it("skips Yarn's Plug'n'Play, which resolves packages in its own processes only", async () => {
    await write('.pnp.cjs', '');
    expect(warnings()).toEqual([]);
  });
});
