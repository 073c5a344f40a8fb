import { readCollection, type Schematic } from '../../cli/runner/collection';
import { runSchematic } from '../../cli/runner/run-schematic';
import { hasType, type PropertySchema } from '../../cli/runner/schema';
import { SchematicError } from '../../schematics/shared/errors';
import { pairsOf, shapeOf } from './support/code-shape';
import { DiskProject } from './support/disk-project';
import { HIDDEN_CHARACTERS, HOSTILE_VALUES, randomOf } from './support/hostile-values';
import { projectTree, run } from './support/project-tree';

type Options = Readonly<Record<string, unknown>>;

const RUNS = 300;
const seed = Number(process.env['FUZZ_SEED'] ?? Date.now() % 2 ** 31);

// Options that a schematic needs besides the one under test.
const NEEDED: Readonly<Record<string, Options>> = {
  'nest-add': {},
  'jetstream-stream': { name: 'carts' },
  'jetstream-consumer': { name: 'order.paid' },
  'jetstream-event': { name: 'order.paid' },
  'jetstream-publisher': { name: 'orders' },
  'jetstream-request': { name: 'quote.price' },
  'jetstream-eject': {},
  'jetstream-migrate': {},
  'jetstream-import': { name: 'asyncapi.yaml' },
};

const ASYNCAPI = `asyncapi: 3.0.0
channels:
  order.paid:
    address: order.paid
    messages: { paid: { payload: { type: object, properties: { id: { type: string } } } } }
`;

// Harmless values. They define the syntax that other values may generate.
const HARMLESS: Readonly<Record<string, readonly string[]>> = {
  name: [
    'asyncapi.yaml',
    'order.paid',
    'order.v2.paid',
    'order.*',
    'order.>',
    'order.*.paid',
    'order.:id.paid',
    'order.:a.:b',
    'order.a.:b',
    'carts',
    'orders',
    'quote.price',
    'sub/carts',
    'sub/order.paid',
    'sub/quote.price',
    'orders/order.paid',
    'order.created',
    'orders/order.created',
    'sub/order.created',
    'orders/quote.price',
  ],
  channel: ['order.paid'],
  subjects: ['cart.>', 'cart.*', 'cart', '>'],
  template: ['order.:id.paid', 'order.:a.:b'],
  type: ['id: string', 'id: number', 'id: "x"', '"a-b": string', 'id: unknown; note?: string'],
  reply: ['ok: boolean', 'ok: "x"', '"a-b": string'],
  module: ['src/app.module.ts'],
  servers: ['nats://a:4222', 'a'],
  retryDelay: ['1s', '1s,2s'],
  style: ['interface', 'class', 'schema'],
  path: ['', 'orders', 'orders/deep'],
  sourceRoot: ['.'],
  stream: ['ORDERS'],
};

const USUAL = ['spec', 'shop', 'Other', '1s', '30s', 'file', 'src', 'sub', 'sub/deep', '1', '1024', '-1'];

