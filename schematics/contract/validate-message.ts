import type { JsonSchema } from './json-schema';
import { ownValue, pointerToken, type Json } from './json';
import { SchemaModel, typeText, type Alternative } from './schema-model';

/** A place where a message differs from its schema. Has no value of the message. */
export interface MessageProblem {
  /** JSON pointer. `*` stands for the elements of a list and the keys of a map. */
  readonly path: string;
  /** Difference, such as `expected number, found string`. */
  readonly text: string;
  /** Members of a union are told apart by types, literals and missing properties. */
  readonly kind: 'type' | 'literal' | 'missing' | 'content';
}

interface Place {
  readonly path: string;
  readonly depth: number;
}

const REFERENCE = '#/components/schemas/';
const MAXIMUM_DEPTH = 500;
/** Limit for patterns, because those with several placeholders can take very long. */
const MAXIMUM_STEPS = 10_000_000;
const NO_MEMBER = 'matches no member of the union';
const PLACEHOLDER = /\[\\s\\S\]\*|\[0-9\.eE\+-\]\+/g;

/**
 * Validates messages with the schemas of a contract. It understands {@link JsonSchema} only, which
 * these schemas are. Properties that a schema does not declare are ignored, as handlers do.
 */
export class MessageValidator {
  private readonly model: SchemaModel;
  /** Problems of a named type by the object that has them. Unions would read it very often. */
  private known = new Map<JsonSchema, Map<object, readonly MessageProblem[]>>();

  /** Alternatives of the schemas that a value did not match. */
  private readonly alternatives = new Map<JsonSchema, readonly Alternative[]>();

  constructor(private readonly schemas: Readonly<Record<string, JsonSchema>>) {
    this.model = new SchemaModel({ components: { schemas: schemas as unknown as Json } });
  }

  /**
   * Returns the differences of a message from its schema.
   * @param value result of {@link decodeJson}
   */
  problemsOf(value: unknown, schema: JsonSchema): readonly MessageProblem[] {
    this.known = new Map();
    return distinct(this.check(value, schema, { path: '', depth: 0 }));
  }

  private check(value: unknown, schema: JsonSchema, place: Place): readonly MessageProblem[] {
    const { $ref: reference, allOf = [], anyOf } = schema;
    if (place.depth > MAXIMUM_DEPTH) return [problem(place, 'is nested too deeply to be checked')];
    const inner = { ...place, depth: place.depth + 1 };
    if (reference !== undefined) return this.checkNamed(value, reference, inner);
    return [
      ...allOf.flatMap((each) => this.check(value, each, inner)),
      ...(anyOf ? this.checkUnion(value, anyOf, schema, inner) : []),
      ...this.checkOwn(value, schema, inner),
    ];
  }

  private checkNamed(value: unknown, reference: string, place: Place): readonly MessageProblem[] {
    const schema = ownValue(this.schemas, reference.slice(REFERENCE.length)) as JsonSchema | undefined;
    if (schema === undefined) throw new Error(`The contract has no schema '${reference}'.`);
    if (typeof value !== 'object' || value === null) return this.check(value, schema, place);
    const known = this.known.get(schema) ?? new Map<object, readonly MessageProblem[]>();
    this.known.set(schema, known);
    const problems = known.get(value) ?? this.check(value, schema, place);
    known.set(value, problems);
    return problems;
  }

  /** Returns the problems of the member that the value was most likely written as. */
  private checkUnion(
    value: unknown,
    members: readonly JsonSchema[],
    union: JsonSchema,
    place: Place,
  ): readonly MessageProblem[] {
    const candidates: (readonly MessageProblem[])[] = [];
    for (const member of members) {
      const problems = this.check(value, member, place);
      if (problems.length === 0) return [];
      if (problems.every(({ path, kind }) => path !== place.path || kind === 'content')) candidates.push(problems);
    }
    const [best, ...others] = closest(candidates, place);
    if (!best) return [this.mismatch(value, union, place)];
    const tag = best.find((each) => isTag(each, place));
    if (tag && candidates.length > 1) return [problem(tag, NO_MEMBER)];
    const common = best.filter((each) => others.every((problems) => problems.some((other) => isSame(each, other))));
    return common.length > 0 ? common : [problem(place, NO_MEMBER)];
  }

  private checkOwn(value: unknown, schema: JsonSchema, place: Place): readonly MessageProblem[] {
    if ('const' in schema || schema.enum) {
      const literals = schema.enum ?? [schema.const];
      return literals.includes(value) ? [] : [this.mismatch(value, schema, place)];
    }
    switch (schema.type) {
      case undefined:
        return [];
      case 'string':
        return typeof value === 'string' ? checkText(value, schema, place) : [this.mismatch(value, schema, place)];
      case 'number':
        if (typeof value === 'bigint') return [problem(place, 'is an integer that loses digits as a number')];
        break;
      case 'array':
        if (Array.isArray(value)) return this.checkList(value, schema, place);
        break;
      case 'object':
        if (typeOf(value) === 'object') return this.checkObject(value as object, schema, place);
        break;
    }
    return typeOf(value) === schema.type ? [] : [this.mismatch(value, schema, place)];
  }

