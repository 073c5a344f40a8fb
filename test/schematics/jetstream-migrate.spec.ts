import { join } from 'node:path';
import type { Tree } from '@angular-devkit/schematics';
import { pluginProject } from './support/plugin-projects';
import { DiskProject } from './support/disk-project';
import { run, treeOf, type SchematicResult } from './support/project-tree';
import { typeErrors } from './support/type-errors';

const PLUGIN = '@nestjs-plugins/nestjs-nats-jetstream-transport';
const EXAMPLES = ['listener', 'publisher'] as const;

// As in the plugin's examples. Nest 12 refuses typed contexts in strict projects.
const LOOSE = { strict: false };

async function migrated(files: Record<string, string>, options: object = {}): Promise<SchematicResult> {
  return run(treeOf(files), 'jetstream-migrate', options);
}

/** Migrates one file of a project. */
async function migratedFile(text: string): Promise<{ text: string; decisions: Decision[] }> {
  const result = await migrated({ ...manifest(), 'src/file.ts': text });
  return { text: result.tree.readText('src/file.ts'), decisions: decisionsOf(result) };
}

/** A printed decision: the file, the text of its line, and the sentence. */
type Decision = [path: string, line: string, sentence: string];

function manifest(name = 'depot'): Record<string, string> {
  return { 'package.json': JSON.stringify({ name, dependencies: { [PLUGIN]: '^2.2.6', '@nestjs/core': '^11.1.9' } }) };
}

function decisionsOf({ tree, messages }: SchematicResult): Decision[] {
  return [...messages.matchAll(/^ {2}(\S+):(\d+) (.*)$/gm)].map(([, path = '', line, sentence = '']) => [
    path,
    tree.readText(path).split('\n')[Number(line) - 1]?.trim() ?? '',
    sentence,
  ]);
}

function withImport(names: string, ...lines: string[]): string {
  return [`import { ${names} } from '${PLUGIN}';`, '', ...lines, ''].join('\n');
}

/** Returns a module that registers the plugin and provides its client again. */
function moduleOf(name: string): string {
  return withImport(
    'NatsJetStreamClient, NatsJetStreamTransport',
    "import { Module } from '@nestjs/common';",
    '@Module({',
    `  imports: [NatsJetStreamTransport.register({ connectionOptions: { name: '${name}' } })],`,
    '  providers: [NatsJetStreamClient],',
    '})',
    'export class DepotModule {}',
  );
}

/** Returns a monorepo with both examples and a library. */
function workspace(): Record<string, string> {
  return {
    ...manifest('workspace'),
    'nest-cli.json': JSON.stringify({
      monorepo: true,
      root: 'apps/tracker',
      sourceRoot: 'apps/tracker/src',
      projects: {
        tracker: { type: 'application', sourceRoot: 'apps/tracker/src' },
        office: { type: 'application', sourceRoot: 'apps/office/src' },
        events: { type: 'library', sourceRoot: 'libs/events/src' },
      },
    }),
    ...application('listener', 'apps/tracker'),
    ...application('publisher', 'apps/office'),
    'libs/events/src/events.module.ts': withImport(
      'NatsJetStreamTransport',
      "export const events = NatsJetStreamTransport.register({ connectionOptions: { name: 'events' } });",
    ),
  };
}

function application(name: 'listener' | 'publisher', folder: string): Record<string, string> {
  const { 'package.json': _manifest, ...sources } = pluginProject(name);
  return Object.fromEntries(Object.entries(sources).map(([path, text]) => [`${folder}/${path}`, text]));
}

