import { mkdirSync, symlinkSync } from 'node:fs';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { exampleWords } from '../../cli/command/examples';
import { nearest } from '../../cli/command/nearest-name';
import { readCollection } from '../../cli/runner/collection';
import { positionalOf } from '../../cli/runner/schema';
import { DiskProject } from './support/disk-project';
import { projectTree, run } from './support/project-tree';

const examples = readCollection().flatMap(({ name, schema }) =>
  [{}, ...(schema.examples ?? [])]
    .filter((options) => 'name' in options || positionalOf(schema) === undefined)
    .map((options) => ({ schematic: name, schema, options })),
);

const TOP_LEVEL = new Map([
  ['nest-add', 'add'],
  ['jetstream-import', 'import'],
  ['jetstream-migrate', 'migrate'],
]);

/** A document with one event. */
const ASYNCAPI = `asyncapi: 3.0.0
channels:
  order.created:
    address: order.created
    messages: { created: { payload: { type: object, properties: { id: { type: string } } } } }
`;

/** Returns the words of the command that runs a schematic. */
function placeOf(schematic: string): string {
  return TOP_LEVEL.get(schematic) ?? `generate ${schematic}`;
}

async function shop(): Promise<DiskProject> {
  const { tree } = await run(await projectTree(), 'nest-add', { sourceRoot: 'src', skipInstall: true });
  tree.create(
    '/src/core/core.module.ts',
    "import { Module } from '@nestjs/common';\n\n@Module({})\nexport class CoreModule {}\n",
  );
  tree.create('/asyncapi.yaml', ASYNCAPI);
  const orders = await run(tree, 'jetstream-stream', { name: 'orders' });
  const created = await run(orders.tree, 'jetstream-event', { name: 'order.created' });
  return DiskProject.of(created.tree);
}

