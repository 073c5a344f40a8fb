import { propertyName } from '../shared/template/literal';
import { ts } from '../shared/source/typescript';
import { own, type AsyncApiDocument, type Fields } from './document';

const { factory } = ts;
const MAX_DEPTH = 24;

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
}

/**
 * Returns the fields of an object schema in TypeScript. Constraints such as `minimum` have no type.
 * Undefined if the schema is not one object with fields.
 */
export function fieldsOfSchema(document: AsyncApiDocument, schema: unknown): ImportedFields | undefined {
  const reader = new SchemaReader(document);
  const members = reader.membersOf(schema);
  if (members === undefined || members.length === 0) return undefined;
  const printer = ts.createPrinter({ removeComments: true });
  const file = ts.createSourceFile('event.ts', '', ts.ScriptTarget.Latest);
  const fields = members.map(({ name, node, documentation }) => ({
    name,
    documentation,
    text: printer.printNode(ts.EmitHint.Unspecified, node, file),
  }));
  return { fields, unknown: reader.unknown };
}

interface Member {
  readonly name: string;
  readonly node: ts.PropertySignature;
  readonly documentation: string | undefined;
}

/** Properties of an object schema, with those of `allOf`. */
interface ObjectShape {
  readonly properties: ReadonlyMap<string, unknown>;
  readonly required: ReadonlySet<string>;
}

class SchemaReader {
  readonly unknown: string[] = [];
  /** Schemas around the current one, because a recursive type needs a name. */
  private readonly within: unknown[] = [];
  private readonly path: string[] = [];

  constructor(private readonly document: AsyncApiDocument) {}

