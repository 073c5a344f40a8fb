import { join } from 'node:path';
import { runInNewContext } from 'node:vm';
import { DiskTree } from '../../cli/runner/disk-tree';
import { compareSchemas, type Direction } from '../../schematics/contract/compare-schemas';
import type { Document } from '../../schematics/contract/json';
import { createProgram, readContractProject } from '../../schematics/contract/project-program';
import { SchemaModel } from '../../schematics/contract/schema-model';
import { ts } from '../../schematics/shared/source/typescript';
import { ContractWorkspace } from './support/contract-project';

/** A version of an event: its type, an event as JSON, and an expression of a handler. */
interface Version {
  readonly type: string;
  readonly json: unknown;
  /** Fails, or gives no value, for an event that the handler does not understand. */
  readonly code: string;
}

interface Row {
  readonly old: Version;
  readonly new: Version;
  /** Each change as `path text`, and the directions that it breaks. */
  readonly changes: Readonly<Record<string, readonly Direction[]>>;
}

const B: readonly Direction[] = ['backward'];
const F: readonly Direction[] = ['forward'];
const BOTH: readonly Direction[] = ['backward', 'forward'];

const row = (
  old: readonly [type: string, json: unknown, code: string],
  now: readonly [type: string, json: unknown, code: string],
  changes: Row['changes'],
): Row => ({
  old: { type: old[0], json: old[1], code: old[2] },
  new: { type: now[0], json: now[1], code: now[2] },
  changes,
});

const PRICE = ['{ price: number }', { price: 1 }, 'e.price.toFixed(2)'] as const;
const KIND = '({ a: 1, b: 2 } as Record<string, number>)[e.kind]';
const LINES = [
  '{ lines: { id: number }[] }',
  { lines: [{ id: 1 }] },
  'e.lines.map(({ id }) => id.toFixed()).join()',
] as const;

