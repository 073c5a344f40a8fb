import { isDeepStrictEqual } from 'node:util';
import { isRecord } from '../shared/edit/json-file';
import { ownValue, type Document } from './json';
import { ContractError } from './errors';

/** A schema as it is in a document. */
export type Schema = Readonly<Record<string, unknown>>;

/** A kind of value in a schema. A schema is a union of alternatives. */
export type Alternative =
  | { readonly kind: 'any' }
  | { readonly kind: 'null' }
  | { readonly kind: 'literal'; readonly value: string | number | boolean }
  | { readonly kind: 'string' | 'number' | 'integer' | 'array' | 'object' | 'opaque'; readonly schema: Schema };

/** Keywords that the rules do not understand. Such schemas are compared as a whole. */
const OPAQUE = [
  'not',
  'if',
  'contains',
  'propertyNames',
  'dependencies',
  'patternProperties',
  'prefixItems',
  '$dynamicRef',
];
const ANY: Schema = {};
/** Limits for schemas that refer to each other without end. */
const MAXIMUM_DEPTH = 200;
const MAXIMUM_STEPS = 2_000_000;
const MAXIMUM_NODES = 10_000;

/** Splits the schemas of one document into alternatives. */
export class SchemaModel {
  // Schemas are read once, because a small document can have very many paths to one of them.
  private readonly alternatives = new Map<unknown, Alternative[]>();
  private readonly resolved = new Map<unknown, Schema>();
  private steps = 0;

  constructor(private readonly document: Document) {}

  /**
   * Returns the alternatives of a schema. A missing or true schema allows any value.
   * @throws ContractError (`INVALID_DOCUMENT`) for schemas that contain themselves
   */
  alternativesOf(schema: unknown, depth = 0): Alternative[] {
    if (schema === false) return [];
    const resolved = this.resolve(schema, depth);
    const known = this.alternatives.get(resolved);
    if (known) return known;
    const found = [...new Set(this.split(resolved, depth))];
    this.alternatives.set(resolved, found);
    return found;
  }

  /**
   * Follows `$ref` and merges `allOf`. Only references within the document are followed.
   * @throws ContractError (`INVALID_DOCUMENT`) for schemas that contain themselves
   */
  resolve(schema: unknown, depth = 0): Schema {
    if (!isRecord(schema)) return ANY;
    this.steps += 1;
    const known = this.resolved.get(schema);
    if (known && depth <= MAXIMUM_DEPTH) return known;
    if (depth > MAXIMUM_DEPTH || this.steps > MAXIMUM_STEPS)
      throw new ContractError(
        'INVALID_DOCUMENT',
        'The document has schemas that refer to each other without end.',
        schema,
      );
    const { $ref: reference, allOf, ...own } = schema;
    const target = typeof reference === 'string' ? this.at(reference) : undefined;
    const resolved =
      target !== undefined
        ? this.resolve(target, depth + 1)
        : Array.isArray(allOf) && reference === undefined
          ? allOf.map((each) => this.resolve(each, depth + 1)).reduce(merged, own)
          : schema;
    this.resolved.set(schema, resolved);
    return resolved;
  }

  private split(schema: Schema, depth: number): Alternative[] {
    const isOpaque =
      typeof schema['$ref'] === 'string' ||
      OPAQUE.some((keyword) => schema[keyword] !== undefined) ||
      (schema['anyOf'] !== undefined && schema['oneOf'] !== undefined);
    if (isOpaque) return [{ kind: 'opaque', schema: this.expanded(schema, { nodes: MAXIMUM_NODES }) as Schema }];
    const { const: constant, enum: values, anyOf, oneOf, ...others } = schema;
    if (constant !== undefined) return [literal(constant, schema)];
    if (Array.isArray(values)) return values.map((value) => literal(value, schema));
    const rest = withoutTexts(others);
    for (const members of [anyOf, oneOf]) {
      if (!Array.isArray(members)) continue;
      return Object.keys(rest).length === 0
        ? members.flatMap((member) => this.alternativesOf(member, depth + 1))
        : members.flatMap((member) => this.alternativesOf(merged(rest, this.resolve(member)), depth + 1));
    }
    return typesOf(schema).flatMap((type) => alternativesOfType(type, schema));
  }

