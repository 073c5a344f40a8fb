import { relative, sep } from 'node:path';
import { ts } from '../shared/source/typescript';
import { compare, type Definition, Definitions } from './definitions';
import { documentationOf } from './documentation';
import { anyOf, described, type JsonSchema } from './json-schema';

/** A type of an event that JSON cannot carry, or that allows every value. */
export interface TypeProblem {
  readonly kind: 'notJson' | 'unknown';
  /** Path in the event, such as `lines[].price`. Empty for the event itself. */
  readonly path: string;
  readonly type: string;
  /** File and line of its declaration, such as `src/orders.events.ts:12`. */
  readonly place: string;
}

interface Visit {
  readonly path: string;
  readonly depth: number;
  /** Declaration for the place of a problem. */
  readonly at: ts.Node;
  /** Unnamed types around this one. One that contains itself is named. */
  readonly around: ReadonlyMap<ts.Type, { definition?: Definition }>;
}

const MAXIMUM_DEPTH = 40;
/** Objects of the language that JSON writes without their content. */
const UNENCODABLE =
  /^(Map|Set|WeakMap|WeakSet|ReadonlyMap|ReadonlySet|Promise|PromiseLike|RegExp|Error|Function|ArrayBuffer|SharedArrayBuffer|DataView|\w+(?:8|16|32|64|Clamped)Array)$/;
const WRAPPERS: Readonly<Record<string, string>> = { String: 'string', Number: 'number', Boolean: 'boolean' };

/** Converts types of events to JSON Schema, as `JSON.stringify` encodes their values. */
export class TypeSchemas {
  readonly definitions = new Definitions();
  /** Declarations of the types that were read. */
  readonly nodes = new Set<ts.Node>();

  constructor(
    private readonly program: ts.Program,
    private readonly workspace: string,
    private readonly checker = program.getTypeChecker(),
  ) {}

  /** Returns the schema of an event's type, and adds its mistakes to `problems`. */
  schemaOf(type: ts.Type, at: ts.Node, problems: TypeProblem[]): JsonSchema {
    return this.convert(type, { path: '', depth: 0, at, around: new Map() }, problems);
  }

  /** Returns the name of an event's type, unless it is generic or has none. */
  nameOf(type: ts.Type): string | undefined {
    return type.flags & (ts.TypeFlags.Object | ts.TypeFlags.Intersection) ? this.named(type)?.name : undefined;
  }

  /** Returns file and line of a node, relative to the workspace. */
  placeOf(node: ts.Node): string {
    const source = node.getSourceFile();
    const { line } = source.getLineAndCharacterOfPosition(node.getStart());
    return `${relative(this.workspace, source.fileName).split(sep).join('/')}:${line + 1}`;
  }

  private convert(type: ts.Type, visit: Visit, problems: TypeProblem[]): JsonSchema {
    const { flags } = type;
    if (visit.depth > MAXIMUM_DEPTH) return this.refuse(type, visit, problems);
    if (flags & (ts.TypeFlags.Any | ts.TypeFlags.Unknown)) return this.report('unknown', type, visit, problems);
    if (type.isUnion()) return this.nested(type, visit, (inner) => this.union(type, inner, problems));
    if (type.isStringLiteral() || type.isNumberLiteral()) return { const: type.value };
    if (flags & ts.TypeFlags.BooleanLiteral) return { const: this.checker.typeToString(type) === 'true' };
    if (flags & ts.TypeFlags.TemplateLiteral) return templateSchema(type as ts.TemplateLiteralType);
    if (flags & ts.TypeFlags.StringLike) return { type: 'string' };
    if (flags & ts.TypeFlags.NumberLike) return { type: 'number' };
    if (flags & ts.TypeFlags.BooleanLike) return { type: 'boolean' };
    if (flags & (ts.TypeFlags.Null | ts.TypeFlags.Undefined | ts.TypeFlags.Void)) return { type: 'null' };
    if (flags & ts.TypeFlags.NonPrimitive) return { type: 'object', additionalProperties: {} };
    if (flags & (ts.TypeFlags.Object | ts.TypeFlags.Intersection)) return this.object(type, visit, problems);
    if (flags & ts.TypeFlags.TypeParameter) return this.report('unknown', type, visit, problems);
    return this.refuse(type, visit, problems);
  }

  private union({ types }: ts.UnionType, visit: Visit, problems: TypeProblem[]): JsonSchema {
    const carried = types.filter((each) => !isUndefined(each));
    return anyOf(carried.map((each) => this.convert(each, visit, problems)));
  }

