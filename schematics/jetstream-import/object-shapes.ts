import { own, type AsyncApiDocument, type Fields } from './document';
import type { SchemaNotes } from './schema-notes';

const MAX_DEPTH = 24;
/** More alternatives would not be readable, and their number grows exponentially. */
const MAX_SHAPES = 32;

/** Fields of an object schema, with those of `allOf`. */
export interface ObjectShape {
  readonly properties: ReadonlyMap<string, unknown>;
  readonly required: ReadonlySet<string>;
}

const EMPTY: ObjectShape = { properties: new Map(), required: new Set() };

/** Reads the fields of object schemas. */
export class ObjectShapes {
  /** Schemas around the current one, because a schema may be a part of itself. */
  private readonly within: Fields[] = [];

  constructor(
    private readonly document: AsyncApiDocument,
    private readonly notes: SchemaNotes,
  ) {}

  /**
   * Returns the alternatives of an object schema. Undefined if a value of the schema may be
   * anything else than an object with fields.
   */
  of(schema: unknown): readonly ObjectShape[] | undefined {
    const shapes = this.read(schema)?.map(withRequired);
    return shapes?.every(({ properties }) => properties.size > 0) === true ? shapes : undefined;
  }

  /** Returns one shape that has the fields of all shapes. */
  merged(shapes: readonly ObjectShape[]): ObjectShape {
    const names = new Set(shapes.flatMap(({ properties }) => [...properties.keys()]));
    const properties = [...names].map((name): [string, unknown] => {
      const schemas = this.distinct(
        shapes.flatMap((each) => (each.properties.has(name) ? [each.properties.get(name)] : [])),
      );
      return [name, schemas.length === 1 ? schemas[0] : { anyOf: schemas }];
    });
    const required = [...names].filter((name) => shapes.every((each) => each.required.has(name)));
    return { properties: new Map(properties), required: new Set(required) };
  }

  private read(schema: unknown): readonly ObjectShape[] | undefined {
    const fields = this.document.fieldsOf(schema);
    if (!fields) return this.document.follow(schema) === true ? [EMPTY] : undefined;
    if (this.within.includes(fields) || this.within.length > MAX_DEPTH || !this.notes.spend()) return [EMPTY];
    if (!mayBeObject(fields)) return undefined;
    this.within.push(fields);
    const shapes = this.readFields(fields);
    this.within.pop();
    return shapes;
  }

  private readFields(fields: Fields): readonly ObjectShape[] | undefined {
    let shapes: readonly ObjectShape[] = [EMPTY];
    const parts = own(fields, 'allOf');
    for (const part of Array.isArray(parts) ? parts : []) {
      const inherited = this.read(part);
      if (!inherited) return undefined;
      shapes = this.product(shapes, inherited, 'allOf');
    }
    shapes = this.product(shapes, [ownShape(fields)], 'properties');
    const isObject = isObjectSchema(fields) || shapes.some(({ properties }) => properties.size > 0);
    for (const keyword of ['oneOf', 'anyOf']) {
      const members = own(fields, keyword);
      if (!Array.isArray(members)) continue;
      const read = members.map((member) => this.read(member));
      if (!isObject && read.includes(undefined)) return undefined;
      shapes = this.product(
        shapes,
        read.flatMap((each) => each ?? []),
        keyword,
      );
    }
    return shapes;
  }

  /** Returns the shapes of objects that are valid for both schemas. */
  private product(
    left: readonly ObjectShape[],
    right: readonly ObjectShape[],
    keyword: string,
  ): readonly ObjectShape[] {
    if (right.length === 0) return left;
    if (left.length * right.length > MAX_SHAPES) {
      this.notes.ignore(keyword);
      return left;
    }
    return left.flatMap((a) => right.map((b) => this.both(a, b)));
  }

  private both(left: ObjectShape, right: ObjectShape): ObjectShape {
    const properties = new Map(left.properties);
    for (const [name, schema] of right.properties) {
      const schemas = this.distinct(properties.has(name) ? [properties.get(name), schema] : [schema]);
      properties.set(name, schemas.length === 1 ? schema : { ...this.annotations(schemas), allOf: schemas });
    }
    return { properties, required: new Set([...left.required, ...right.required]) };
  }

  /** Returns the description of the last schema that has one. */
  private annotations(schemas: readonly unknown[]): Fields {
    const described = schemas.map((each) => this.document.fieldsOf(each)).findLast((each) => each?.['description']);
    return described ? { description: described['description'] } : {};
  }

  private distinct(schemas: readonly unknown[]): unknown[] {
    return [...new Map(schemas.map((schema) => [this.document.follow(schema), schema])).values()];
  }
}

/** Returns true for a schema that describes objects by itself, without its alternatives. */
function isObjectSchema(schema: Fields): boolean {
  return own(schema, 'properties') !== undefined || own(schema, 'type') === 'object';
}

function mayBeObject(schema: Fields): boolean {
  const type = own(schema, 'type');
  const isLiteral = own(schema, 'const') !== undefined || own(schema, 'enum') !== undefined;
  return !isLiteral && (type === undefined || type === 'object' || (Array.isArray(type) && type.includes('object')));
}

function ownShape(fields: Fields): ObjectShape {
  const listed = own(fields, 'properties');
  const properties = typeof listed === 'object' && listed !== null ? Object.entries(listed) : [];
  const names = own(fields, 'required');
  return {
    properties: new Map<string, unknown>(properties),
    required: new Set(Array.isArray(names) ? names.map(String) : []),
  };
}

/** Adds the required fields that have no schema. */
function withRequired({ properties, required }: ObjectShape): ObjectShape {
  const missing = [...required].filter((name) => !properties.has(name));
  return { properties: new Map([...properties, ...missing.map((name) => [name, true] as const)]), required };
}