/** Uses of the plugin in the shape of other projects. */
const USES = withImport(
  'NatsJetStreamClient, NatsJetStreamClientProxy, NatsJetStreamContext, NatsJetStreamServer',
  "import { Injectable } from '@nestjs/common';",
  "import { NestFactory } from '@nestjs/core';",
  "import { MicroserviceOptions } from '@nestjs/microservices';",
  "import { ConnectionOptions, PubAck } from 'nats';",
  "import { firstValueFrom, Observable } from 'rxjs';",
  "enum Subjects { Packed = 'parcel.packed' }",
  '@Injectable()',
  'export class Outbox {',
  '  constructor(private readonly natsClient: NatsJetStreamClientProxy, old: NatsJetStreamClient) {}',
  '  publish<T>(subject: string, event: T): Observable<PubAck> { return this.natsClient.emit(subject, event); }',
  '  packed(parcel: object) { return firstValueFrom(this.natsClient.emit(Subjects.Packed, parcel)); }',
  '  ask<T>(command: string, payload: T) { return this.natsClient.send<T>(command, payload); }',
  '  async handle(data: object, context: NatsJetStreamContext) {',
  '    try { context.message.ack(); } catch { context.message.nak(1000); context.message.term(); }',
  '  }',
  '}',
  "const connectionOptions = { servers: 'nats://nats:4222', reconnect: true } as ConnectionOptions;",
  'export async function start(module: object) {',
  '  const app = await NestFactory.createMicroservice<MicroserviceOptions>(module, {',
  '    strategy: new NatsJetStreamServer({',
  '      connectionOptions,',
  "      consumerOptions: { durable: 'depot', deliverPolicy: 'last_per_subject', ackPolicy: 'Explicit' },",
  '    }),',
  '  });',
  '  await app.listen();',
  '}',
);

async function sourcesOf(project: DiskProject): Promise<string[]> {
  return Object.keys(await project.files()).filter((path) => path.endsWith('.ts'));
}

/** Returns the type errors of each tree by file. One program checks all of them. */
async function problemsOf(trees: Readonly<Record<string, Tree>>): Promise<Record<string, Record<string, string[]>>> {
  const entries = Object.entries(trees);
  const projects = await Promise.all(
    entries.map(async ([name, tree]) => ({ name, project: await DiskProject.of(tree) })),
  );
  const files = await Promise.all(
    projects.map(async ({ project }) => (await sourcesOf(project)).map((path) => join(project.root, path))),
  );
  const errors = [...typeErrors(files.flat(), LOOSE)].filter(([, found]) => found.length > 0);
  await Promise.all(projects.map(async ({ project }) => project.remove()));
  return Object.fromEntries(
    projects.map(({ name, project: { root } }) => [
      name,
      Object.fromEntries(
        errors.flatMap(([file, found]) => (file.startsWith(`${root}/`) ? [[file.slice(root.length), found]] : [])),
      ),
    ]),
  );
}