  private object(type: ts.Type, visit: Visit, problems: TypeProblem[]): JsonSchema {
    const { checker } = this;
    // A branded primitive, such as `string & { readonly brand: 'id' }`.
    const primitive = type.isIntersection()
      ? type.types.find((each) => !(each.flags & ts.TypeFlags.Object))
      : undefined;
    if (primitive) return this.convert(primitive, visit, problems);
    const name = type.symbol?.name ?? '';
    if (this.isOfLanguage(type.symbol)) {
      if (name === 'Date') return { type: 'string', format: 'date-time' };
      const wrapped = WRAPPERS[name];
      if (wrapped !== undefined) return { type: wrapped };
      if (UNENCODABLE.test(name)) return this.refuse(type, visit, problems);
    }
    const toJson = type.getProperty('toJSON');
    const [signature] = toJson ? checker.getTypeOfSymbol(toJson).getCallSignatures() : [];
    if (signature) return this.convert(signature.getReturnType(), deeper(visit, visit.path), problems);
    if (type.getCallSignatures().length + type.getConstructSignatures().length > 0)
      return this.refuse(type, visit, problems);
    if (checker.isTupleType(type))
      return this.nested(type, visit, (inner) => this.tuple(type as ts.TypeReference, inner, problems));
    const element = checker.isArrayLikeType(type) ? type.getNumberIndexType() : undefined;
    if (element)
      return this.nested(type, visit, (inner) => ({ type: 'array', items: this.element(element, inner, problems) }));
    const named = this.named(type);
    if (!named) return this.nested(type, visit, (inner) => this.members(type, inner, problems));
    const known = this.definitions.get(named.key);
    if (known) return this.definitions.refer(known);
    const definition = this.definitions.add(named.key, named.name, named.place);
    const schema = this.members(type, { ...deeper(visit, visit.path), around: new Map() }, problems);
    definition.schema = described(schema, documentationOf(named.symbol, checker));
    return this.definitions.refer(definition);
  }

  /** Converts a type without a name. One that contains itself gets a definition. */
  private nested(type: ts.Type, visit: Visit, convert: (visit: Visit) => JsonSchema): JsonSchema {
    const outer = visit.around.get(type);
    if (outer) {
      outer.definition ??= this.definitions.add(
        type,
        type.aliasSymbol?.name ?? this.checker.typeToString(type),
        this.placeOf(visit.at),
      );
      return this.definitions.refer(outer.definition);
    }
    const known = this.definitions.get(type);
    if (known) return this.definitions.refer(known);
    const own: { definition?: Definition } = {};
    const schema = convert({ ...deeper(visit, visit.path), around: new Map([...visit.around, [type, own]]) });
    if (!own.definition) return schema;
    own.definition.schema = schema;
    return this.definitions.refer(own.definition);
  }

  private tuple(type: ts.TypeReference, visit: Visit, problems: TypeProblem[]): JsonSchema {
    const { elementFlags } = type.target as ts.TupleType;
    const elements = this.checker.getTypeArguments(type).map((each) => this.element(each, visit, problems));
    if (elements.length === 0) return { type: 'array', maxItems: 0 };
    const minItems = elementFlags.filter((each) => each & ts.ElementFlags.Required).length;
    const first = elementFlags.findIndex((each) => each & ts.ElementFlags.Variable);
    if (first === -1) return { type: 'array', items: elements, minItems, maxItems: elements.length };
    if (first === 0) return { type: 'array', items: anyOf(elements), minItems };
    // The positions of elements after the first variable one are unknown.
    const [items, others] = [elements.slice(0, first), elements.slice(first)];
    return { type: 'array', items, minItems, additionalItems: anyOf(others) };
  }

  /** Converts an element of an array. JSON writes `null` for `undefined` there. */
  private element(type: ts.Type, visit: Visit, problems: TypeProblem[]): JsonSchema {
    const schema = this.convert(type, deeper(visit, `${visit.path}[]`), problems);
    return mayBeUndefined(type) && !includesNull(type) ? anyOf([schema, { type: 'null' }]) : schema;
  }

  private members(type: ts.Type, visit: Visit, problems: TypeProblem[]): JsonSchema {
    const { checker } = this;
    for (const symbol of [type.aliasSymbol, type.symbol])
      for (const declaration of symbol?.declarations ?? []) this.nodes.add(declaration);
    const required: string[] = [];
    const properties: [string, JsonSchema][] = [];
    for (const property of checker.getPropertiesOfType(type)) {
      const { name } = property;
      const member = checker.getTypeOfSymbol(property);
      const kept = checker.getNonNullableType(member);
      if (!this.isEncoded(property, kept)) continue;
      if (kept.flags & ts.TypeFlags.Never && !includesNull(member)) continue;
      const at = property.valueDeclaration ?? visit.at;
      const path = visit.path === '' ? name : `${visit.path}.${name}`;
      const schema = this.convert(member, { ...deeper(visit, path), at }, problems);
      properties.push([name, described(schema, documentationOf(property, checker))]);
      const isOptional = property.flags & ts.SymbolFlags.Optional || mayBeUndefined(member);
      if (!isOptional) required.push(name);
    }
    const index = checker
      .getIndexInfosOfType(type)
      .filter(({ keyType }) => !(keyType.flags & ts.TypeFlags.ESSymbolLike));
    const values = index.map(({ type: value }) => this.convert(value, deeper(visit, `${visit.path}{}`), problems));
    return {
      type: 'object',
      ...(properties.length === 0
        ? {}
        : { properties: Object.fromEntries(properties.toSorted(([left], [right]) => compare(left, right))) }),
      ...(required.length === 0 ? {} : { required: required.toSorted(compare) }),
      ...(values.length === 0 ? {} : { additionalProperties: anyOf(values) }),
    };
  }