const ROWS: Readonly<Record<string, Row>> = {
  'no change': row(PRICE, PRICE, {}),
  'added optional property': row(
    PRICE,
    ['{ price: number; note?: string }', { price: 1, note: 'x' }, "(e.note ?? '-').trim()"],
    {},
  ),
  'added required property': row(PRICE, ['{ price: number; note: string }', { price: 1, note: 'x' }, 'e.note.trim()'], {
    '/note added, required': B,
  }),
  'removed required property': row(
    ['{ price: number; note: string }', { price: 1, note: 'x' }, 'e.note.trim()'],
    PRICE,
    {
      '/note removed, was required': F,
    },
  ),
  'removed optional property': row(
    ['{ price: number; note?: string }', { price: 1, note: 'x' }, "(e.note ?? '-').trim()"],
    PRICE,
    {
      '/note removed, was optional': [],
    },
  ),
  'renamed required property': row(PRICE, ['{ cost: number }', { cost: 1 }, 'e.cost.toFixed(2)'], {
    '/cost added, required': B,
    '/price removed, was required': F,
  }),
  'renamed optional property': row(
    ['{ id: number; note?: string }', { id: 1, note: 'x' }, "(e.note ?? '-').trim()"],
    ['{ id: number; text?: string }', { id: 1, text: 'x' }, "(e.text ?? '-').trim()"],
    { '/note removed, was optional': [] },
  ),
  'optional to required': row(['{ price?: number }', {}, '(e.price ?? 0).toFixed(2)'], PRICE, {
    '/price optional → required': B,
  }),
  'required to optional': row(PRICE, ['{ price?: number }', {}, '(e.price ?? 0).toFixed(2)'], {
    '/price required → optional': F,
  }),
  'undefined removed': row(['{ price: number | undefined }', {}, '(e.price ?? 0).toFixed(2)'], PRICE, {
    '/price optional → required': B,
  }),
  'undefined added': row(PRICE, ['{ price: number | undefined }', {}, '(e.price ?? 0).toFixed(2)'], {
    '/price required → optional': F,
  }),
  'null added': row(PRICE, ['{ price: number | null }', { price: null }, '(e.price ?? 0).toFixed(2)'], {
    '/price number → null | number': F,
  }),
  'null removed': row(['{ price: number | null }', { price: null }, '(e.price ?? 0).toFixed(2)'], PRICE, {
    '/price null | number → number': B,
  }),
  'number to string': row(PRICE, ['{ price: string }', { price: '1.00' }, 'e.price.trim()'], {
    '/price number → string': BOTH,
  }),
  'string to number': row(['{ price: string }', { price: '1.00' }, 'e.price.trim()'], PRICE, {
    '/price string → number': BOTH,
  }),
  'number to boolean': row(
    PRICE,
    ['{ price: boolean }', { price: true }, 'e.price === true || e.price === false || undefined'],
    { '/price number → boolean': BOTH },
  ),
  'type widened to a union': row(PRICE, ['{ price: number | string }', { price: '1' }, 'String(e.price)'], {
    '/price number → number | string': F,
  }),
  'type narrowed from a union': row(['{ price: number | string }', { price: '1' }, 'String(e.price)'], PRICE, {
    '/price number | string → number': B,
  }),
  'literal added': row(
    ["{ kind: 'a' }", { kind: 'a' }, '({ a: 1 } as Record<string, number>)[e.kind]'],
    ["{ kind: 'a' | 'b' }", { kind: 'b' }, KIND],
    { '/kind "a" → "a" | "b"': F },
  ),
  'literal removed': row(
    ["{ kind: 'a' | 'b' }", { kind: 'b' }, KIND],
    ["{ kind: 'a' }", { kind: 'a' }, '({ a: 1 } as Record<string, number>)[e.kind]'],
    { '/kind "a" | "b" → "a"': B },
  ),
  'literal replaced': row(
    ["{ kind: 'a' }", { kind: 'a' }, '({ a: 1 } as Record<string, number>)[e.kind]'],
    ["{ kind: 'b' }", { kind: 'b' }, '({ b: 1 } as Record<string, number>)[e.kind]'],
    { '/kind "a" → "b"': BOTH },
  ),
  'literals to string': row(
    ["{ kind: 'a' | 'b' }", { kind: 'a' }, KIND],
    ['{ kind: string }', { kind: 'c' }, 'e.kind.trim()'],
    {
      '/kind "a" | "b" → string': F,
    },
  ),
  'string to literals': row(
    ['{ kind: string }', { kind: 'c' }, 'e.kind.trim()'],
    ["{ kind: 'a' | 'b' }", { kind: 'a' }, KIND],
    {
      '/kind string → "a" | "b"': B,
    },
  ),
  'number to a literal number': row(
    ['{ version: number }', { version: 2 }, 'e.version.toFixed()'],
    ['{ version: 1 }', { version: 1 }, '({ 1: true } as Record<number, boolean>)[e.version]'],
    { '/version number → 1': B },
  ),
  'boolean to true': row(
    ['{ done: boolean }', { done: false }, 'String(e.done)'],
    ['{ done: true }', { done: true }, 'e.done || undefined'],
    { '/done boolean → true': B },
  ),
  'date to text': row(
    ['{ at: Date }', { at: '2026-01-01T00:00:00.000Z' }, 'new Date(e.at).toISOString()'],
    ['{ at: string }', { at: 'tomorrow' }, 'e.at.trim()'],
    { '/at string (date-time) → string': F },
  ),
  'text to date': row(
    ['{ at: string }', { at: 'tomorrow' }, 'e.at.trim()'],
    ['{ at: Date }', { at: '2026-01-01T00:00:00.000Z' }, 'new Date(e.at).toISOString()'],
    { '/at string → string (date-time)': B },
  ),
  'mutable to readonly list': row(
    ['{ ids: number[] }', { ids: [1] }, 'e.ids.length'],
    ['{ ids: readonly number[] }', { ids: [1] }, 'e.ids.length'],
    {},
  ),
  'one value to a list': row(
    PRICE,
    ['{ price: number[] }', { price: [1] }, 'e.price.map((each) => each.toFixed()).join()'],
    {
      '/price number → array': BOTH,
    },
  ),
  'property of an element added': row(
    LINES,
    [
      '{ lines: { id: number; n: number }[] }',
      { lines: [{ id: 1, n: 1 }] },
      'e.lines.map(({ n }) => n.toFixed()).join()',
    ],
    {
      '/lines/*/n added, required': B,
    },
  ),
  'property of an element removed': row(
    ['{ lines: { id: number; n?: number }[] }', { lines: [{ id: 1, n: 1 }] }, 'e.lines.length'],
    LINES,
    {
      '/lines/*/n removed, was optional': [],
    },
  ),
  'type of elements changed': row(
    ['{ ids: number[] }', { ids: [1] }, 'e.ids.map((id) => id.toFixed()).join()'],
    ['{ ids: string[] }', { ids: ['x'] }, 'e.ids.map((id) => id.trim()).join()'],
    { '/ids/* number → string': BOTH },
  ),
  'tuple longer': row(
    ['{ at: [number, number] }', { at: [1, 2] }, 'e.at[1].toFixed()'],
    ['{ at: [number, number, number] }', { at: [1, 2, 3] }, 'e.at[2].toFixed()'],
    { '/at/2 added, required': B },
  ),
  'nested property added': row(
    ['{ to: { city: string } }', { to: { city: 'x' } }, 'e.to.city.trim()'],
    ['{ to: { city: string; zip: string } }', { to: { city: 'x', zip: 'y' } }, 'e.to.zip.trim()'],
    { '/to/zip added, required': B },
  ),
  'optional object with a new required property': row(
    ['{ to?: { city: string } }', { to: { city: 'x' } }, "(e.to?.city ?? '-').trim()"],
    ['{ to?: { city: string; zip: string } }', { to: { city: 'x', zip: 'y' } }, "(e.to ? e.to.zip : '-').trim()"],
    { '/to/zip added, required': B },
  ),
  'object to text': row(
    ['{ to: { city: string } }', { to: { city: 'x' } }, 'e.to.city.trim()'],
    ['{ to: string }', { to: 'x' }, 'e.to.trim()'],
    { '/to object → string': BOTH },
  ),
  'object to a map': row(
    ['{ stock: object }', { stock: { a: 'x' } }, 'Object.keys(e.stock).join()'],
    ['{ stock: Record<string, number> }', { stock: { a: 1 } }, 'Object.values(e.stock).map((n) => n.toFixed()).join()'],
    { '/stock/* any value → number': B },
  ),
  'empty list to a list': row(
    ['{ ids: [] }', { ids: [] }, 'e.ids.length === 0 || undefined'],
    ['{ ids: number[] }', { ids: [1] }, 'e.ids.map((id) => id.toFixed()).join()'],
    { '/ids array → array': F },
  ),
  'values of a map changed': row(
    ['{ stock: Record<string, number> }', { stock: { a: 1 } }, 'Object.values(e.stock).map((n) => n.toFixed()).join()'],
    ['{ stock: Record<string, string> }', { stock: { a: 'x' } }, 'Object.values(e.stock).map((n) => n.trim()).join()'],
    { '/stock/* number → string': BOTH },
  ),
  'map to properties': row(
    ['{ stock: Record<string, number> }', { stock: { b: 1 } }, 'Object.values(e.stock).map((n) => n.toFixed()).join()'],
    ['{ stock: { a: number } }', { stock: { a: 1 } }, 'e.stock.a.toFixed()'],
    { '/stock/a added, required': B },
  ),
  'properties to a map': row(
    ['{ stock: { a: number } }', { stock: { a: 1 } }, 'e.stock.a.toFixed()'],
    ['{ stock: Record<string, number> }', { stock: { b: 1 } }, 'Object.values(e.stock).map((n) => n.toFixed()).join()'],
    { '/stock/a removed, was required': F },
  ),
  'member of a union added': row(
    ["{ pay: { type: 'card'; number: string } }", { pay: { type: 'card', number: 'x' } }, 'e.pay.number.trim()'],
    [
      "{ pay: { type: 'card'; number: string } | { type: 'cash'; till: number } }",
      { pay: { type: 'cash', till: 1 } },
      "e.pay.type === 'card' ? e.pay.number.trim() : e.pay.till.toFixed()",
    ],
    { '/pay/number removed, was required': F, '/pay/type "card" → "cash"': F },
  ),
  'member of a union removed': row(
    [
      "{ pay: { type: 'card'; number: string } | { type: 'cash'; till: number } }",
      { pay: { type: 'cash', till: 1 } },
      "e.pay.type === 'card' ? e.pay.number.trim() : e.pay.till.toFixed()",
    ],
    ["{ pay: { type: 'card'; number: string } }", { pay: { type: 'card', number: 'x' } }, 'e.pay.number.trim()'],
    { '/pay/number added, required': B, '/pay/type "cash" → "card"': B },
  ),
  'property in a member of a union added': row(
    [
      "{ pay: { type: 'card'; number: string } | { type: 'cash' } }",
      { pay: { type: 'card', number: 'x' } },
      "e.pay.type === 'card' ? e.pay.number.trim() : '-'",
    ],
    [
      "{ pay: { type: 'card'; number: string; cvc: string } | { type: 'cash' } }",
      { pay: { type: 'card', number: 'x', cvc: 'y' } },
      "e.pay.type === 'card' ? e.pay.cvc.trim() : '-'",
    ],
    { '/pay/cvc added, required': B },
  ),
  'type renamed': row(['Named', { a: 1 }, 'e.a.toFixed()'], ['Renamed', { a: 1 }, 'e.a.toFixed()'], {}),
  'literals reordered': row(
    ["{ kind: 'a' | 'b' }", { kind: 'a' }, KIND],
    ["{ kind: 'b' | 'a' }", { kind: 'b' }, KIND],
    {},
  ),
  'unknown to a type': row(['{ x: unknown }', { x: [] }, 'String(e.x)'], ['{ x: number }', { x: 1 }, 'e.x.toFixed()'], {
    '/x any value → number': B,
  }),
  'a type to unknown': row(['{ x: number }', { x: 1 }, 'e.x.toFixed()'], ['{ x: unknown }', { x: [] }, 'String(e.x)'], {
    '/x number → any value': F,
  }),
  'recursive type with a new property': row(
    ['Tree', { id: 1, children: [{ id: 2, children: [] }] }, 'e.children[0]?.id.toFixed()'],
    ['NamedTree', { id: 1, name: 'x', children: [{ id: 2, name: 'y', children: [] }] }, 'e.children[0]?.name.trim()'],
    { '/name added, required': B },
  ),
  'event from a value to an object': row(['string', 'x', 'e.trim()'], ['{ x: string }', { x: 'x' }, 'e.x.trim()'], {
    ' string → object': BOTH,
  }),
  'branded to plain text': row(
    ["{ id: string & { readonly brand: 'id' } }", { id: 'x' }, 'e.id.trim()'],
    ['{ id: string }', { id: 'x' }, 'e.id.trim()'],
    {},
  ),
};

