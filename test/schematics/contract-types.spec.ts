import { ContractWorkspace } from './support/contract-project';

/** Types with the schema of the JSON that `JSON.stringify` writes for their values. */
const TYPES: readonly (readonly [type: string, schema: object])[] = [
  ['string', { type: 'string' }],
  ['"a" | "b"', { enum: ['a', 'b'] }],
  ['"a"', { const: 'a' }],
  ['1 | 2 | "x"', { enum: ['x', 1, 2] }],
  ['boolean', { type: 'boolean' }],
  ['true', { const: true }],
  ['boolean | string', { anyOf: [{ type: 'boolean' }, { type: 'string' }] }],
  ['string | null', { anyOf: [{ type: 'null' }, { type: 'string' }] }],
  ['Color', { enum: ['green', 'red'] }],
  ['Level', { enum: [0, 1] }],
  ['string & { readonly brand: "id" }', { type: 'string' }],
  ['`order-${number}`', { type: 'string', pattern: '^order--?[0-9.eE+-]+$' }],
  ['Date', { type: 'string', format: 'date-time' }],
  ['Money', { type: 'string' }],
  ['string[]', { type: 'array', items: { type: 'string' } }],
  ['readonly string[]', { type: 'array', items: { type: 'string' } }],
  ['(string | undefined)[]', { type: 'array', items: { anyOf: [{ type: 'null' }, { type: 'string' }] } }],
  ['[string, number]', { type: 'array', items: [{ type: 'string' }, { type: 'number' }], minItems: 2, maxItems: 2 }],
  [
    '[string, number?]',
    {
      type: 'array',
      items: [{ type: 'string' }, { anyOf: [{ type: 'null' }, { type: 'number' }] }],
      minItems: 1,
      maxItems: 2,
    },
  ],
  [
    '[string, ...number[]]',
    { type: 'array', items: [{ type: 'string' }], minItems: 1, additionalItems: { type: 'number' } },
  ],
  [
    '[string, number?, ...boolean[]]',
    {
      type: 'array',
      items: [{ type: 'string' }, { anyOf: [{ type: 'null' }, { type: 'number' }] }],
      minItems: 1,
      additionalItems: { type: 'boolean' },
    },
  ],
  [
    '[string, ...number[], boolean]',
    {
      type: 'array',
      items: [{ type: 'string' }],
      minItems: 2,
      additionalItems: { anyOf: [{ type: 'boolean' }, { type: 'number' }] },
    },
  ],
  ['[]', { type: 'array', maxItems: 0 }],
  ['object', { type: 'object', additionalProperties: {} }],
  ['Record<string, number>', { type: 'object', additionalProperties: { type: 'number' } }],
  [
    'Record<"a" | "b", number>',
    { type: 'object', properties: { a: { type: 'number' }, b: { type: 'number' } }, required: ['a', 'b'] },
  ],
  ['{ a?: string }', { type: 'object', properties: { a: { type: 'string' } } }],
  ['{ a: string | undefined }', { type: 'object', properties: { a: { type: 'string' } } }],
  ['{ a?: never; b: 1 }', { type: 'object', properties: { b: { const: 1 } }, required: ['b'] }],
  [
    'Page<string>',
    { type: 'object', properties: { items: { type: 'array', items: { type: 'string' } } }, required: ['items'] },
  ],
  ['{ a: 1 } & { b: 2 }', { type: 'object', properties: { a: { const: 1 }, b: { const: 2 } }, required: ['a', 'b'] }],
  ['Omit<Point, "y">', { type: 'object', properties: { x: { type: 'number' } }, required: ['x'] }],
  ['Partial<Point>', { type: 'object', properties: { x: { type: 'number' }, y: { type: 'number' } } }],
  ...[
    'Entity',
    'Omit<Entity, "owner">',
    'Readonly<Omit<Entity, "owner">>',
    'Pick<Entity, "id" | "method" | "label">',
  ].map((type) => [type, { type: 'object', properties: { id: { type: 'number' } }, required: ['id'] }] as const),
  ['Omit<Saved, "id">', { type: 'object', properties: { at: { type: 'string' } }, required: ['at'] }],
  ['Partial<Entity>', { type: 'object', properties: { id: { type: 'number' } } }],
  [
    '{ [Key in keyof Entity]: boolean }',
    {
      type: 'object',
      properties: { id: { type: 'boolean' }, label: { type: 'boolean' }, method: { type: 'boolean' } },
      required: ['id', 'label', 'method'],
    },
  ],
  [
    '{ p: Point; q: Point }',
    {
      type: 'object',
      properties: { p: { $ref: '#/components/schemas/Point' }, q: { $ref: '#/components/schemas/Point' } },
      required: ['p', 'q'],
    },
  ],
  [
    '{ old: Deprecated }',
    { type: 'object', properties: { old: { $ref: '#/components/schemas/Deprecated' } }, required: ['old'] },
  ],
  [
    '{\n/** Where. */\nat: Point }',
    {
      type: 'object',
      properties: { at: { allOf: [{ $ref: '#/components/schemas/Point' }], description: 'Where.' } },
      required: ['at'],
    },
  ],
  ['unknown', {}],
  ['any', {}],
];
const DECLARATIONS = `
import { subject } from '@nest-jetstream/transport';
import type { Point as OtherPoint } from './other.js';
enum Color { Red = 'red', Green = 'green' }
enum Level { Low, High }
interface Money { toJSON(): string }
interface Point { x: number; y: number }
interface Page<Item> { items: Item[] }
class Entity { id!: number; get label(): string { return ''; } method(): void {} readonly [Symbol.iterator] = 1; #secret = 2 }
interface Saved { id: number; at: string; save(): void; reload?(): void }
interface Deprecated {
  /** @deprecated Use b. */
  a?: string;
}
interface Tree { value: string; children: Tree[] }
type Json = string | null | Json[] | { [key: string]: Json };
interface Chain<Item> { item: Item; next?: Chain<Item> }
`;