  /**
   * Returns false for methods, accessors of classes, and keys that are symbols or private names.
   * `Omit` and similar types have a property in place of each method and accessor.
   */
  private isEncoded({ escapedName, flags, declarations = [] }: ts.Symbol, type: ts.Type): boolean {
    const key = String(escapedName);
    if (key.startsWith('__@') || key.startsWith('__#')) return false;
    if (declarations.some(isMethod) && type.getCallSignatures().length > 0) return false;
    const accessor = declarations.find(isAccessorOfClass);
    return !accessor || !(flags & ts.SymbolFlags.Accessor || this.typeOf(accessor) === type);
  }

  private typeOf(declaration: ts.Node): ts.Type {
    return this.checker.getNonNullableType(this.checker.getTypeAtLocation(declaration));
  }

  /** Returns the name of a type that is not generic: of an interface, a class or an alias. */
  private named(type: ts.Type): { name: string; key: unknown; place: string; symbol: ts.Symbol } | undefined {
    const alias = type.aliasSymbol;
    const isAlias = alias !== undefined && !type.aliasTypeArguments?.length;
    const symbol = isAlias ? alias : type.symbol;
    const declaration = symbol?.declarations?.[0];
    if (!symbol || !declaration) return undefined;
    const isNamed = isAlias || ts.isInterfaceDeclaration(declaration) || ts.isClassDeclaration(declaration);
    const isGeneric =
      symbol.declarations?.some((each) => (each as { typeParameters?: unknown }).typeParameters) ?? false;
    if (!isNamed || isGeneric || (alias && !isAlias) || symbol.name.startsWith('__')) return undefined;
    if (this.isOfLanguage(symbol)) return undefined;
    return {
      name: symbol.name === 'default' ? 'Type' : symbol.name,
      key: symbol,
      place: this.placeOf(declaration),
      symbol,
    };
  }

  private isOfLanguage(symbol: ts.Symbol | undefined): boolean {
    const file = symbol?.declarations?.[0]?.getSourceFile();
    return (
      file !== undefined && (this.program.isSourceFileDefaultLibrary(file) || /\/@types\/node\//.test(file.fileName))
    );
  }

  private refuse(type: ts.Type, visit: Visit, problems: TypeProblem[]): JsonSchema {
    return this.report('notJson', type, visit, problems);
  }

  private report(kind: TypeProblem['kind'], type: ts.Type, { path, at }: Visit, problems: TypeProblem[]): JsonSchema {
    problems.push({ kind, path, type: this.checker.typeToString(type), place: this.placeOf(at) });
    return {};
  }
}

function isMethod(node: ts.Node): boolean {
  return ts.isMethodDeclaration(node) || ts.isMethodSignature(node);
}

function isAccessorOfClass(node: ts.Node): boolean {
  return ts.isAccessor(node) && ts.isClassLike(node.parent);
}

function deeper(visit: Visit, path: string): Visit {
  return { ...visit, path, depth: visit.depth + 1 };
}

function isUndefined({ flags }: ts.Type): boolean {
  return (flags & (ts.TypeFlags.Undefined | ts.TypeFlags.Void)) !== 0;
}

function mayBeUndefined(type: ts.Type): boolean {
  return isUndefined(type) || (type.isUnion() && type.types.some(isUndefined));
}

function includesNull(type: ts.Type): boolean {
  return (type.flags & ts.TypeFlags.Null) !== 0 || (type.isUnion() && type.types.some(includesNull));
}

/** Returns the pattern of a template literal type, such as `order-${number}`. */
function templateSchema({ texts, types }: ts.TemplateLiteralType): JsonSchema {
  const parts = texts.map((text, index) => {
    const type = types[index];
    const placeholder = type === undefined ? '' : type.flags & ts.TypeFlags.NumberLike ? '-?[0-9.eE+-]+' : '[\\s\\S]*';
    return text.replace(/[.*+?^${}()|[\]\\/]/g, '\\$&') + placeholder;
  });
  return { type: 'string', pattern: `^${parts.join('')}$` };
}
