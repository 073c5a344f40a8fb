import { isDeepStrictEqual } from 'node:util';
import { isRecord } from '../shared/edit/json-file';
import { ownValue, pointerToken } from './json';
import { type SchemaModel, typeText, type Alternative, type Schema } from './schema-model';
import { acceptsLiteral, isWithinBounds } from './bounds';
import { propertiesOf, type Shaped, UnionMembers } from './affinity';

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

/** Limit, because an event can contain a type at very many places. */
const MAXIMUM_MISMATCHES = 200;
/** Limit, because types that refer to each other are compared again. */
const MAXIMUM_CORRECTIONS = 100;
/** Limit for objects with many properties that have several literals. */
const MAXIMUM_SPLITS = 2;
const NOTHING: readonly Mismatch[] = [];

/**
 * Compares the schema of a writer with the one of a reader. Writers write declared properties only,
 * and readers ignore those that they do not declare.
 */
export class SchemaRules {
  private readonly compared = new Map<string, readonly Mismatch[]>();
  private readonly running = new Set<string>();
  /** Pairs that another pair used before they ended. */
  private readonly assumed = new Set<string>();
  private corrections = 0;
  private readonly ids = new WeakMap<object, number>();
  private lastId = 0;
  private readonly members: UnionMembers;

  constructor(
    private readonly writer: SchemaModel,
    private readonly reader: SchemaModel,
  ) {
    this.members = new UnionMembers(writer, reader);
  }

  mismatches(written: unknown, read: unknown, path = ''): readonly Mismatch[] {
    // Types are compared once. A recursive type comes back to a pair that is being compared.
    const key = `${this.idOf(written)} ${this.idOf(read)}`;
    let found = this.compared.get(key);
    if (found) {
      if (this.running.has(key)) this.assumed.add(key);
    } else {
      found = this.compareOnce(key, written, read);
    }
    return path === '' ? found : found.map(({ path: inner, ...each }) => Object.assign(each, { path: path + inner }));
  }

  /** Compares a pair. Until it ends, other pairs assume that it has no mismatches. */
  private compareOnce(key: string, written: unknown, read: unknown): readonly Mismatch[] {
    const known = this.compared.size;
    this.compared.set(key, NOTHING);
    this.running.add(key);
    const found = this.compare(this.writer.alternativesOf(written), this.reader.alternativesOf(read), '');
    this.running.delete(key);
    const isWrong = this.assumed.delete(key) && found.length > 0 && this.corrections < MAXIMUM_CORRECTIONS;
    if (isWrong) {
      this.corrections += 1;
      for (const other of [...this.compared.keys()].slice(known)) this.compared.delete(other);
    }
    this.compared.set(key, found.slice(0, MAXIMUM_MISMATCHES));
    return found;
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
    if (fitting.length === 1) return this.content(written, fitting[0] as Shaped, path);
    return this.member(written, fitting, path);
  }

  /** Compares an object with the members of a union that readers take it for. */
  private member(
    written: Shaped,
    candidates: readonly Shaped[],
    path: string,
    depth = 0,
  ): readonly Mismatch[] | 'type' {
    const all = this.members.closest(written, candidates).map((each) => this.content(written, each, path));
    const [only] = all;
    if (only && all.length === 1) return only;
    if (all.some((each) => each.length === 0)) return NOTHING;
    const parts = depth < MAXIMUM_SPLITS ? this.members.split(written, candidates) : [];
    const found = parts.map((each) => this.member(each, candidates, path, depth + 1));
    return found.length === 0 || found.includes('type')
      ? 'type'
      : found.flatMap((each) => (each === 'type' ? [] : each));
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
    const [own, other] = [itemsOf(written), itemsOf(read)];
    if (!Array.isArray(own) && !Array.isArray(other)) return this.mismatches(own ?? {}, other ?? {}, `${path}/*`);
    const length = Math.max(Array.isArray(own) ? own.length : 0, Array.isArray(other) ? other.length : 0);
    const [always, required] = [minItemsOf(written), minItemsOf(read)];
    // The last index stands for all further elements.
    return Array.from({ length: length + 1 }, (_, index) => index).flatMap((index) => {
      const at = `${path}/${index === length ? '*' : index}`;
      const [left, right] = [itemAt(written, index), itemAt(read, index)];
      const isMissing = index < length && index < required && index >= always;
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

/**
 * Returns the schema of all elements, or the ones of a tuple. A list without elements is a tuple.
 */
function itemsOf({ items, maxItems }: Schema): unknown {
  return maxItems === 0 ? [] : items;
}

/** Returns the schema of an element of a tuple. False if the tuple has no such element. */
function itemAt(schema: Schema, index: number): unknown {
  const { additionalItems, maxItems } = schema;
  const items = itemsOf(schema);
  if (!Array.isArray(items)) return items;
  if (index < items.length) return items[index];
  return typeof maxItems === 'number' && index >= maxItems ? false : additionalItems;
}

function minItemsOf({ minItems }: Schema): number {
  return typeof minItems === 'number' ? minItems : 0;
}

function namesIn(value: unknown): ReadonlySet<string> {
  return new Set(Array.isArray(value) ? value.map(String) : []);
}
