import { parseFields } from '../../schematics/shared/fields/parse-fields';
import { sampleEvent } from '../../schematics/shared/fields/sample-value';
import { render } from '../../schematics/shared/template/render';

const interfaceOf = (type: string) =>
  render('jetstream-event/interface.ts', { name: 'XEvent', fields: parseFields(type), documentation: undefined });

describe('fields of an event', () => {
  it.each([
    ['id: number; product: string', '  id: number;\n  product: string;\n'],
    ['{ id: number, tags?: string[] }', '  id: number;\n  tags?: string[];\n'],
    ['readonly id: number\nnote: string | null', '  readonly id: number;\n  note: string | null;\n'],
    ["status: 'new' | 'paid'", "  status: 'new' | 'paid';\n"],
    ["'order-id': string", "  'order-id': string;\n"],
    ['prices: Record<string, number>; lines: Array<{ sku: string }>', '  prices: Record<string, number>;\n'],
    ['class: string; default?: boolean', '  class: string;\n  default?: boolean;\n'],
    ['id: number /* the key */', '  id: number;\n'],
  ])('are read from %s', (type, expected) => {
    expect(interfaceOf(type)).toContain(expected);
  });

  it.each([
    ['nothing readable', 'string'],
    ['code behind them', 'id: string } ; process.exit(1); interface Y {'],
    ['a method', 'pay(): void'],
    ['a function', 'pay: () => void'],
    ['a type that is not known', 'customer: Customer'],
    ['a Date', 'at: Date'],
    ['a bigint', 'id: bigint'],
    ['a bigint literal', 'id: 1n'],
    ['a symbol', 'id: symbol'],
    ['any', 'id: any'],
    ['an import', "id: import('node:fs').Stats"],
    ['typeof', 'id: typeof process'],
    ['a template literal', 'id: `order-${string}`'],
    ['an index signature', '[key: string]: string'],
    ['no type', 'id'],
    ['a field twice', 'id: string; id: number'],
    ['a computed name', '[Symbol.iterator]: string'],
    ['a prototype', '__proto__: string'],
    ['a NUL', 'id: "\0"'],
    ['an unclosed comment', 'id: string /*'],
    ['a rest element in the middle', 'a: [...string[], number]'],
    ['a rest element that is not a list', 'a: [string, ...[number]]'],
    ['a bad type in a rest element', 'a: [string, ...bigint[]]'],
    ['a bad type deep inside', 'a: { b: { c: Array<Date> } }'],
  ])('are refused with %s', (_what, type) => {
    expect(() => parseFields(type)).toThrow(
      expect.objectContaining({ name: 'SchematicError', code: 'INVALID_OPTION' }),
    );
  });

  it.each([
    ['id: number; product: string; ok: boolean', { id: 1, product: 'product', ok: true }],
    ["status: 'new' | 'paid'; count: -3; none: null", { status: 'new', count: -3, none: null }],
    ['note?: string; tags: string[]; pair: [string, number]', { note: 'note', tags: [], pair: ['pair', 1] }],
    [
      'a: { b: { c: number } }; r: Record<string, number>; p: Partial<{ x: number }>',
      { a: { b: { c: 1 } }, r: {}, p: {} },
    ],
    ['a: [string, number?, ...boolean[]]; b: [x: number, y?: string]', { a: ['a'], b: [1] }],
    ["byKind: Record<'a' | 'b', number>", undefined],
  ])('have a sample value for %s', (type, sample) => {
    expect(sampleEvent(parseFields(type).map(({ node }) => node))).toEqual(sample);
  });
});
