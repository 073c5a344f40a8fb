import { sortUnions, type JsonSchema } from './json-schema';

/** A named type of `components.schemas`. */
export interface Definition {
  /** Name of the type. Two types of different files may have the same one. */
  readonly name: string;
  /** Place of its declaration. Types of one name are ordered by it. */
  readonly place: string;
  schema: JsonSchema;
  readonly references: JsonSchema[];
}

/** Named types that schemas refer to. Their names are final only when all types are read. */
export class Definitions {
  private readonly all = new Map<unknown, Definition>();

  get(key: unknown): Definition | undefined {
    return this.all.get(key);
  }

  add(key: unknown, name: string, place: string): Definition {
    const definition: Definition = { name: legalName(name), place, schema: {}, references: [] };
    this.all.set(key, definition);
    return definition;
  }

  /** Returns a reference. {@link finish} sets its `$ref`. */
  refer(definition: Definition): JsonSchema {
    const reference: JsonSchema = { $ref: '' };
    definition.references.push(reference);
    return reference;
  }

  /** Names all types and returns their schemas by name. A second type of a name has a number. */
  finish(): Record<string, JsonSchema> {
    const ordered = [...this.all.values()].toSorted(
      (a, b) => compare(a.name, b.name) || comparePlaces(a.place, b.place) || compare(textOf(a), textOf(b)),
    );
    const named = new Map<string, Definition>();
    for (const definition of ordered) {
      let name = definition.name;
      for (let number = 2; named.has(name); number += 1) name = `${definition.name}${number}`;
      named.set(name, definition);
      for (const reference of definition.references) reference.$ref = `#/components/schemas/${name}`;
    }
    const schemas = Object.fromEntries(
      [...named].toSorted(([a], [b]) => compare(a, b)).map(([name, { schema }]) => [name, schema]),
    );
    sortUnions(schemas);
    return schemas;
  }
}

/** Names of components allow letters, digits, `.`, `-` and `_` only. */
function legalName(name: string): string {
  return name.replace(/[^A-Za-z0-9._-]+/g, '_').slice(0, 100) || 'Type';
}

function textOf({ schema }: Definition): string {
  return JSON.stringify(schema);
}

export function compare(left: string, right: string): number {
  return left < right ? -1 : left > right ? 1 : 0;
}

/** Compares file and line, such as `src/orders.events.ts:12`. */
export function comparePlaces(left: string, right: string): number {
  const [a, b] = [left, right].map((place) => {
    const colon = place.lastIndexOf(':');
    return { file: place.slice(0, colon), line: Number(place.slice(colon + 1)) };
  });
  return a && b ? compare(a.file, b.file) || a.line - b.line : 0;
}
