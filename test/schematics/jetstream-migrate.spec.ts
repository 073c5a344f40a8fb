import { join } from 'node:path';
import type { Tree } from '@angular-devkit/schematics';
import { pluginProject } from './support/plugin-projects';
import { DiskProject } from './support/disk-project';
import { run, treeOf, type SchematicResult } from './support/project-tree';
import { typeErrors } from './support/type-errors';

const PLUGIN = '@nestjs-plugins/nestjs-nats-jetstream-transport';
const EXAMPLES = ['listener', 'publisher'] as const;

// Like the tsconfig.json of the plugin's examples. Nest 12 refuses typed contexts in strict projects.
const LOOSE = { strict: false };

async function migrated(files: Record<string, string>, options: object = {}): Promise<SchematicResult> {
  return run(treeOf(files), 'jetstream-migrate', options);
}

/** Migrates one file of a project. */
async function migratedFile(text: string): Promise<{ text: string; places: string[] }> {
  const { tree, messages } = await migrated({ ...manifest(), 'src/file.ts': text });
  return { text: tree.readText('src/file.ts'), places: placesIn(messages) };
}

function manifest(name = 'depot'): Record<string, string> {
  return { 'package.json': JSON.stringify({ name, dependencies: { [PLUGIN]: '^2.2.6', '@nestjs/core': '^11.1.9' } }) };
}

function placesIn(messages: string): string[] {
  return [...messages.matchAll(/^ {2}(\S+:\d+ .*)$/gm)].map(([, place = '']) => place);
}

function withImport(names: string, ...lines: string[]): string {
  return [`import { ${names} } from '${PLUGIN}';`, '', ...lines, ''].join('\n');
}

async function problemsOf(tree: Tree): Promise<Record<string, string[]>> {
  const project = await DiskProject.of(tree);
  try {
    const files = Object.keys(await project.files()).filter((path) => path.endsWith('.ts'));
    const errors = typeErrors(
      files.map((path) => join(project.root, path)),
      LOOSE,
    );
    return Object.fromEntries(
      [...errors].flatMap(([file, found]) => (found.length > 0 ? [[file.slice(project.root.length), found]] : [])),
    );
  } finally {
    await project.remove();
  }
}

describe('jetstream-migrate', () => {
  describe.each(EXAMPLES)('with the %s of the examples', (name) => {
    it('leaves sources that compile', async () => {
      const { tree } = await migrated(pluginProject(name));
      expect(await problemsOf(tree)).toEqual({});
    });

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
    const { tree, changed, tasks, messages } = await migrated(pluginProject('listener'));
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
    expect(placesIn(messages)).toEqual([
      expect.stringContaining("src/app.controller.ts:51 Requests have the packets of Nest's own NATS transport"),
      expect.stringContaining('src/app.service.ts:38 Requests have the packets'),
      expect.stringContaining('src/main.ts:31 Call app.enableShutdownHooks()'),
      expect.stringContaining('src/main.ts:33 connectedHook was removed.'),
      expect.stringContaining('src/main.ts:37 An event whose handler throws is redelivered'),
      expect.stringContaining('src/main.ts:38 The durables have new names'),
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
    const { tree, messages } = await migrated(pluginProject('publisher'));
    const service = tree.readText('src/app.service.ts');
    expect(service).toContain("    recordBuilder.setHeaders({ 'x-office': 'north', 'x-clerk': 'Ann' });");
    expect(service).toContain(`    const builder = new NatsJetStreamRecordBuilder(payload);
    builder.setHeaders({ 'x-office': 'north' });
    builder.setOptions({ timeout: 1000 });
    const record = builder.build();`);
    expect(placesIn(messages)).toEqual([
      expect.stringContaining('src/app.module.ts:11 connectedHook was removed.'),
      expect.stringContaining('src/app.service.ts:64 setReplyToSubject was removed'),
      expect.stringContaining('src/app.service.ts:67 Requests have the packets'),
      'package.json:7 The transport needs Nest 11 or 12. Upgrade Nest from ^8.0.0 before you start the application.',
    ]);
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
    expect(warned.join('\n')).toContain('src/main.ts:38 The durables have new names');
    await project.remove();
  });
});