  /** Replaces references by their schemas, so that a change of these is seen. */
  private expanded(value: unknown, budget: { nodes: number }, around: readonly string[] = []): unknown {
    budget.nodes -= 1;
    if (budget.nodes < 0 || typeof value !== 'object' || value === null) return value;
    if (Array.isArray(value)) return value.map((each) => this.expanded(each, budget, around));
    const reference = ownValue(value, '$ref');
    const target = typeof reference === 'string' && !around.includes(reference) ? this.at(reference) : undefined;
    if (target !== undefined) return this.expanded(target, budget, [...around, String(reference)]);
    return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, this.expanded(each, budget, around)]));
  }

  /** Returns the part of the document that a reference names. */
  at(reference: string): unknown {
    if (!reference.startsWith('#/')) return undefined;
    return reference
      .slice(2)
      .split('/')
      .map((key) => decoded(key).replaceAll('~1', '/').replaceAll('~0', '~'))
      .reduce<unknown>(
        (value, key) => (isRecord(value) || Array.isArray(value) ? ownValue(value, key) : undefined),
        this.document,
      );
  }
}

/** Describes a schema in one line, as TypeScript writes it. */
export function typeText(alternatives: readonly Alternative[]): string {
  const texts = new Set(alternatives.map(alternativeText));
  if (texts.has('true') && texts.has('false')) {
    texts.delete('true');
    texts.delete('false');
    texts.add('boolean');
  }
  return texts.size === 0 ? 'never' : [...texts].join(' | ');
}

function alternativeText(alternative: Alternative): string {
  if (alternative.kind === 'literal') return JSON.stringify(alternative.value);
  if (alternative.kind === 'any') return 'any value';
  if (alternative.kind === 'null') return 'null';
  const { format, title } = alternative.schema;
  if (alternative.kind === 'string' && typeof format === 'string') return `string (${format})`;
  if (alternative.kind === 'opaque') return typeof title === 'string' ? title : 'a schema that cannot be compared';
  return alternative.kind;
}

function literal(value: unknown, schema: Schema): Alternative {
  if (value === null) return { kind: 'null' };
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean')
    return { kind: 'literal', value };
  return { kind: 'opaque', schema };
}

function typesOf(schema: Schema): string[] {
  const { type } = schema;
  if (typeof type === 'string') return [type];
  if (Array.isArray(type)) return type.map(String);
  if (['properties', 'required', 'additionalProperties'].some((keyword) => schema[keyword] !== undefined))
    return ['object'];
  return schema['items'] === undefined ? ['any'] : ['array'];
}

function alternativesOfType(type: string, schema: Schema): Alternative[] {
  switch (type) {
    case 'boolean':
      return [
        { kind: 'literal', value: true },
        { kind: 'literal', value: false },
      ];
    case 'null':
    case 'any':
      return [{ kind: type }];
    case 'string':
    case 'number':
    case 'integer':
    case 'array':
    case 'object':
      return [{ kind: type, schema }];
    default:
      return [{ kind: 'opaque', schema }];
  }
}

function merged(left: Schema, right: Schema): Schema {
  const both = [left, right];
  const properties = both.map(({ properties: each }) => each).filter(isRecord);
  const required = both.flatMap(({ required: each }) => (Array.isArray(each) ? each : []));
  const texts = { ...left, ...right };
  const hasUnions = [left, right].every((each) => each['anyOf'] !== undefined || each['oneOf'] !== undefined);
  return {
    ...texts,
    ...(properties.length === 0 ? {} : { properties: properties.reduce(mergedProperties) }),
    ...(required.length === 0 ? {} : { required: [...new Set(required)] }),
    ...(hasUnions && !isDeepStrictEqual(left, right) ? { not: both } : {}),
  };
}

/** Merges properties. One that both have must match both. */
function mergedProperties(left: Schema, right: Schema): Schema {
  const entries = Object.entries(right).map(([name, schema]) => {
    const other = ownValue(left, name);
    return [name, other === undefined || isDeepStrictEqual(other, schema) ? schema : { allOf: [other, schema] }];
  });
  return Object.fromEntries([...Object.entries(left), ...entries]);
}

function withoutTexts(schema: Schema): Schema {
  return Object.fromEntries(
    Object.entries(schema).filter(
      ([keyword]) => !/^(description|title|default|deprecated|examples|x-.*)$/.test(keyword),
    ),
  );
}

function decoded(key: string): string {
  try {
    return decodeURIComponent(key);
  } catch {
    return key;
  }
}