describe('hostile values', () => {
  const schematics = readCollection();
  let project: DiskProject;

  beforeAll(async () => {
    const { tree } = await run(await projectTree(), 'nest-add', { sourceRoot: 'src', skipInstall: true });
    const manifest = tree.readText('/package.json');
    const validators = '"zod": "^4", "class-validator": "^0.14", "class-transformer": "^0.5",';
    tree.overwrite('/package.json', manifest.replace('"dependencies": {', `"dependencies": { ${validators}`));
    tree.create('/asyncapi.yaml', ASYNCAPI);
    const orders = await run(tree, 'jetstream-stream', { name: 'orders' });
    project = await DiskProject.of((await run(orders.tree, 'jetstream-event', { name: 'order.created' })).tree);
  });
  afterAll(() => project.remove());

  it('are passed to every schematic', () => {
    expect(Object.keys(NEEDED).toSorted()).toEqual(schematics.map(({ name }) => name).toSorted());
  });

  /** Returns the generated code of a run, or its error. */
  async function outcome(schematic: Schematic, options: Options): Promise<Map<string, string> | SchematicError> {
    try {
      const request = {
        root: project.root,
        schematic,
        options: { spec: true, ...options },
        dryRun: true,
        say: () => undefined,
      };
      const { changes } = await runSchematic(request);
      return new Map(changes.map(({ path, content }) => [path, content?.toString('utf8') ?? '']));
    } catch (error) {
      if (error instanceof SchematicError) return error;
      throw new Error(`${schematic.name} with ${JSON.stringify(options)} broke.`, { cause: error });
    }
  }

  const cases = schematics.flatMap((schematic) =>
    Object.entries(schematic.schema.properties)
      .filter(([, property]) => !hasType(property, 'boolean'))
      .map(([name, property]) => ({ schematic, option: name, property, title: `${schematic.name}: ${name}` })),
  );

  it.each(cases)(
    'generate the same syntax as harmless values or are refused by option: $title',
    async ({ schematic, option, property }) => {
      const harmless = new Set([shapesOf(new Map())]);
      for (const value of [...(HARMLESS[option] ?? []), ...USUAL]) {
        const files = await outcome(schematic, { ...NEEDED[schematic.name], [option]: valueOf(value, property) });
        if (!(files instanceof SchematicError)) harmless.add(shapesOf(files));
      }
      const problems: string[] = [];
      for (const hostile of HOSTILE_VALUES.flatMap((value) =>
        option === 'name' ? [value, `order.${value}`] : [value],
      )) {
        const what = `${option} ${JSON.stringify(hostile)}`;
        const result = await outcome(schematic, { ...NEEDED[schematic.name], [option]: valueOf(hostile, property) });
        if (result instanceof SchematicError) {
          if (!namesOption(result, schematic)) problems.push(`${what}: ${result.message}`);
          continue;
        }
        checkPlain(result, what);
        if (!harmless.has(shapesOf(result)))
          problems.push(
            `${what} has a shape of its own:\n${[...result].map(([path, text]) => `${path}\n${text}`).join('\n')}`,
          );
      }
      expect(problems).toEqual([]);
    },
  );

  it(`generate no other kind of syntax in random combinations (FUZZ_SEED=${seed}, ${RUNS} runs)`, async () => {
    const vocabulary = new Map<string, Set<string>>();
    const numbers = { concurrency: 2, batch: 3, manualAck: true, retryDelay: '1s,2s', ackWait: '30s', maxDeliver: -1 };
    for (const schematic of schematics) {
      for (const [option, property] of Object.entries(schematic.schema.properties)) {
        const texts = [...(HARMLESS[option] ?? []), 'shop', '30s', '1024', '-1'];
        const values = hasType(property, 'boolean') ? [true, false] : texts.map((text) => valueOf(text, property));
        for (const value of values) {
          for (const more of [{}, numbers, { style: 'class' }, { style: 'schema' }]) {
            const options = { ...NEEDED[schematic.name], ...more, [option]: value };
            const files = await outcome(schematic, options);
            if (!(files instanceof SchematicError)) learn(files, vocabulary);
          }
        }
      }
    }
    const random = randomOf(seed);
    const pick = <T>(values: readonly T[]): T => values[Math.floor(random() * values.length)] as T;
    let written = 0;
    for (let index = 0; index < RUNS; index++) {
      const schematic = pick(schematics);
      const options: Record<string, unknown> = { ...NEEDED[schematic.name] };
      for (const [name, property] of Object.entries(schematic.schema.properties)) {
        if (random() > 0.3) continue;
        const value =
          random() < 0.5
            ? pick(HARMLESS[name] ?? ['shop', '30s'])
            : random() < 0.8
              ? pick(HOSTILE_VALUES)
              : pick(HOSTILE_VALUES) + pick(HOSTILE_VALUES);
        options[name] = hasType(property, 'boolean') ? random() < 0.5 : valueOf(value, property);
      }
      const result = await outcome(schematic, options);
      if (result instanceof SchematicError) continue;
      written++;
      const what = `${schematic.name} ${JSON.stringify(options)}`;
      checkPlain(result, what);
      const seen = new Map<string, Set<string>>();
      learn(result, seen);
      for (const [kind, pairs] of seen) {
        const strange = [...pairs].filter((pair) => vocabulary.get(kind)?.has(pair) !== true);
        if (strange.length > 0) throw new Error(`${what}: ${kind} has ${strange.join(', ')}`);
      }
    }
    // If all values were refused, this would check nothing.
    expect(written).toBeGreaterThan(RUNS / 20);
  });
});

/** Adds the pairs of nodes in each kind of file, such as `.consumer.ts`. */
function learn(files: ReadonlyMap<string, string>, vocabulary: Map<string, Set<string>>): void {
  for (const [path, text] of files) {
    if (!path.endsWith('.ts')) continue;
    const kind = /(\.[a-z]+)(\.[\w.-]+)?\.ts$/.exec(path.replace(/^.*\//, ''))?.[1] ?? path;
    const known = vocabulary.get(kind) ?? new Set();
    for (const pair of pairsOf(shapeOf(path, text))) known.add(pair);
    vocabulary.set(kind, known);
  }
}

function valueOf(value: string, property: PropertySchema): unknown {
  const isNumber = (hasType(property, 'number') || hasType(property, 'integer')) && !hasType(property, 'string');
  // Converts a value as a command line does. Text that is not a number stays text.
  return isNumber ? Number(value) : value;
}

/** Returns true if the message names the option or its title in the help. */
function namesOption({ code, message }: SchematicError, { schema }: Schematic): boolean {
  const names = Object.entries(schema.properties).flatMap(([name, { title }]) => [name, title ?? name]);
  return code !== 'INVALID_OPTION' || names.some((name) => message.includes(` of option '${name}' `));
}

function checkPlain(files: Map<string, string>, what: string): void {
  for (const [path, text] of files) {
    const isLegal = path
      .split('/')
      .every((segment) => segment !== '' && segment !== '..' && Buffer.byteLength(segment) <= 255);
    if (!isLegal || HIDDEN_CHARACTERS.test(path) || HIDDEN_CHARACTERS.test(text))
      throw new Error(`${what}: ${JSON.stringify(path)}\n${text}`);
  }
}

function shapesOf(files: ReadonlyMap<string, string>): string {
  return [...files]
    .filter(([path]) => path.endsWith('.ts'))
    .map(([path, text]) => shapeOf(path, text))
    .toSorted()
    .join('\n');
}
