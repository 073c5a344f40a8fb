import { isRecord } from '../../schematics/shared/edit/json-file';
import type { Document, Json } from '../../schematics/contract/json';
import { singular } from '../../schematics/shared/naming/singular';
import { words } from '../../schematics/shared/naming/words';
import { isIdentifierKey } from './identifiers';

/** JSON Schema of values, without any of the values. */
export interface InferredSchema {
  readonly schema: Document;
  /** Paths whose type is uncertain, with the reason. */
  readonly notes: readonly string[];
}

export interface InferenceOptions {
  /** False to type all texts as `string`. */
  readonly literals: boolean;
}

type Kind = 'object' | 'array' | 'string' | 'number' | 'boolean' | 'null';
type Path = readonly string[];

const MAX_DEPTH = 16;
/** An object with more keys is a map. */
const MAX_FIELDS = 300;
const MOSTLY = 0.8;
/** An object with more keys is a map if each value has few of them. */
const SPARSE_FIELDS = 12;
/** Objects with fewer keys are not a map because of their values. */
const LEAST_KEYS = 3;
const ISO_8601 = /^\d{4}-\d\d-\d\d(?:T\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:?\d\d)?)?$/;
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

// Literals are values of messages, so they are limited to fields that enumerate something, and to
// words that many messages share.
const LITERAL = { samples: 30, fewest: 2, most: 6, each: 3, word: /^[A-Za-z][\w-]{0,31}$/ };
const ENUMERATIONS: ReadonlySet<string> = new Set(
  `category channel class currency direction event format kind level method mode operation phase plan priority
  result severity stage state status tier type unit`.split(/\s+/),
);
const PERSONAL =
  /mail|name|phone|mobile|token|secret|pass|iban|card|address|street|city|birth|gender|sex|user|person|people|player|customer|patient|employee|owner|author|contact|member|account|login|health/i;

/** Infers the JSON Schema of values. The same values in the same order give the same schema. */
export function inferSchema(values: readonly unknown[], options: InferenceOptions): InferredSchema {
  const inference = new Inference(options);
  return { schema: inference.of(values, []), notes: [...inference.notes] };
}

/** Returns true if the keys of objects are ids or vary, so that the objects are maps. */
export function areMaps(objects: readonly object[]): boolean {
  const sizes = objects.map((each) => Object.keys(each).length);
  const counts = new Map<string, number>();
  for (const each of objects) for (const key of Object.keys(each)) counts.set(key, (counts.get(key) ?? 0) + 1);
  const ids = [...counts.keys()].filter(isIdentifierKey).length;
  if (ids / counts.size > MOSTLY || counts.size > MAX_FIELDS) return true;
  const average = sizes.reduce((sum, size) => sum + size, 0) / objects.length;
  const isSparse = average < counts.size / 2 && [...counts.values()].every((count) => count < objects.length * 0.9);
  return counts.size > SPARSE_FIELDS && isSparse;
}

/** Returns true for a field with personal keys by its name, such as `users` or `scoreByPlayer`. */
function isMapOfPeople(path: Path): boolean {
  const field = words(path.at(-1) ?? '').map((word) => word.toLowerCase());
  const last = field.at(-1) ?? '';
  const isPlural = last === 'people' || singular(last) !== last;
  return (isPlural && PERSONAL.test(last)) || field.slice(0, -1).some((word) => word === 'by' || word === 'per');
}

/** Returns true if the keys of nested objects vary, and their values have one kind. */
function areAlike(fields: ReadonlyMap<string, readonly unknown[]>, objects: number, path: Path): boolean {
  if (path.length === 0 || fields.size < LEAST_KEYS) return false;
  const values = [...fields.values()];
  return values.every(({ length }) => length <= objects / 2) && new Set(values.flat().map(kindOf)).size === 1;
}

class Inference {
  readonly notes = new Set<string>();

  constructor(private readonly options: InferenceOptions) {}

