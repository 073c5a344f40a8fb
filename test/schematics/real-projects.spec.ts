import { rm } from 'node:fs/promises';
import { join, posix } from 'node:path';
import * as prettier from 'prettier';
import { MICROSERVICE } from './shapes/microservices';
import { REFUSED } from './shapes/refused';
import { REST } from './shapes/rest';
import type { Shape } from './shapes/shape';
import { WORKSPACE } from './shapes/workspaces';
import { hasLayout, layoutOf } from './support/code-layout';
import { playMain } from './support/played-main';
import { reachedNames, type ReachedNames } from './support/reached-names';
import { compile, errorsOf } from './support/shape-compiler';
import { shapeFolder, ShapeWorkspace } from './support/shape-workspace';

const SHAPES: readonly Shape[] = [...REST, ...MICROSERVICE, ...WORKSPACE];
const FIELDS = 'id: number; product: string; note?: string; lines: { sku: string; count: number }[]';

const COMMANDS: Readonly<Record<string, readonly string[]>> = {
  add: ['add', '--skip-install'],
  stream: ['generate', 'stream', 'orders'],
  interface: ['generate', 'event', 'order.noted', '--style', 'interface', '--type', FIELDS],
  class: ['generate', 'event', 'order.paid', '--style', 'class', '--type', FIELDS],
  schema: ['generate', 'event', 'order.:region.sent', '--style', 'schema', '--type', FIELDS],
  consumer: ['generate', 'consumer', 'order.created', '--type', FIELDS],
  'consumer of an event': ['generate', 'consumer', 'order.paid'],
  'consumer of a pattern': ['generate', 'consumer', 'order.*'],
  publisher: ['generate', 'publisher', 'orders'],
  request: ['generate', 'request', 'quote.price', '--type', 'sku: string', '--reply', 'total: number'],
  migrate: ['migrate', '--skip-install'],
};

const HANDLERS = ['OrderCreatedConsumer', 'OrderPaidConsumer', 'AnyOrderConsumer', 'QuotePriceResponder'];

let folder: string;
beforeAll(async () => {
  folder = await shapeFolder();
});
afterAll(() => rm(folder, { recursive: true }));

it('covers 25 shapes of real projects', () => {
  expect(SHAPES.length).toBeGreaterThanOrEqual(25);
  const kinds = [...SHAPES, ...REFUSED].map(({ kind }) => kind);
  expect(new Set(kinds).size).toBe(kinds.length);
});