  membersOf(schema: unknown): Member[] | undefined {
    const shape = this.shapeOf(schema);
    if (!shape) return undefined;
    return [...shape.properties].map(([name, property]) => {
      const isRequired = shape.required.has(name);
      const key = propertyName(name) === name ? factory.createIdentifier(name) : stringLiteral(name);
      const mark = isRequired ? undefined : factory.createToken(ts.SyntaxKind.QuestionToken);
      const type = this.at(name, () => this.typeOf(property));
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
    this.within.push(fields);
    const type = this.typeOfFields(fields);
    this.within.pop();
    return fields['nullable'] === true ? union([type, nullType()]) : type;
  }

  private typeOfFields(schema: Fields): ts.TypeNode {
    if (own(schema, 'const') !== undefined) return this.literals([own(schema, 'const')]);
    if (Array.isArray(schema['enum'])) return this.literals(schema['enum']);
    for (const key of ['oneOf', 'anyOf']) {
      const members = own(schema, key);
      // Beside fields, the members are constraints such as other lists of required fields.
      if (Array.isArray(members) && !isObjectSchema(schema)) return union(members.map((each) => this.typeOf(each)));
    }
    if (this.shapeOf(schema))
      return factory.createTypeLiteralNode((this.membersOf(schema) ?? []).map(({ node }) => node));
    const parts = own(schema, 'allOf');
    if (Array.isArray(parts)) return this.intersection(parts);
    const type = own(schema, 'type');
    if (Array.isArray(type)) return union(type.map((each) => this.typeOfKind(each, schema)));
    return this.typeOfKind(type, schema);
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
        return this.listOf(schema);
      case 'object': {
        const members = this.membersOf(schema) ?? [];
        return members.length > 0 ? factory.createTypeLiteralNode(members.map(({ node }) => node)) : this.mapOf(schema);
      }
      default:
        return kind === undefined ? unknownType() : this.without(`type '${JSON.stringify(kind)}' is not JSON`);
    }
  }

  private listOf(schema: Fields): ts.TypeNode {
    const items = own(schema, 'items');
    if (Array.isArray(items)) return factory.createTupleTypeNode(items.map((item) => this.typeOf(item)));
    return factory.createArrayTypeNode(this.at('[]', () => this.typeOf(items)));
  }

  private mapOf(schema: Fields): ts.TypeNode {
    const values = own(schema, 'additionalProperties');
    const value = typeof values === 'object' ? this.at('*', () => this.typeOf(values)) : unknownType();
    const key = factory.createKeywordTypeNode(ts.SyntaxKind.StringKeyword);
    return factory.createTypeReferenceNode('Record', [key, value]);
  }

  /** Returns the first type of several schemas that all apply. */
  private intersection(parts: readonly unknown[]): ts.TypeNode {
    const types = parts.map((part) => this.typeOf(part));
    return types.find(({ kind }) => kind !== ts.SyntaxKind.UnknownKeyword) ?? unknownType();
  }

  private literals(values: readonly unknown[]): ts.TypeNode {
    return union(values.map((value) => literalType(value) ?? this.without('an object cannot be a literal')));
  }

  private shapeOf(schema: unknown, depth = 0): ObjectShape | undefined {
    const fields = this.document.fieldsOf(schema);
    if (!fields || depth > MAX_DEPTH) return undefined;
    const parts = own(fields, 'allOf');
    const properties = new Map<string, unknown>();
    const required = new Set<string>();
    for (const part of Array.isArray(parts) ? parts : []) {
      const inherited = this.shapeOf(part, depth + 1);
      inherited?.properties.forEach((property, name) => properties.set(name, property));
      inherited?.required.forEach((name) => required.add(name));
    }
    const listed = own(fields, 'properties');
    if (typeof listed === 'object' && listed !== null)
      for (const name of Object.keys(listed)) properties.set(name, own(listed, name));
    const names = own(fields, 'required');
    for (const name of Array.isArray(names) ? names : []) required.add(String(name));
    return properties.size === 0 ? undefined : { properties, required };
  }

  private at<Result>(name: string, read: () => Result): Result {
    this.path.push(name);
    const result = read();
    this.path.pop();
    return result;
  }

  private without(reason: string): ts.TypeNode {
    this.unknown.push(`${this.path.join('.')} (${reason})`);
    return unknownType();
  }
}

/** Returns the description of a schema, which becomes a comment. */
export function descriptionOf(schema: Fields | undefined): string | undefined {
  const text = schema && own(schema, 'description');
  const parts = [typeof text === 'string' ? text.trim() : '', schema?.['deprecated'] === true ? '@deprecated' : ''];
  return parts.filter((part) => part !== '').join('\n') || undefined;
}

function isObjectSchema(schema: Fields): boolean {
  return own(schema, 'properties') !== undefined || own(schema, 'type') === 'object';
}

function union(types: readonly ts.TypeNode[]): ts.TypeNode {
  const printer = ts.createPrinter();
  const file = ts.createSourceFile('event.ts', '', ts.ScriptTarget.Latest);
  const byText = new Map(types.map((type) => [printer.printNode(ts.EmitHint.Unspecified, type, file), type]));
  const [only, ...others] = [...byText.values()].toSorted((a, b) => Number(isNull(a)) - Number(isNull(b)));
  if (only === undefined || byText.has('unknown')) return unknownType();
  return others.length === 0 ? only : factory.createUnionTypeNode([only, ...others]);
}

function isNull(type: ts.TypeNode): boolean {
  return ts.isLiteralTypeNode(type) && type.literal.kind === ts.SyntaxKind.NullKeyword;
}

function literalType(value: unknown): ts.TypeNode | undefined {
  if (value === null) return nullType();
  if (typeof value === 'string') return factory.createLiteralTypeNode(stringLiteral(value));
  if (typeof value === 'boolean')
    return factory.createLiteralTypeNode(value ? factory.createTrue() : factory.createFalse());
  if (typeof value !== 'number' || !Number.isFinite(value)) return undefined;
  const number = factory.createNumericLiteral(Math.abs(value));
  return factory.createLiteralTypeNode(
    value < 0 ? factory.createPrefixUnaryExpression(ts.SyntaxKind.MinusToken, number) : number,
  );
}

/** Characters that a reader would not see are escaped. */
function stringLiteral(text: string): ts.StringLiteral {
  const node = factory.createStringLiteral(text, true);
  return /\p{C}|[\u2028\u2029]/u.test(text) ? node : ts.setEmitFlags(node, ts.EmitFlags.NoAsciiEscaping);
}

function nullType(): ts.TypeNode {
  return factory.createLiteralTypeNode(factory.createNull());
}

function unknownType(): ts.TypeNode {
  return factory.createKeywordTypeNode(ts.SyntaxKind.UnknownKeyword);
}