  private checkList(list: readonly unknown[], schema: JsonSchema, place: Place): readonly MessageProblem[] {
    const { items, additionalItems, minItems = 0, maxItems = Number.POSITIVE_INFINITY } = schema;
    const isTuple = Array.isArray(items);
    const problems = new Map<string, MessageProblem>();
    list.forEach((element, index) => {
      const ofElement = isTuple ? (items[index] ?? additionalItems) : items;
      if (typeof ofElement !== 'object' || Array.isArray(ofElement)) return;
      const step = isTuple && index < items.length ? String(index) : '*';
      for (const each of this.check(element, ofElement, { ...place, path: `${place.path}/${step}` }))
        problems.set(`${each.path} ${each.text}`, each);
    });
    return [
      ...problems.values(),
      ...(list.length < minItems ? [problem(place, 'has too few elements')] : []),
      ...(list.length > maxItems ? [problem(place, 'has too many elements')] : []),
    ];
  }

  private checkObject(value: object, schema: JsonSchema, place: Place): readonly MessageProblem[] {
    const { properties = {}, required = [], additionalProperties: others } = schema;
    const at = (name: string): Place => ({ ...place, path: `${place.path}/${pointerToken(name)}` });
    const missing = required
      .filter((name) => !Object.hasOwn(value, name))
      .map((name) => problem(at(name), 'is required, and missing', 'missing'));
    const declared = Object.entries(properties)
      .filter(([name]) => Object.hasOwn(value, name))
      .flatMap(([name, each]) => this.check(ownValue(value, name), each, at(name)));
    if (typeof others !== 'object') return [...missing, ...declared];
    // Keys of a map can be personal data.
    const further = Object.entries(value)
      .filter(([name]) => !Object.hasOwn(properties, name))
      .flatMap(([, each]) => this.check(each, others, { ...place, path: `${place.path}/*` }));
    return [...missing, ...declared, ...distinct(further)];
  }

  private mismatch(value: unknown, schema: JsonSchema, place: Place): MessageProblem {
    const expected = this.alternatives.get(schema) ?? this.model.alternativesOf(schema);
    this.alternatives.set(schema, expected);
    const found = typeOf(value);
    const isOfType = expected.some((each) => each.kind === 'literal' && typeof each.value === found);
    if (expected.some(({ kind }) => kind === found)) return problem(place, NO_MEMBER, 'literal');
    const text = `expected ${typeText(expected)}, found ${isOfType ? 'another ' : ''}${found}`;
    return problem(place, text, isOfType ? 'literal' : 'type');
  }
}

/**
 * Returns the problems of the members that a value is closest to: first by the literals that tell
 * members apart, and then by the properties that it has.
 */
function closest(candidates: readonly (readonly MessageProblem[])[], place: Place): (readonly MessageProblem[])[] {
  const ranked = candidates.map((problems) => ({
    problems,
    distance: [
      problems.filter((each) => isTag(each, place)).length,
      problems.filter(({ kind, path }) => kind === 'missing' && isDirect(path, place)).length,
      problems.length,
    ],
  }));
  const [first] = ranked.toSorted((a, b) => compareLists(a.distance, b.distance));
  return ranked
    .filter(({ distance }) => first && compareLists(distance, first.distance) === 0)
    .map((each) => each.problems);
}

function compareLists(left: readonly number[], right: readonly number[]): number {
  return left.map((each, index) => each - (right[index] ?? 0)).find((difference) => difference !== 0) ?? 0;
}

/** Returns true for a property with another literal, such as the `kind` of another member. */
function isTag({ kind, path }: MessageProblem, place: Place): boolean {
  return kind === 'literal' && isDirect(path, place);
}

/** Returns true for the path of a property or an element of a value. */
function isDirect(path: string, place: Place): boolean {
  return path.lastIndexOf('/') === place.path.length;
}

function isSame(left: MessageProblem, right: MessageProblem): boolean {
  return left.path === right.path && left.text === right.text;
}

function checkText(value: string, { format, pattern }: JsonSchema, place: Place): readonly MessageProblem[] {
  if (format === 'date-time' && Number.isNaN(Date.parse(value))) return [problem(place, 'is not a date')];
  if (pattern === undefined || matches(value, pattern)) return [];
  return [problem(place, 'does not match its template', 'literal')];
}

/** Returns true if a text matches, or if this takes too long to find out. */
function matches(value: string, pattern: string): boolean {
  const placeholders = pattern.match(PLACEHOLDER)?.length ?? 0;
  return value.length ** placeholders > MAXIMUM_STEPS || new RegExp(pattern).test(value);
}

function typeOf(value: unknown): string {
  if (value === null) return 'null';
  if (typeof value === 'bigint') return 'number';
  return Array.isArray(value) ? 'array' : typeof value;
}

function problem(
  { path }: Pick<Place, 'path'>,
  text: string,
  kind: MessageProblem['kind'] = 'content',
): MessageProblem {
  return { path, text, kind };
}

function distinct(problems: readonly MessageProblem[]): MessageProblem[] {
  return [...new Map(problems.map((each) => [`${each.path} ${each.text}`, each])).values()];
}
