import { isDeepStrictEqual } from 'node:util';
import { isRecord } from '../shared/edit/json-file';
import { ownValue, pointerToken } from './json';
import { type SchemaModel, typeText, type Alternative, type Schema } from './schema-model';

/** A value that a writer may produce and a reader does not accept. */
export interface Mismatch {
  /** JSON pointer in the event. `*` stands for each element of an array or a map. */
  readonly path: string;
  /**
   * `missing`: the reader requires a property that the writer does not have. `optional`: the writer
   * may leave it out. `type`: the reader does not expect the type. `extra`: the reader refuses it.
   */
  readonly kind: 'missing' | 'optional' | 'type' | 'extra';
  /** Types of the writer and of the reader. */
  readonly written: string;
  readonly read: string;
}

type Shaped = Extract<Alternative, { schema: Schema }>;

/** Keywords that bound a value, with whether the writer's bound must be at least the reader's. */
const BOUNDS = new Map([
  ['minimum', 'atLeast'],
  ['exclusiveMinimum', 'atLeast'],
  ['minLength', 'atLeast'],
  ['minItems', 'atLeast'],
  ['minProperties', 'atLeast'],
  ['maximum', 'atMost'],
  ['exclusiveMaximum', 'atMost'],
  ['maxLength', 'atMost'],
  ['maxItems', 'atMost'],
  ['maxProperties', 'atMost'],
  ['pattern', 'equal'],
  ['format', 'equal'],
  ['multipleOf', 'equal'],
  ['uniqueItems', 'equal'],
]);
const BOUNDED: Readonly<Record<string, RegExp>> = {
  string: /Length$|^pattern$|^format$/,
  number: /^(exclusive)?(min|max)imum$|^exclusive|^multipleOf$|^format$/i,
  integer: /^(exclusive)?(min|max)imum$|^exclusive|^multipleOf$|^format$/i,
  array: /Items$/,
  object: /Properties$/,
};
/** Limit, because an event can contain a type at very many places. */
const MAXIMUM_MISMATCHES = 200;
const NOTHING: readonly Mismatch[] = [];

/**
 * Compares the schema of a writer with the one of a reader. Writers write declared properties only,
 * and readers ignore those that they do not declare.
 */
export class SchemaRules {
  private readonly compared = new Map<string, readonly Mismatch[]>();
  private readonly ids = new WeakMap<object, number>();
  private lastId = 0;

  constructor(
    private readonly writer: SchemaModel,
    private readonly reader: SchemaModel,
  ) {}

  mismatches(written: unknown, read: unknown, path = ''): readonly Mismatch[] {
    // Types are compared once. A recursive type comes back to a pair that is being compared.
    const key = `${this.idOf(written)} ${this.idOf(read)}`;
    let found = this.compared.get(key);
    if (!found) {
      this.compared.set(key, NOTHING);
      found = this.compare(this.writer.alternativesOf(written), this.reader.alternativesOf(read), '');
      this.compared.set(key, found.slice(0, MAXIMUM_MISMATCHES));
    }
    return path === '' ? found : found.map(({ path: inner, ...each }) => Object.assign(each, { path: path + inner }));
  }

  private compare(written: readonly Alternative[], read: readonly Alternative[], path: string): readonly Mismatch[] {
    if (read.some(({ kind }) => kind === 'any')) return NOTHING;
    const found = written.map((each) => this.unread(each, read, path));
    const deeper = found.flatMap((each) => (each === 'type' ? [] : each));
    if (!found.includes('type')) return deeper;
    return [{ path, kind: 'type', written: typeText(written), read: typeText(read) }, ...deeper];
  }

