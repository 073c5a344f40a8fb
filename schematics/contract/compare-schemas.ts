import { isRecord } from '../shared/edit/json-file';
import { type Shaped, UnionMembers } from './affinity';
import { SchemaRules, type Mismatch } from './rules';
import { ownValue, pointerToken } from './json';
import type { Schema, SchemaModel } from './schema-model';

/**
 * The side that a change breaks. `backward`: this version reads messages of the previous one.
 * `forward`: the previous version reads messages of this one.
 */
export type Direction = 'backward' | 'forward';

/** A difference of two schemas. A change without directions only loses data. */
export interface SchemaChange {
  /** JSON pointer in the message. */
  readonly path: string;
  /** The difference in words, such as `number → string`. */
  readonly text: string;
  readonly breaks: readonly Direction[];
  readonly kind: 'added' | 'removed' | 'nowRequired' | 'nowOptional' | 'type';
}

/** A schema of one of the two documents. */
export interface Side {
  readonly model: SchemaModel;
  readonly schema: unknown;
}

type Dropped = Pick<SchemaChange, 'path' | 'text'>;
/** Schemas with those that they were compared with. */
type Seen = Map<Schema, Set<Schema>>;

interface Place {
  readonly previous: Side;
  readonly current: Side;
  readonly path: string;
  readonly seen: Seen;
}

/** Compares the schema of a message with its previous one. */
export function compareSchemas(previous: Side, current: Side): SchemaChange[] {
  const backward = new SchemaRules(previous.model, current.model).mismatches(previous.schema, current.schema);
  const forward = new SchemaRules(current.model, previous.model).mismatches(current.schema, previous.schema);
  const changes = [
    ...backward.map((each) => changeOf(each, 'backward')),
    ...forward.map((each) => changeOf(each, 'forward')),
  ];
  const byPlace = new Map<string, SchemaChange>();
  for (const change of changes) {
    const key = `${change.path} ${change.kind}`;
    const other = byPlace.get(key);
    const breaks = new Set([...(other?.breaks ?? []), ...change.breaks]);
    byPlace.set(key, { ...change, ...(other && { text: other.text }), breaks: [...breaks] });
  }
  const broken = new Set(changes.map(({ path }) => path));
  const dropped = droppedProperties(previous, current)
    .filter(({ path }) => !broken.has(path))
    .map(({ path, text }): SchemaChange => ({ path, text, breaks: [], kind: 'removed' }));
  return [...byPlace.values(), ...dropped].toSorted((a, b) => (a.path < b.path ? -1 : a.path > b.path ? 1 : 0));
}

function changeOf({ kind, path, written, read }: Mismatch, direction: Direction): SchemaChange {
  const breaks = [direction];
  const isBackward = direction === 'backward';
  switch (kind) {
    case 'missing':
      return isBackward
        ? { path, breaks, kind: 'added', text: 'added, required' }
        : { path, breaks, kind: 'removed', text: 'removed, was required' };
    case 'optional':
      return isBackward
        ? { path, breaks, kind: 'nowRequired', text: 'optional → required' }
        : { path, breaks, kind: 'nowOptional', text: 'required → optional' };
    case 'extra':
      return isBackward
        ? { path, breaks, kind: 'removed', text: 'removed, and no longer allowed' }
        : { path, breaks, kind: 'added', text: 'added, and was not allowed' };
    case 'type':
      break;
  }
  return { path, breaks, kind, text: isBackward ? `${written} → ${read}` : `${read} → ${written}` };
}

/** Returns the optional properties that are no longer declared. */
function droppedProperties(previous: Side, current: Side, path = '', seen: Seen = new Map()): Dropped[] {
  const [left, right] = [shapesOf(previous), shapesOf(current)];
  const members = new UnionMembers(previous.model, current.model);
  const found = left.flatMap((shape): Dropped[] => {
    const candidates = right.filter(({ kind }) => kind === shape.kind);
    const [only, ...others] =
      candidates.length === 1 && left.length === 1 ? candidates : members.closest(shape, candidates);
    return only && others.length === 0 ? droppedOf(shape.schema, only.schema, { previous, current, path, seen }) : [];
  });
  return [...new Map(found.map((each) => [each.path, each])).values()];
}

function droppedOf(left: Schema, right: Schema, { previous, current, path, seen }: Place): Dropped[] {
  // Types are compared once, at their first place.
  const counterparts = seen.get(left) ?? new Set();
  if (counterparts.has(right)) return [];
  seen.set(left, counterparts.add(right));
  const inner = (schema: unknown, counterpart: unknown, at: string): Dropped[] =>
    droppedProperties({ ...previous, schema }, { ...current, schema: counterpart }, at, seen);
  if (isRecord(left['items']) && isRecord(right['items'])) return inner(left['items'], right['items'], `${path}/*`);
  const { properties: own, additionalProperties: values } = left;
  const { properties: other, additionalProperties: otherValues } = right;
  const ofMap = isRecord(values) && isRecord(otherValues) ? inner(values, otherValues, `${path}/*`) : [];
  if (!isRecord(own)) return ofMap;
  const ofProperties = Object.entries(own).flatMap(([name, schema]): Dropped[] => {
    const at = `${path}/${pointerToken(name)}`;
    const counterpart = isRecord(other) ? ownValue(other, name) : undefined;
    if (counterpart === undefined) return isRecord(otherValues) ? [] : [{ path: at, text: 'removed, was optional' }];
    return inner(schema, counterpart, at);
  });
  return [...ofProperties, ...ofMap];
}

/** Returns the alternatives of a type that are objects or arrays. */
function shapesOf({ model, schema }: Side): Shaped[] {
  return model.alternativesOf(schema).filter((each): each is Shaped => each.kind === 'object' || each.kind === 'array');
}
