import { propertyName } from '../shared/template/literal';
import { ts } from '../shared/source/typescript';
import { own, type AsyncApiDocument, type Fields } from './document';
import { ObjectShapes, type ObjectShape } from './object-shapes';
import { SchemaNotes } from './schema-notes';
import { intersection, literalType, nullType, stringLiteral, textOf, union, unknownType } from './type-nodes';

const { factory } = ts;
const MAX_DEPTH = 24;
/** Keywords that change which values are valid, but that have no type. */
const UNTYPED = ['not', 'if', 'patternProperties', 'dependentSchemas'];

/** A field of an event, with its comment. */
export interface ImportedField {
  /** The field in TypeScript, such as `note?: string`. */
  readonly text: string;
  readonly name: string;
  readonly documentation: string | undefined;
}

/** The fields of a schema, and what of it has no type. */
export interface ImportedFields {
  readonly fields: readonly ImportedField[];
  /** Paths whose type is `unknown`, with the reason. */
  readonly unknown: readonly string[];
  /** Paths and keywords that have no type. */
  readonly ignored: readonly string[];
}

/**
 * Returns the fields of an object schema in TypeScript. Constraints such as `minimum` have no type.
 * Undefined if the schema is not one object with fields.
 */
export function fieldsOfSchema(document: AsyncApiDocument, schema: unknown): ImportedFields | undefined {
  const notes = new SchemaNotes();
  const members = new SchemaReader(document, notes).eventMembers(schema);
  if (members === undefined) return undefined;
  const fields = members.map(({ name, node, documentation }) => ({ name, documentation, text: textOf(node) }));
  return { fields, unknown: notes.unknown, ignored: notes.ignored };
}

interface Member {
  readonly name: string;
  readonly node: ts.PropertySignature;
  readonly documentation: string | undefined;
}

class SchemaReader {
  /** Schemas around the current one, because a recursive type needs a name. */
  private readonly within: Fields[] = [];
  private readonly shapes: ObjectShapes;

  constructor(
    private readonly document: AsyncApiDocument,
    private readonly notes: SchemaNotes,
  ) {
    this.shapes = new ObjectShapes(document, notes);
  }

  /**
   * Returns the fields of an event that has fields of its own. Its alternatives are merged, because
   * it has one type.
   */
  eventMembers(schema: unknown): Member[] | undefined {
    const fields = this.document.fieldsOf(schema);
    const shapes = fields && hasOneOf(fields, 'properties', 'required', 'allOf') ? this.shapes.of(schema) : undefined;
    const [only, ...others] = shapes ?? [];
    if (!fields || !shapes || !only) return undefined;
    if (own(fields, 'nullable') === true || kindsOf(fields)?.includes('null')) this.notes.ignore('null');
    if (others.length > 0) this.notes.ignore('oneOf');
    this.noteUntyped(fields, true);
    return this.membersOf(others.length > 0 ? this.shapes.merged(shapes) : only);
  }

  private membersOf({ properties, required }: ObjectShape): Member[] {
    return [...properties].map(([name, property]) => {
      const key = propertyName(name) === name ? factory.createIdentifier(name) : stringLiteral(name);
      const mark = required.has(name) ? undefined : factory.createToken(ts.SyntaxKind.QuestionToken);
      const type = this.notes.at(name, () => this.typeOf(property));
      return {
        name,
        node: factory.createPropertySignature(undefined, key, mark, type),
        documentation: descriptionOf(this.document.fieldsOf(property)),
      };
    });
  }

  /** Returns the type of a schema, and `unknown` if TypeScript or JSON has none. */
  private typeOf(schema: unknown): ts.TypeNode {
    const target = this.document.follow(schema);
    if (target === true || target === undefined) return unknownType();
    const fields = this.document.fieldsOf(target);
    if (!fields) return this.without('no value is valid');
    if (this.within.includes(fields)) return this.without('the type is recursive');
    if (this.within.length > MAX_DEPTH) return this.without('the schema is too deep');
    if (!this.notes.spend()) return unknownType();
    this.within.push(fields);
    const type = this.typeOfFields(fields);
    this.within.pop();
    return own(fields, 'nullable') === true ? union([type, nullType()]) : type;
  }

  private typeOfFields(schema: Fields): ts.TypeNode {
    if (own(schema, 'const') !== undefined) return this.literals([own(schema, 'const')]);
    const values = own(schema, 'enum');
    if (Array.isArray(values)) return this.literals(values);
    const kinds = kindsOf(schema);
    const mayBeObject = kinds?.includes('object') ?? true;
    // A single part of allOf has the same values as the schema, such as null.
    const isAlias = !hasOneOf(schema, 'properties', 'required') && listOf(own(schema, 'allOf')).length < 2;
    const shapes = mayBeObject && !isAlias ? this.shapes.of(schema) : undefined;
    this.noteUntyped(schema, shapes !== undefined);
    if (shapes) {
      const objects = shapes.map((each) => factory.createTypeLiteralNode(this.membersOf(each).map(({ node }) => node)));
      const others = (kinds ?? []).filter((kind) => kind !== 'object');
      return union([...objects, ...others.map((kind) => this.typeOfKind(kind, schema))]);
    }
    return this.common([
      ...(kinds ? [union(kinds.map((kind) => this.typeOfKind(kind, schema)))] : []),
      ...['oneOf', 'anyOf'].flatMap((keyword) => {
        const members = own(schema, keyword);
        return Array.isArray(members) ? [union(members.map((each) => this.typeOf(each)))] : [];
      }),
      ...listOf(own(schema, 'allOf')).map((part) => this.typeOf(part)),
    ]);
  }