const NAMES = Object.keys(ROWS);
const DECLARATIONS = `
import { subject } from '@nest-jetstream/transport';
interface Named { a: number }
interface Renamed { a: number }
interface Tree { id: number; children: Tree[] }
interface NamedTree { id: number; name: string; children: NamedTree[] }
`;

describe('compareSchemas', () => {
  let schemas = new Map<string, unknown>();
  let model: SchemaModel;
  let errors: string[];

  beforeAll(() => {
    // The compiler checks that each handler is correct for the type of its own version.
    const lines = Object.values(ROWS).flatMap(({ old, new: now }, index) =>
      [old, now].map(
        ({ type, code }, version) =>
          `export const S${index}_${version} = subject<${type}>()('row.${index}.${version}'); export const h${index}_${version} = (e: ${type}): unknown => ${code};`,
      ),
    );
    const workspace = new ContractWorkspace({ 'src/main.ts': [DECLARATIONS, ...lines].join('\n') });
    const contract = workspace.contract();
    const program = createProgram(readContractProject(new DiskTree(workspace.root), workspace.root), true);
    errors = program
      .getSemanticDiagnostics(program.getSourceFile(join(workspace.root, 'src/main.ts')))
      .map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, ' '));
    workspace.remove();
    schemas = new Map(contract.subjects.map(({ text, schema }) => [text, schema]));
    model = new SchemaModel({ components: { schemas: contract.schemas } } as unknown as Document);
  });

  it('is proved with handlers that compile', () => {
    expect(errors).toEqual([]);
    expect(NAMES.length).toBeGreaterThan(40);
  });

  describe.each(NAMES)('%s', (name) => {
    const index = NAMES.indexOf(name);
    const { old, new: now, changes } = ROWS[name] as Row;

    it('is found', () => {
      const found = compareSchemas(
        { model, schema: schemas.get(`row.${index}.0`) },
        { model, schema: schemas.get(`row.${index}.1`) },
      );
      expect(Object.fromEntries(found.map(({ path, text, breaks }) => [`${path} ${text}`, breaks]))).toEqual(changes);
    });

    it('breaks the handlers of the given side only', () => {
      const broken = new Set(Object.values(changes).flat());
      expect({ backward: !isHandled(now, old), forward: !isHandled(old, now) }).toEqual({
        backward: broken.has('backward'),
        forward: broken.has('forward'),
      });
      expect([isHandled(old, old), isHandled(now, now)]).toEqual([true, true]);
    });
  });
});

/** Runs the handler of one version with the JSON of another. */
function isHandled({ code }: Version, { json }: Version): boolean {
  const script = ts.transpile(`(${code})`, { target: ts.ScriptTarget.ES2022 });
  try {
    return runInNewContext(script, { e: JSON.parse(JSON.stringify(json)) }) !== undefined;
  } catch {
    return false;
  }
}
