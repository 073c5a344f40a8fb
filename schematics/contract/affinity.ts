import { isRecord } from '../shared/edit/json-file';
import { ownValue } from './json';
import type { Alternative, Schema, SchemaModel } from './schema-model';

/** An alternative that has a schema, such as an object. */
export type Shaped = Extract<Alternative, { schema: Schema }>;

/** Limit, because each literal is compared with all members. */
const MAXIMUM_VALUES = 50;

/** A measure of how likely a reader takes a value of the writer for one of its alternatives. */
interface Affinity {
  /** True unless a property has literals in both, and none in common. */
  readonly isPossible: boolean;
  /** Number of properties with one literal that is the same in both, such as `type: 'card'`. */
  readonly literals: number;
  /** Number of properties that both declare. */
  readonly shared: number;
}

/**
 * Finds the alternatives of a union that a reader takes an object for. Readers tell the members of
 * a union apart by their literals, else by the properties that a value has.
 */
export class UnionMembers {
  constructor(
    private readonly writer: SchemaModel,
    private readonly reader: SchemaModel,
  ) {}

  /** Returns the closest candidates. Empty if the literals of all of them differ. */
  closest(written: Shaped, candidates: readonly Shaped[]): Shaped[] {
    const ranked = candidates.map((candidate) => ({
      candidate,
      affinity: this.affinity(written.schema, candidate.schema),
    }));
    const possible = ranked.filter(({ affinity }) => affinity.isPossible);
    const literals = Math.max(...possible.map(({ affinity }) => affinity.literals));
    const similar = possible.filter(({ affinity }) => affinity.literals === literals);
    const shared = Math.max(...similar.map(({ affinity }) => affinity.shared));
    return similar.filter(({ affinity }) => affinity.shared === shared).map(({ candidate }) => candidate);
  }

  /**
   * Splits an object by the literals of a property that tells the candidates apart, such as
   * `kind: 'a' | 'b'`. Empty if there is no such property.
   */
  split(written: Shaped, candidates: readonly Shaped[]): Shaped[] {
    const properties = propertiesOf(written.schema);
    for (const [name, schema] of Object.entries(properties)) {
      const values = literalsOf(this.writer, schema);
      const isTag = candidates.every(({ schema: read }) => literalsOf(this.reader, ownValue(propertiesOf(read), name)));
      if (values && values.length > 1 && values.length <= MAXIMUM_VALUES && isTag)
        return values.map((value) => withProperty(written, name, { const: value }));
    }
    return [];
  }

  private affinity(written: Schema, read: Schema): Affinity {
    const [left, right] = [propertiesOf(written), propertiesOf(read)];
    const names = Object.keys(left);
    // A map may have every property.
    const shared = isRecord(read['additionalProperties']) ? names : names.filter((name) => Object.hasOwn(right, name));
    const literals = names.map((name) => ({
      own: literalsOf(this.writer, left[name]),
      other: literalsOf(this.reader, ownValue(right, name)),
    }));
    return {
      isPossible: literals.every(({ own, other }) => !own || !other || own.some((value) => other.includes(value))),
      literals: literals.filter(({ own, other }) => own?.length === 1 && other?.length === 1 && own[0] === other[0])
        .length,
      shared: shared.length,
    };
  }
}

function withProperty(shaped: Shaped, name: string, schema: Schema): Shaped {
  return { ...shaped, schema: { ...shaped.schema, properties: { ...propertiesOf(shaped.schema), [name]: schema } } };
}

/** Returns the values of a schema that consists of literals. */
function literalsOf(model: SchemaModel, schema: unknown): (string | number | boolean)[] | undefined {
  if (schema === undefined) return undefined;
  const values = model.alternativesOf(schema).flatMap((each) => (each.kind === 'literal' ? [each.value] : [undefined]));
  const known = values.filter((value) => value !== undefined);
  return known.length === values.length && known.length > 0 ? known : undefined;
}

/** Returns the properties that an object declares. */
export function propertiesOf({ properties }: Schema): Record<string, unknown> {
  return isRecord(properties) ? properties : {};
}