describe('jetstream-migrate', () => {
  it('leaves sources that compile', async () => {
    const listener = await migrated(pluginProject('listener'));
    const publisher = await migrated(pluginProject('publisher'));
    const uses = await migrated({ ...manifest(), 'src/uses.ts': USES });
    const before = treeOf(pluginProject('listener'));
    expect(uses.tree.readText('src/uses.ts')).not.toMatch(/'nats'|@nestjs-plugins/);
    expect(await problemsOf({ listener: listener.tree, publisher: publisher.tree, uses: uses.tree, before })).toEqual({
      listener: {},
      publisher: {},
      uses: {},
      before: expect.objectContaining({ '/src/main.ts': expect.any(Array), '/src/app.module.ts': expect.any(Array) }),
    });
  });

  describe.each(EXAMPLES)('with the %s of the examples', (name) => {
    it('replaces the plugin everywhere', async () => {
      const { tree } = await migrated(pluginProject(name));
      const texts = Object.keys(pluginProject(name)).map((path) => tree.readText(path));
      expect(texts.filter((text) => /@nestjs-plugins|['"]nats['"]/.test(text))).toEqual([]);
      expect(tree.readJson('package.json')).toMatchObject({
        dependencies: { '@nest-jetstream/transport': expect.stringMatching(/^\^\d/) },
      });
    });

    it('changes nothing in a second run', async () => {
      const first = await migrated(pluginProject(name));
      expect(await run(first.tree, 'jetstream-migrate')).toMatchObject({
        changed: [],
        tasks: [],
        messages: `No file imports ${PLUGIN}. There is nothing to migrate.`,
      });
    });

    it.each([
      ['CRLF', (text: string) => text.replaceAll('\n', '\r\n')],
      ['a byte order mark', (text: string) => `\uFEFF${text}`],
      ['double quotes', (text: string) => text.replaceAll("'", '"').replace(/"\{(.*)\}"/g, "'{$1}'")],
    ])('keeps %s', async (_style, change) => {
      const files = pluginProject(name);
      const sources = Object.keys(files).filter((path) => path.endsWith('.ts'));
      const { tree: plain } = await migrated(files);
      const styled = Object.fromEntries(sources.map((path) => [path, change(files[path] ?? '')]));
      const { tree } = await migrated({ ...files, ...styled });
      for (const path of sources.filter((each) => files[each]?.includes(PLUGIN)))
        expect(tree.read(path)?.toString('utf8')).toBe(change(plain.readText(path)));
    });
  });

  it('rewrites the server of the listener', async () => {
    const result = await migrated(pluginProject('listener'));
    const { tree, changed, tasks } = result;
    const main = tree.readText('src/main.ts');
    expect(main).toContain(`    strategy: new NatsJetStreamServer({
      id: 'parcel-tracker',
      connectionOptions: {
        servers: process.env.NATS_URL ?? 'localhost:4222',
        name: 'tracker-listener',
      },
      consumerOptions: {
        durable: 'tracker-durable',
        manualAck: true,
      },
      streamConfig,
    }),`);
    expect(main).toContain('const streamConfig: DeclaredStream[] = [');
    expect(main).toContain("retention: 'limits',");
    expect(changed).toEqual(
      expect.arrayContaining([
        '/package.json',
        '/src/app.controller.ts',
        '/src/app.module.ts',
        '/src/app.service.ts',
        '/src/main.ts',
      ]),
    );
    expect(tasks).toEqual(['node-package']);
    expect(decisionsOf(result)).toEqual([
      [
        'src/app.controller.ts',
        `@MessagePattern('{"cmd":"weigh"}')`,
        expect.stringMatching(/^Requests are sent in the packets/),
      ],
      [
        'src/app.service.ts',
        'return this.client.send<number>(pattern, payload);',
        expect.stringMatching(/^Requests are sent/),
      ],
      [
        'src/main.ts',
        'strategy: new NatsJetStreamServer({',
        expect.stringMatching(/^Call app.enableShutdownHooks\(\)/),
      ],
      ['src/main.ts', 'connectionOptions: {', expect.stringMatching(/^connectedHook was removed\./)],
      ['src/main.ts', 'consumerOptions: {', expect.stringMatching(/^If a handler throws, the event is redelivered/)],
      ['src/main.ts', "durable: 'tracker-durable',", expect.stringMatching(/^The consumers get new names/)],
    ]);
  });

  it('rewrites the request handlers of the listener', async () => {
    const { tree } = await migrated(pluginProject('listener'));
    const controller = tree.readText('src/app.controller.ts');
    expect(controller).toContain(`  @MessagePattern('{"cmd":"weigh"}')
  async weighHandler(
    @Payload() data: number[],
    @Ctx() context: NatsContext,
  ): Promise<number> {
    console.log(context.getHeaders());`);
    expect(controller).toContain('console.log(context.message.info);\n    context.message.ack();');
    expect(tree.readText('src/app.service.ts')).toContain(`const pattern = '{"cmd":"weigh"}';`);
  });

  it('rewrites the builders of the publisher', async () => {
    const result = await migrated(pluginProject('publisher'));
    const { tree } = result;
    const service = tree.readText('src/app.service.ts');
    expect(service).toContain("    recordBuilder.setHeaders({ 'x-office': 'north', 'x-clerk': 'Ann' });");
    expect(service).toContain(`    const builder = new NatsJetStreamRecordBuilder(payload);
    builder.setHeaders({ 'x-office': 'north' });
    builder.setOptions({ timeout: 1000 });
    const record = builder.build();`);
    expect(decisionsOf(result)).toEqual([
      ['src/app.module.ts', 'connectionOptions: {', expect.stringMatching(/^connectedHook was removed/)],
      ['src/app.service.ts', expect.any(String), expect.stringMatching(/^setReplyToSubject was removed/)],
      [
        'src/app.service.ts',
        'this.client.send<number[]>(pattern, record).subscribe({',
        expect.stringMatching(/^Requests are sent/),
      ],
      [
        'package.json',
        '"@nestjs/core": "^8.0.0",',
        'The transport needs Nest 11 or 12. Upgrade Nest from ^8.0.0 before you start the application.',
      ],
    ]);
  });

  it('rewrites the options of the asynchronous registration', async () => {
    const { text, decisions } = await migratedFile(
      withImport(
        'NatsJetStreamClientOptions, NatsJetStreamTransport',
        "import { ConfigService } from '@nestjs/config';",
        'export const transport = NatsJetStreamTransport.registerAsync({',
        '  inject: [ConfigService],',
        '  useFactory: (config: ConfigService) => {',
        '    const options: NatsJetStreamClientOptions = {',
        "      connectionOptions: { servers: ['http://nats-srv:4222'], name: config.get('NAME') },",
        "      jetStreamOption: { domain: 'hub' },",
        '    };',
        '    return options;',
        '  },',
        '});',
      ),
    );
    expect(text).toContain(`    const options: NatsJetStreamClientOptions = {
      id: 'depot',
      connectionOptions: { servers: ['nats://nats-srv:4222'], name: config.get('NAME') },
      jetStreamOptions: { domain: 'hub' },
    };`);
    expect(decisions).toEqual([]);
  });

  it('rewrites only the patterns of the client', async () => {
    const { text, decisions } = await migratedFile(
      withImport(
        'NatsJetStreamClientProxy',
        'export class Office {',
        '  constructor(private broker: NatsJetStreamClientProxy, private mail: { send(pattern: object): void }) {}',
        '  first() {',
        "    const pattern = { role: 'math', cmd: 'sum' };",
        '    return this.broker.send(pattern, [1]);',
        '  }',
        '  second(name: string) {',
        "    const pattern = { cmd: 'weigh' };",
        '    this.mail.send({ cmd: 1 });',
        '    return [this.broker.send(pattern, [2]), pattern.cmd, this.broker.send({ cmd: name }, [3])];',
        '  }',
        '}',
      ),
    );
    expect(text).toContain(
      `const pattern = '{"cmd":"sum","role":"math"}';\n    return this.broker.send(pattern, [1]);`,
    );
    expect(text).toContain("const pattern = { cmd: 'weigh' };\n    this.mail.send({ cmd: 1 });");
    expect(text).toContain(
      `return [this.broker.send('{"cmd":"weigh"}', [2]), pattern.cmd, this.broker.send({ cmd: name }, [3])];`,
    );
    expect(decisions.map(([, , sentence]) => sentence)).toEqual([
      expect.stringMatching(/^Requests are sent/),
      expect.stringMatching(/^This pattern is an object/),
    ]);
  });

  it('reports options that are computed elsewhere', async () => {
    const { text, decisions } = await migratedFile(
      withImport(
        'NatsJetStreamTransport',
        "import { natsOptions } from './nats-options';",
        'export const transport = NatsJetStreamTransport.register(natsOptions());',
      ),
    );
    expect(text).toContain('NatsJetStreamTransport.register(natsOptions());');
    expect(decisions).toEqual([
      ['src/file.ts', expect.stringContaining('natsOptions()'), expect.stringMatching(/^These options are computed/)],
    ]);
  });

  it('reports options without a counterpart', async () => {
    const { text, decisions } = await migratedFile(
      withImport(
        'NatsJetStreamServer, NATS_JETSTREAM_OPTIONS',
        'export const server = new NatsJetStreamServer({',
        "  connectionOptions: { name: 'listener', ...more },",
        '  consumerOptions: {',
        "    deliverToSubject: 'depot',",
        '    maxMessages: 10,',
        "    replayPolicy: 'ByStartTime',",
        '    ackWait: 30000000000, // 30 s',
        '  },',
        "  streams: ['parcels'],",
        '});',
        'export const token = NATS_JETSTREAM_OPTIONS;',
      ),
    );
    expect(text).toBe(`import { NATS_JETSTREAM_OPTIONS } from '${PLUGIN}';
import { NatsJetStreamServer } from '@nest-jetstream/transport';

export const server = new NatsJetStreamServer({
  id: 'depot',
  connectionOptions: { name: 'listener', ...more },
  consumerOptions: {
    durable: false,
    ackWait: '30s', // 30 s
  },
});
export const token = NATS_JETSTREAM_OPTIONS;
`);
    expect(
      decisions.map(([, line, sentence]) => `${line} ${sentence.split(/,? (was|each|before|has|whose)/)[0]}`),
    ).toEqual([
      expect.stringContaining('NATS_JETSTREAM_OPTIONS'),
      expect.stringContaining('Call app.enableShutdownHooks()'),
      expect.stringContaining("'streams'"),
      expect.stringContaining('If a handler throws'),
      expect.stringContaining('maxMessages'),
      expect.stringContaining('Without a durable'),
      expect.stringContaining('ackWait'),
    ]);
  });

  it('keeps the plugin in package.json while a file needs it', async () => {
    const files = {
      ...manifest(),
      'src/token.ts': withImport('NATS_JETSTREAM_OPTIONS', 'export const token = NATS_JETSTREAM_OPTIONS;'),
      'src/client.ts': withImport('NatsJetStreamClient', 'export type Client = NatsJetStreamClient;'),
    };
    const first = await migrated(files);
    expect(first.changed).toEqual(['/package.json', '/src/client.ts']);
    expect(first.tree.readJson('package.json')).toMatchObject({
      dependencies: { [PLUGIN]: '^2.2.6', '@nest-jetstream/transport': expect.any(String) },
    });
    expect(first.tree.readText('src/client.ts')).toBe(
      "import { NatsJetStreamClientProxy } from '@nest-jetstream/transport';\n\nexport type Client = NatsJetStreamClientProxy;\n",
    );
    const second = await run(first.tree, 'jetstream-migrate');
    expect(second.changed).toEqual([]);
    expect(decisionsOf(second)).toEqual(decisionsOf(first));
  });

  it('reports a second registration and removes a provided client', async () => {
    const result = await migrated({
      ...manifest(),
      'src/app.module.ts': moduleOf('app'),
      'src/orders/orders.module.ts': moduleOf('orders'),
    });
    expect(result.tree.readText('src/app.module.ts')).toContain('providers: [],');
    expect(decisionsOf(result)).toEqual([
      [
        'src/orders/orders.module.ts',
        expect.stringContaining('NatsJetStreamTransport'),
        expect.stringMatching(/^A service registers the transport once/),
      ],
    ]);
  });

  it.each([
    [
      'a namespace',
      `import * as plugin from '${PLUGIN}';\nexport const builder = new plugin.NatsRequestOptionsBuilder();\n`,
      `import * as plugin from '@nest-jetstream/transport';\nexport const builder = new plugin.NatsJetStreamRecordBuilder();\n`,
    ],
    [
      'an alias',
      `import { NatsJetStreamClient as Client } from '${PLUGIN}';\nexport type Ours = Client;\n`,
      `import { NatsJetStreamClientProxy as Client } from '@nest-jetstream/transport';\nexport type Ours = Client;\n`,
    ],
    [
      'a type',
      `import type { NatsStreamConfig } from '${PLUGIN}';\nexport let one: NatsStreamConfig;\n`,
      `import type { DeclaredStream } from '@nest-jetstream/transport';\nexport let one: DeclaredStream;\n`,
    ],
    [
      'an export',
      `export { ServerConsumerOptions } from '${PLUGIN}';\n`,
      `export { ConsumerDefaults as ServerConsumerOptions } from '@nest-jetstream/transport';\n`,
    ],
    ['an export of all', `export * from "${PLUGIN}"\n`, `export * from "@nest-jetstream/transport"\n`],
    ['a mock', `jest.mock('${PLUGIN}', () => ({}));\n`, `jest.mock('@nest-jetstream/transport', () => ({}));\n`],
  ])('rewrites the import of %s', async (_form, before, after) => {
    expect((await migratedFile(before)).text).toBe(after);
  });

  it('migrates the tests beside the sources, also from nest g', async () => {
    const files = { ...manifest(), 'test/app.e2e-spec.ts': `jest.mock('${PLUGIN}');\n` };
    const { changed } = await migrated(files, { sourceRoot: 'src', language: 'ts' });
    expect(changed).toEqual(['/package.json', '/test/app.e2e-spec.ts']);
  });

  it('does not touch files without the plugin', async () => {
    const files = { ...manifest(), 'src/other.ts': `// Replaces ${PLUGIN}.\nexport const plugin =  'x'\n` };
    expect(await migrated(files)).toMatchObject({
      changed: [],
      messages: expect.stringContaining('nothing to migrate'),
    });
  });

  it('writes nothing in a dry run of the command line', async () => {
    const project = await DiskProject.of(treeOf(pluginProject('listener')));
    const before = await project.files();
    const { printed, warned } = await project.command('migrate', '--dry-run');
    expect(await project.files()).toEqual(before);
    expect(printed).toEqual(
      expect.arrayContaining([expect.stringMatching(/^UPDATE src\/main\.ts/), 'Dry run. No file was written.']),
    );
    expect(warned.join('\n')).toMatch(/src\/main\.ts:\d+ The consumers get new names/);
    await project.remove();
  });

  describe('in a monorepo', () => {
    it('migrates all projects, each with its own id', async () => {
      const { tree } = await migrated(workspace());
      expect(tree.readText('apps/tracker/src/main.ts')).toContain("id: 'tracker',");
      expect(tree.readText('apps/office/src/app.module.ts')).toContain("id: 'office',");
      expect(tree.readText('libs/events/src/events.module.ts')).toContain('register({ connectionOptions');
      expect(tree.readText('package.json')).not.toContain('@nestjs-plugins');
    });

    it('migrates one project and keeps the plugin for the others', async () => {
      const { tree, changed } = await migrated(workspace(), { project: 'office' });
      expect(changed).toEqual(['/package.json', '/apps/office/src/app.module.ts', '/apps/office/src/app.service.ts']);
      expect(tree.readJson('package.json')).toMatchObject({
        dependencies: { [PLUGIN]: '^2.2.6', '@nest-jetstream/transport': expect.any(String) },
      });
    });
  });
});

describe('nest-add in a project of the plugin', () => {
  it('refuses and names the command to run', async () => {
    await expect(run(treeOf(pluginProject('listener')), 'nest-add', { sourceRoot: 'src' })).rejects.toThrow(
      `src/app.controller.ts imports ${PLUGIN}, so run npx nest-jetstream migrate to replace it.`,
    );
  });

  it('finds the transport registered after the migration', async () => {
    const { tree } = await migrated(pluginProject('listener'));
    const { changed } = await run(tree, 'nest-add', { sourceRoot: 'src', skipCompose: true });
    expect(changed.toSorted()).toEqual(['/.env.example']);
  });
});