  /** Returns the mismatches of one alternative, or `type` if the reader has none of its kind. */
  private unread(written: Alternative, read: readonly Alternative[], path: string): readonly Mismatch[] | 'type' {
    if (written.kind === 'null') return read.some(({ kind }) => kind === 'null') ? NOTHING : 'type';
    if (written.kind === 'any') return 'type';
    if (written.kind === 'literal') return read.some((each) => acceptsLiteral(written.value, each)) ? NOTHING : 'type';
    if (written.kind === 'opaque')
      return read.some((each) => each.kind === 'opaque' && isDeepStrictEqual(each.schema, written.schema))
        ? NOTHING
        : 'type';
    const candidates = read.filter(
      (each): each is Shaped => each.kind === written.kind || (written.kind === 'integer' && each.kind === 'number'),
    );
    const fitting = candidates.filter((each) => isWithinBounds(written, each));
    if (fitting.length === 0) return 'type';
    const all = fitting.map((each) => this.content(written, each, path));
    return this.best(all, fitting, written);
  }

  /** Chooses the alternative that a value of a union is read as. */
  private best(
    all: readonly (readonly Mismatch[])[],
    candidates: readonly Shaped[],
    written: Shaped,
  ): readonly Mismatch[] | 'type' {
    if (all.some((each) => each.length === 0)) return NOTHING;
    const [only = NOTHING] = all;
    if (all.length === 1) return only;
    const same = candidates.findIndex((each) => this.hasSameLiteral(written.schema, each.schema));
    return all[same] ?? 'type';
  }

  /** Returns true if a property has one literal in both, such as `type: 'card'`. */
  private hasSameLiteral(written: Schema, read: Schema): boolean {
    const [left, right] = [propertiesOf(written), propertiesOf(read)];
    return Object.keys(left).some((name) => {
      const [one, ...others] = this.writer.alternativesOf(left[name]);
      const [other, ...more] = this.reader.alternativesOf(ownValue(right, name));
      return (
        others.length + more.length === 0 &&
        one?.kind === 'literal' &&
        other?.kind === 'literal' &&
        one.value === other.value
      );
    });
  }

  private content(written: Shaped, read: Shaped, path: string): readonly Mismatch[] {
    if (written.kind === 'object') return this.properties(written.schema, read.schema, path);
    return written.kind === 'array' ? this.items(written.schema, read.schema, path) : NOTHING;
  }

  private properties(written: Schema, read: Schema, path: string): readonly Mismatch[] {
    const [left, right] = [propertiesOf(written), propertiesOf(read)];
    const [always, required] = [namesIn(written['required']), namesIn(read['required'])];
    const { additionalProperties: writtenValues } = written;
    const { additionalProperties: readValues } = read;
    const found: Mismatch[] = [];
    for (const name of new Set([...Object.keys(left), ...Object.keys(right), ...required])) {
      const at = `${path}/${pointerToken(name)}`;
      const [own, other] = [ownValue(left, name), ownValue(right, name)];
      if (required.has(name) && !always.has(name))
        found.push(this.mismatch(own === undefined ? 'missing' : 'optional', own, other, at));
      if (own === undefined) {
        // A map may have the property.
        if (isRecord(writtenValues) && other !== undefined) found.push(...this.mismatches(writtenValues, other, at));
      } else if (other !== undefined) found.push(...this.mismatches(own, other, at));
      else if (readValues === false) found.push(this.mismatch('extra', own, other, at));
      else if (isRecord(readValues)) found.push(...this.mismatches(own, readValues, at));
    }
    if (isRecord(writtenValues) && readValues === false)
      found.push(this.mismatch('extra', writtenValues, undefined, `${path}/*`));
    if (isRecord(writtenValues) && isRecord(readValues))
      found.push(...this.mismatches(writtenValues, readValues, `${path}/*`));
    return found;
  }

  private items(written: Schema, read: Schema, path: string): readonly Mismatch[] {
    const [own, other] = [written['items'], read['items']];
    if (!Array.isArray(own) && !Array.isArray(other)) return this.mismatches(own ?? {}, other ?? {}, `${path}/*`);
    const length = Math.max(Array.isArray(own) ? own.length : 0, Array.isArray(other) ? other.length : 0);
    const [always, required] = [minItemsOf(written), minItemsOf(read)];
    return Array.from({ length }, (_, index) => index).flatMap((index) => {
      const at = `${path}/${index}`;
      const [left, right] = [itemAt(written, index), itemAt(read, index)];
      const isMissing = index < required && index >= always;
      const missing = isMissing ? [this.mismatch('missing', left || undefined, right, at)] : NOTHING;
      // Readers ignore further elements of a tuple.
      const inner = left === false || right === false ? NOTHING : this.mismatches(left ?? {}, right ?? {}, at);
      return missing.concat(inner);
    });
  }