describe('the schema of the type', () => {
  let schemas: Record<string, object> = {};
  let components: Record<string, unknown> = {};
  let warnings: readonly string[] = [];
  const recursive = {
    tree: 'Tree',
    json: '{ json: Json }',
    chain: 'Chain<number>',
    twice: '{ a: Point; b: OtherPoint }',
  };

  beforeAll(() => {
    const events = [...TYPES.map(([type], index) => [`t${index}`, `{ v: ${type} }`]), ...Object.entries(recursive)];
    const workspace = new ContractWorkspace({
      'src/other.ts': 'export interface Point { lat: number }',
      'src/main.ts': DECLARATIONS + events.map(([name, type]) => `subject<${type}>()('test.${name}');`).join('\n'),
    });
    const contract = workspace.contract();
    workspace.remove();
    schemas = Object.fromEntries(contract.subjects.map(({ text, schema }) => [text.slice(5), schema]));
    components = { ...contract.schemas };
    warnings = contract.warnings;
  });

  it.each(TYPES.map(([type, schema], index) => [type, index, schema] as const))('%s', (_type, index, expected) => {
    const { properties } = schemas[`t${index}`] as { properties: { v: { $ref?: string } } };
    const { $ref: reference } = properties.v;
    expect(reference ? components[reference.replace('#/components/schemas/', '')] : properties.v).toEqual(expected);
  });

  it('Tree refers to itself', () => {
    expect(schemas['tree']).toEqual({ $ref: '#/components/schemas/Tree' });
    expect(components['Tree']).toMatchObject({
      properties: { children: { type: 'array', items: { $ref: '#/components/schemas/Tree' } } },
    });
  });

  it('Json, a recursive alias, refers to itself', () => {
    expect(schemas['json']).toMatchObject({ properties: { json: { $ref: '#/components/schemas/Json' } } });
    expect(JSON.stringify(components['Json'])).toContain('"$ref":"#/components/schemas/Json"');
  });

  it('Chain<number>, a recursive generic, refers to itself', () => {
    expect(schemas['chain']).toEqual({ $ref: '#/components/schemas/Chain_number_' });
    expect(components['Chain_number_']).toMatchObject({
      properties: { item: { type: 'number' }, next: { $ref: '#/components/schemas/Chain_number_' } },
    });
  });

  it('has a number if another type has its name', () => {
    expect(schemas['twice']).toMatchObject({
      properties: { a: { $ref: '#/components/schemas/Point' }, b: { $ref: '#/components/schemas/Point2' } },
    });
    expect(components['Point2']).toMatchObject({ properties: { lat: { type: 'number' } } });
  });

  it('marks deprecated properties', () => {
    expect(components['Deprecated']).toEqual({
      type: 'object',
      properties: { a: { type: 'string', deprecated: true } },
    });
  });

  it('is reported if it allows every value', () => {
    expect(warnings).toEqual([
      expect.stringMatching(
        /^test\.t\d+ v \(unknown\) in src\/main\.ts:\d+ allows every value, so its changes are not compared\.$/,
      ),
      expect.stringMatching(/^test\.t\d+ v \(any\) in src\/main\.ts:\d+ allows every value/),
    ]);
  });
});