describe('the command line', () => {
  let project: DiskProject;
  beforeEach(async () => {
    project = await shop();
  });
  afterEach(() => project.remove());

  it.each(examples)(
    'makes the same changes as nest g for $schematic $options',
    async ({ schematic, schema, options }) => {
      const start = await projectTree();
      for (const [path, content] of Object.entries(await project.files())) {
        if (start.exists(path)) start.overwrite(path, content);
        else start.create(path, content);
      }
      const { tree } = await run(start, schematic, { ...options, skipInstall: true });
      const place = `${placeOf(schematic)}${'skipInstall' in schema.properties ? ' --skip-install' : ''}`;

      await project.command(...exampleWords(place, schema, options));

      const expected = Object.fromEntries(tree.files.toSorted().map((path) => [path, tree.read(path)?.toString()]));
      expect(await project.files()).toEqual(expected);
    },
  );

  it.each(examples)('writes no file in a dry run of $schematic $options', async ({ schematic, schema, options }) => {
    const before = await project.files();
    const { printed } = await project.command(...exampleWords(placeOf(schematic), schema, options), '--dry-run');
    expect(['Dry run. No file was written.', 'Nothing to be done.']).toContain(printed.at(-1));
    expect(await project.files()).toEqual(before);
  });

  it('lists every schematic, alias and option in its help', async () => {
    for (const { name, schema } of readCollection()) {
      const help = await helpOf(...placeOf(name).split(' '));
      for (const [option, property] of Object.entries(schema.properties)) {
        if (property.$default) continue;
        const flag = (property['x-flag'] ?? option).replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
        expect(help).toMatch(new RegExp(`--(no-)?${flag}\\b`));
      }
      for (const common of ['--dry-run', '--json', '--no-prompt']) expect(help).toContain(common);
    }
  });

  it('prints one JSON document', async () => {
    const { printed, warned } = await project.command('g', 'consumer', 'order.paid', '--json');
    expect(warned).toEqual([]);
    expect(printed).toHaveLength(1);
    expect(JSON.parse(printed[0] ?? '')).toEqual({
      schematic: 'jetstream-consumer',
      dryRun: false,
      files: expect.arrayContaining([
        { path: 'src/orders/order-paid.consumer.ts', change: 'create', bytes: expect.any(Number) },
        { path: 'src/orders/orders.module.ts', change: 'update', bytes: expect.any(Number) },
      ]),
      messages: [],
    });
  });

  it('prints a failure as JSON and writes no file', async () => {
    const before = await project.files();
    const { printed } = await project.command('g', 'consumer', 'invoice.paid', '--json');
    const { exitCode } = process;
    process.exitCode = 0;
    expect(exitCode).toBe(1);
    expect(JSON.parse(printed[0] ?? '')).toMatchObject({
      files: [],
      error: { code: 'STREAM_NOT_FOUND', message: expect.any(String) },
    });
    expect(await project.files()).toEqual(before);
  });

  it.each([
    ['strem', "Did you mean 'stream'?"],
    ['jetstream-consmer', "Did you mean 'consumer'?"],
    ['xyzzy', 'Known schematics: stream, consumer'],
  ])('suggests a schematic for %s', async (name, hint) => {
    await expect(project.command('generate', name)).rejects.toThrow(hint);
    await expect(project.command('generate', name, 'order.created', '--type', 'id: number')).rejects.toThrow(hint);
  });

  it("suggests Nest's command for a schematic of Nest", async () => {
    symlinkSync(join(__dirname, '..', '..', 'node_modules'), join(project.root, 'node_modules'), 'junction');
    await expect(project.command('g', 'controller')).rejects.toThrow('npx nest generate controller');
    await rm(join(project.root, 'node_modules'));
  });

  it.each([
    [['g', 'stream', 'x', '--max-aeg', '1d'], 'Did you mean --max-age?'],
    [['g', 'consumer', 'order.x', '--concurrency', 'x'], 'Expected a whole number'],
    [['g', 'consumer', 'order.x', '--style', 'clas'], 'Allowed choices are interface, class, schema'],
    [['g', 'stream', 'x', 'y'], 'too many arguments'],
    [['g', 'stream'], `Value "" of option 'name' is empty`],
  ])('refuses %j', async (words, message) => {
    await expect(project.command(...words)).rejects.toThrow(message);
  });

  it('rejects without a package.json', async () => {
    await rm(join(project.root, 'package.json'));
    await expect(project.command('g', 'stream', 'x')).rejects.toThrow('This folder has no package.json');
  });

  it('does not write through a link that leads out of the project', async () => {
    const outside = await mkdtemp(join(tmpdir(), 'outside-'));
    mkdirSync(join(project.root, 'src', 'links'));
    symlinkSync(outside, join(project.root, 'src', 'links', 'out'), 'junction');
    const before = await project.files();
    await expect(project.command('g', 'stream', 'carts', '--path', 'links/out')).rejects.toMatchObject({
      code: 'OUTSIDE_PROJECT',
    });
    expect(await readdir(outside)).toEqual([]);
    expect(await project.files()).toEqual(before);
    await rm(outside, { recursive: true });
  });

  it('restores all files if one cannot be written', async () => {
    // A folder in place of a file also stops root, unlike a permission.
    mkdirSync(join(project.root, 'src/carts/carts.module.ts'), { recursive: true });
    const before = await project.files();
    const outcome = project.command('g', 'stream', 'carts');
    await expect(outcome).rejects.toMatchObject({
      code: 'WRITE_FAILED',
      message: expect.stringContaining('carts.module.ts'),
    });
    expect(await project.files()).toEqual(before);
  });

  it('reports a file in place of a folder', async () => {
    await project.write('src/blocked', '');
    const outcome = project.command('g', 'stream', 'carts', '--path', 'blocked');
    await expect(outcome).rejects.toMatchObject({ code: 'WRITE_FAILED' });
  });

  async function helpOf(...words: string[]): Promise<string> {
    const written: string[] = [];
    const write = jest.spyOn(process.stdout, 'write').mockImplementation((text) => written.push(String(text)) > 0);
    try {
      await project.command(...words, '--help').catch(() => undefined);
    } finally {
      write.mockRestore();
    }
    return written.join('');
  }
});

describe('nearest', () => {
  it.each([
    ['consmer', 'consumer'],
    ['Stream', 'stream'],
    ['publishr', 'publisher'],
    ['xyzzy', undefined],
    ['', undefined],
  ])('of %j is %j', (typed, expected) => {
    expect(nearest(typed, ['stream', 'consumer', 'event', 'publisher'])).toBe(expected);
  });
});