  private mismatch(kind: Mismatch['kind'], written: unknown, read: unknown, path: string): Mismatch {
    return { path, kind, written: textIn(this.writer, written), read: textIn(this.reader, read) };
  }

  private idOf(schema: unknown): string {
    if (typeof schema !== 'object' || schema === null) return String(schema);
    const reference = (schema as Schema)['$ref'];
    if (typeof reference === 'string') return reference;
    const known = this.ids.get(schema) ?? (this.lastId += 1);
    this.ids.set(schema, known);
    return String(known);
  }
}

function textIn(model: SchemaModel, schema: unknown): string {
  return schema === undefined ? 'absent' : typeText(model.alternativesOf(schema));
}

/** Returns the schema of an element of a tuple. False if the tuple has no such element. */
function itemAt(schema: Schema, index: number): unknown {
  const { items, additionalItems, maxItems } = schema;
  if (!Array.isArray(items)) return items;
  if (index < items.length) return items[index];
  return typeof maxItems === 'number' && index >= maxItems ? false : additionalItems;
}

function minItemsOf({ minItems }: Schema): number {
  return typeof minItems === 'number' ? minItems : 0;
}

function propertiesOf({ properties }: Schema): Record<string, unknown> {
  return isRecord(properties) ? properties : {};
}

function namesIn(value: unknown): ReadonlySet<string> {
  return new Set(Array.isArray(value) ? value.map(String) : []);
}

function acceptsLiteral(value: string | number | boolean, read: Alternative): boolean {
  if (read.kind === 'literal') return read.value === value;
  if (read.kind === 'string') return typeof value === 'string' && isStringWithin(value, read.schema);
  if (read.kind === 'integer') return Number.isInteger(value);
  if (read.kind === 'number') return typeof value === 'number' && isNumberWithin(value, read.schema);
  return read.kind === 'any';
}

function isStringWithin(value: string, { pattern, format, minLength, maxLength }: Schema): boolean {
  if (typeof minLength === 'number' && value.length < minLength) return false;
  if (typeof maxLength === 'number' && value.length > maxLength) return false;
  if (format === 'date-time' && Number.isNaN(Date.parse(value))) return false;
  // The pattern of a document is not run, because a hostile one could run for hours.
  return pattern === undefined;
}

function isNumberWithin(value: number, { minimum, maximum }: Schema): boolean {
  return !(typeof minimum === 'number' && value < minimum) && !(typeof maximum === 'number' && value > maximum);
}

function isWithinBounds(written: Shaped, read: Shaped): boolean {
  const relevant = BOUNDED[read.kind] ?? /^$/;
  for (const [keyword, rule] of BOUNDS) {
    const bound = read.schema[keyword];
    if (bound === undefined || !relevant.test(keyword) || isLengthOfTuple(keyword, read.schema)) continue;
    const own = written.schema[keyword];
    if (rule === 'equal' ? !isDeepStrictEqual(own, bound) : !isBeyond(own, bound, rule, keyword)) return false;
  }
  return true;
}

/** The elements of a tuple are compared one by one. */
function isLengthOfTuple(keyword: string, { items }: Schema): boolean {
  return Array.isArray(items) && /^m..Items$/.test(keyword);
}

function isBeyond(own: unknown, bound: unknown, rule: string, keyword: string): boolean {
  // Every text and list has at least no elements.
  const least = /^min[LIP]/.test(keyword) ? 0 : undefined;
  const value = own ?? least;
  if (typeof value !== 'number' || typeof bound !== 'number') return false;
  return rule === 'atLeast' ? value >= bound : value <= bound;
}