  /** Returns the type of values that have all types. */
  private common(types: readonly ts.TypeNode[]): ts.TypeNode {
    let result = unknownType();
    for (const type of types) {
      const common = intersection(result, type);
      if (!common) return this.without('its parts exclude each other');
      result = common;
    }
    return result;
  }

  private typeOfKind(kind: unknown, schema: Fields): ts.TypeNode {
    switch (kind) {
      case 'string':
        return factory.createKeywordTypeNode(ts.SyntaxKind.StringKeyword);
      case 'number':
      case 'integer':
        return factory.createKeywordTypeNode(ts.SyntaxKind.NumberKeyword);
      case 'boolean':
        return factory.createKeywordTypeNode(ts.SyntaxKind.BooleanKeyword);
      case 'null':
        return nullType();
      case 'array':
        return this.listType(schema);
      case 'object':
        return this.mapType(schema);
      default:
        return this.without(`type '${JSON.stringify(kind)}' is not JSON`);
    }
  }

  private listType(schema: Fields): ts.TypeNode {
    const items = own(schema, 'items');
    const prefix = own(schema, 'prefixItems');
    if (Array.isArray(prefix)) return this.tupleType(schema, prefix, items);
    if (Array.isArray(items)) return this.tupleType(schema, items, own(schema, 'additionalItems'));
    return factory.createArrayTypeNode(this.notes.at('[]', () => this.typeOf(items)));
  }

  private tupleType(schema: Fields, listed: readonly unknown[], rest: unknown): ts.TypeNode {
    const least = Number(own(schema, 'minItems') ?? 0);
    const most = Number(own(schema, 'maxItems') ?? Infinity);
    const elements = listed.slice(0, most).map((item) => this.notes.at('[]', () => this.typeOf(item)));
    const isClosed = rest === false || most <= listed.length;
    if (elements.length === 0) return factory.createArrayTypeNode(unknownType());
    const typed = elements.map((type, index) => (index < least ? type : factory.createOptionalTypeNode(type)));
    if (!isClosed && this.document.fieldsOf(rest)) {
      const others = this.notes.at('[]', () => this.typeOf(rest));
      return factory.createTupleTypeNode([...typed, factory.createRestTypeNode(factory.createArrayTypeNode(others))]);
    }
    if (!isClosed) this.notes.ignore(`elements after the first ${elements.length}`);
    return factory.createTupleTypeNode(typed);
  }

  private mapType(schema: Fields): ts.TypeNode {
    const others = own(schema, 'additionalProperties');
    const patterns = own(schema, 'patternProperties');
    const schemas = typeof patterns === 'object' && patterns !== null ? Object.values(patterns) : [];
    const values = [...schemas, ...(others === false && schemas.length > 0 ? [] : [others])];
    const typed = values.map((each) => (each === false ? unknownType() : this.notes.at('*', () => this.typeOf(each))));
    const key = factory.createKeywordTypeNode(ts.SyntaxKind.StringKeyword);
    return factory.createTypeReferenceNode('Record', [key, union(typed)]);
  }

  private literals(values: readonly unknown[]): ts.TypeNode {
    return union(values.map((value) => literalType(value) ?? this.without('an object cannot be a literal')));
  }

  private noteUntyped(schema: Fields, hasFields: boolean): void {
    for (const keyword of UNTYPED) if (own(schema, keyword) !== undefined) this.notes.ignore(keyword);
    const others = this.document.fieldsOf(own(schema, 'additionalProperties'));
    if (hasFields && others && Object.keys(others).length > 0) this.notes.ignore('additionalProperties');
  }

  private without(reason: string): ts.TypeNode {
    this.notes.isUnknown(reason);
    return unknownType();
  }
}

/** Returns the description of a schema, which becomes a comment. */
export function descriptionOf(schema: Fields | undefined): string | undefined {
  const text = schema && own(schema, 'description');
  const parts = [typeof text === 'string' ? text.trim() : '', schema?.['deprecated'] === true ? '@deprecated' : ''];
  return parts.filter((part) => part !== '').join('\n') || undefined;
}

function hasOneOf(schema: Fields, ...keywords: readonly string[]): boolean {
  return keywords.some((keyword) => own(schema, keyword) !== undefined);
}

function kindsOf(schema: Fields): readonly unknown[] | undefined {
  const type = own(schema, 'type');
  return type === undefined || Array.isArray(type) ? type : [type];
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}