describe.each(SHAPES)('$kind', (shape) => {
  const sourceRoot = shape.sourceRoot ?? posix.join(shape.folder ?? '', 'src');
  const mainFile = `${sourceRoot}/${shape.entryFile ?? 'main'}.ts`;
  const manifest = posix.join(shape.folder ?? '', 'package.json');
  const [root, className] = shape.root ?? ['app.module.ts', 'AppModule'];
  const isRegistered = shape.handlers !== 'lines to paste';
  const isEdited = shape.main === undefined || shape.main === 'edited';
  const hasSchemas = /"(zod|valibot)"/.test(shape.files[manifest] ?? '');
  const commands = Object.entries(COMMANDS).filter(([name]) => hasSchemas || name !== 'schema');
  let workspace: ShapeWorkspace;
  let before: Record<string, string>;
  let after: Record<string, string>;
  let said: string;
  let errors: readonly string[];
  let reached: ReachedNames | undefined;

  beforeAll(async () => {
    workspace = await ShapeWorkspace.create(join(folder, String(SHAPES.indexOf(shape))), shape);
    before = await workspace.files();
    const messages: string[] = [];
    for (const [name, words] of commands) {
      const { printed, warned } = await workspace.command(...words);
      messages.push(...warned, ...(name === 'add' ? printed : []));
    }
    said = messages.join('\n');
    after = await workspace.files();
    // A program takes tens of megabytes.
    const program = compile(workspace.path, shape.tsconfig ?? posix.join(shape.folder ?? '', 'tsconfig.json'));
    errors = errorsOf(program, workspace.path);
    reached = isRegistered ? reachedNames(program, workspace.path, [`${sourceRoot}/${root}`, className]) : undefined;
  });
  afterAll(async () => workspace?.remove());

  it('gets code that compiles with its own compiler options', () => {
    expect(errors).toEqual([]);
  });

  if (isRegistered)
    it('registers the stream and every handler', () => {
      expect([...(reached?.controllers ?? [])]).toEqual(expect.arrayContaining(HANDLERS));
      const isTold = said.includes('@Module({ imports: [OrdersModule] })');
      expect(reached?.variables.has('OrdersStream')).toBe(!isTold);
      expect(said.includes('add these lines yourself') && isEdited).toBe(false);
    });
  else
    it('says where to register the stream and every handler', () => {
      for (const name of HANDLERS) expect(said).toContain(`@Module({ controllers: [${name}] })`);
      expect(said).toContain('@Module({ imports: [OrdersModule] })');
      expect(said).toContain('No module was found. Choose a module with --module');
    });

  if (isEdited)
    it('starts the transport once, before it listens', async () => {
      for (const env of shape.environments ?? [{}])
        expect(await playMain(after[mainFile] ?? '', env)).toEqual({ starts: [1], listenedEarly: false });
      expect(said).toContain('NATS JetStream was added:');
    });
  else
    it('says what to do with the main file', () => {
      expect(after[mainFile]).toBe(before[mainFile]);
      expect(said).toContain(shape.main === 'context' ? 'runs no handlers' : 'works after you add the lines');
    });

  it('keeps its layout', async () => {
    const style = layoutOf(before[mainFile] ?? '');
    const config = await prettier.resolveConfig(join(workspace.path, mainFile), { editorconfig: true });
    const different: string[] = [];
    for (const [path, text] of Object.entries(after).filter(([each]) => each.endsWith('.ts'))) {
      const options = { ...config, filepath: join(workspace.path, path) };
      const old = before[path];
      if (old === text) continue;
      const wasFormatted = config !== null && (old === undefined || (await prettier.check(old, options)));
      const isKept = wasFormatted ? await prettier.check(text, options) : hasLayout(text, style);
      if (!isKept) different.push(`${path}\n${text}`);
    }
    expect(different).toEqual([]);
  });

  it('imports files with the extension that it uses', () => {
    const isModule = /"type": "module"/.test(before[manifest] ?? '');
    const { extension = isModule ? '.js' : '' } = layoutOf(before[mainFile] ?? '');
    for (const path of Object.keys(after).filter((each) => each.endsWith('.ts') && before[each] === undefined))
      expect({ path, extension, ...layoutOf(after[path] ?? '') }).toMatchObject({ path, extension });
  });

  it('gets no changes in the rest of the workspace', () => {
    const changed = Object.keys(after).filter((path) => after[path] !== before[path]);
    const own = posix.dirname(manifest);
    const allowed = new Set(['package.json', 'nest-cli.json', 'compose.yaml', '.env.example']);
    expect(
      changed.filter((path) => !path.startsWith(`${sourceRoot}/`) && !allowed.has(posix.relative(own, path))),
    ).toEqual([]);
    expect(Object.keys(before).filter((path) => after[path] === undefined)).toEqual([]);
  });

  it('is not changed by a second run', async () => {
    for (const [, words] of commands) await workspace.command(...words);
    expect(await workspace.files()).toEqual(after);
  });

  if (!hasSchemas)
    it('gets no schema without a library', async () => {
      await expect(workspace.command(...(COMMANDS['schema'] ?? []))).rejects.toMatchObject({
        code: 'INVALID_OPTION',
        message: expect.stringContaining('Install one of them'),
      });
      expect(await workspace.files()).toEqual(after);
    });

  it('gets the schematics of Nest back', async () => {
    await workspace.command('generate', 'eject');
    const ejected = await workspace.files();
    await workspace.command('generate', 'eject');
    expect(await workspace.files()).toEqual(ejected);
    const config = posix.join(shape.folder ?? '', 'nest-cli.json');
    expect({ ...ejected, [config]: '' }).toEqual({ ...after, [config]: '' });
    expect(ejected[config] ?? '').not.toContain('"nest-jetstream"');
  });
});

describe.each(REFUSED)('$kind', ({ code, message, only, ...shape }) => {
  it('is refused with the remedy, and nothing is written', async () => {
    const workspace = await ShapeWorkspace.create(join(folder, 'refused'), shape);
    const before = await workspace.files();
    const refused = only ?? Object.keys(COMMANDS).filter((name) => name !== 'migrate' || shape.project !== undefined);
    for (const name of refused) {
      const outcome = workspace.command(...(COMMANDS[name] ?? []));
      await expect(outcome).rejects.toMatchObject({ code, message: expect.stringMatching(message) });
    }
    expect(await workspace.files()).toEqual(before);
    await workspace.remove();
  });
});