  of(values: readonly unknown[], path: Path): Document {
    if (path.length > MAX_DEPTH) return this.unknown(path, 'nested too deeply');
    const byKind = new Map<Kind, unknown[]>();
    for (const value of values) {
      const kind = kindOf(value);
      const known = byKind.get(kind);
      if (known) known.push(value);
      else byKind.set(kind, [value]);
    }
    const isNullable = byKind.delete('null');
    if (byKind.size === 0) return this.unknown(path, isNullable ? 'only null was seen' : 'only empty lists were seen');
    const texts = byKind.get('string') as string[] | undefined;
    if (texts && byKind.size === 1 && this.areLiterals(texts, path))
      return { enum: [...[...new Set(texts)].toSorted(), ...(isNullable ? [null] : [])] };
    const types = [...byKind.keys(), ...(isNullable ? ['null'] : [])];
    this.noteNumbers(byKind.get('number') as number[] | undefined, path);
    const lists = byKind.get('array') as unknown[][] | undefined;
    const objects = byKind.get('object') as object[] | undefined;
    return {
      type: types.length === 1 ? (types[0] ?? 'null') : types,
      ...(texts && byKind.size === 1 ? describedText(texts) : {}),
      ...(lists ? { items: this.of(lists.flat(), [...path, '[]']) } : {}),
      ...(objects ? this.ofObjects(objects, path) : {}),
    };
  }

  private ofObjects(objects: readonly object[], path: Path): Document {
    const fields = new Map<string, unknown[]>();
    for (const each of objects) {
      for (const [key, value] of Object.entries(each)) {
        const known = fields.get(key);
        if (known) known.push(value);
        else fields.set(key, [value]);
      }
    }
    if (fields.delete('__proto__')) this.note([...path, '__proto__'], 'objects cannot store it');
    if (fields.size === 0) return this.emptyObject(path);
    if (areMaps(objects) || isMapOfPeople(path) || areAlike(fields, objects.length, path))
      return { additionalProperties: this.of([...fields.values()].flat(), [...path, '*']) };
    const ids = [...fields.keys()].filter(isIdentifierKey);
    const others = ids.flatMap((key) => fields.get(key) ?? []);
    ids.forEach((key) => fields.delete(key));
    const properties = [...fields].map(([key, values]): [string, Json] => [key, this.of(values, [...path, key])]);
    const required = [...fields].filter(([, values]) => values.length === objects.length).map(([key]) => key);
    return {
      properties: Object.fromEntries(properties),
      required,
      ...(ids.length > 0 ? { additionalProperties: this.of(others, [...path, '*']) } : {}),
    };
  }

  private emptyObject(path: Path): Document {
    this.note(path, 'only empty objects were seen');
    return {};
  }

  /** Returns true for the words of an enumeration, such as the states of an order. */
  private areLiterals(texts: readonly string[], path: Path): boolean {
    const field = path.findLast((key) => key !== '[]') ?? '';
    const last = words(field).at(-1)?.toLowerCase() ?? '';
    if (!this.options.literals || !ENUMERATIONS.has(last) || path.some((key) => PERSONAL.test(key))) return false;
    const counts = new Map<string, number>();
    for (const text of texts) {
      counts.set(text, (counts.get(text) ?? 0) + 1);
      if (counts.size > LITERAL.most) return false;
    }
    const areWords = [...counts].every(([text, count]) => LITERAL.word.test(text) && count >= LITERAL.each);
    return areWords && texts.length >= LITERAL.samples && counts.size >= LITERAL.fewest;
  }

  private noteNumbers(numbers: readonly number[] | undefined, path: Path): void {
    if (numbers?.some((each) => Number.isInteger(each) && !Number.isSafeInteger(each)))
      this.note(path, 'numbers above 2^53 are rounded');
  }

  private unknown(path: Path, reason: string): Document {
    this.note(path, reason);
    return {};
  }

  private note(path: Path, reason: string): void {
    this.notes.add(`${path.join('.') || 'payload'} (${reason})`);
  }
}

function kindOf(value: unknown): Kind {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'array';
  return isRecord(value) ? 'object' : (typeof value as Kind);
}

/** Describes texts that all have one well-known format. */
function describedText(texts: readonly string[]): Document {
  if (texts.every((text) => ISO_8601.test(text))) {
    const format = texts.every((text) => text.includes('T')) ? 'date-time' : 'date';
    return { format, description: 'ISO 8601.' };
  }
  return texts.every((text) => UUID.test(text)) ? { format: 'uuid', description: 'UUID.' } : {};
}
