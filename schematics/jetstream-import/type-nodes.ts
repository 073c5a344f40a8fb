import { ts } from '../shared/source/typescript';

const { factory } = ts;

/** Returns the union of types without duplicates. `null` comes last. */
export function union(types: readonly ts.TypeNode[]): ts.TypeNode {
  const members = types.flatMap(membersOf);
  const byText = new Map(members.map((type) => [textOf(type), type]));
  const [only, ...others] = [...byText.values()].toSorted((a, b) => Number(isNull(a)) - Number(isNull(b)));
  if (only === undefined || byText.has('unknown')) return unknownType();
  return others.length === 0 ? only : factory.createUnionTypeNode([only, ...others]);
}

/** Returns the type of values that have both types. Undefined if there are none. */
export function intersection(left: ts.TypeNode, right: ts.TypeNode): ts.TypeNode | undefined {
  if (left.kind === ts.SyntaxKind.UnknownKeyword) return right;
  if (right.kind === ts.SyntaxKind.UnknownKeyword) return left;
  const common = membersOf(left).flatMap((a) => membersOf(right).flatMap((b) => narrower(a, b) ?? []));
  return common.length === 0 ? undefined : union(common);
}

function membersOf(type: ts.TypeNode): readonly ts.TypeNode[] {
  return ts.isUnionTypeNode(type) ? type.types : [type];
}

/** Returns the narrower of two types that are not unions. Undefined if no value has both. */
function narrower(left: ts.TypeNode, right: ts.TypeNode): ts.TypeNode | undefined {
  if (textOf(left) === textOf(right)) return left;
  if (ts.isArrayTypeNode(left) && ts.isArrayTypeNode(right)) {
    const element = intersection(left.elementType, right.elementType);
    return element && factory.createArrayTypeNode(element);
  }
  const kind = kindOf(left);
  if (kind === undefined || kind !== kindOf(right)) return undefined;
  const isRightNarrower = rank(right) > rank(left);
  return isRightNarrower ? right : rank(left) > rank(right) || kind === 'object' ? left : undefined;
}

/** Returns the kind of JSON value of a type that is not a union. */
function kindOf(type: ts.TypeNode): string | undefined {
  if (ts.isTypeLiteralNode(type) || ts.isTypeReferenceNode(type)) return 'object';
  if (ts.isArrayTypeNode(type) || ts.isTupleTypeNode(type)) return 'array';
  if (type.kind === ts.SyntaxKind.StringKeyword) return 'string';
  if (type.kind === ts.SyntaxKind.NumberKeyword) return 'number';
  if (type.kind === ts.SyntaxKind.BooleanKeyword) return 'boolean';
  if (!ts.isLiteralTypeNode(type)) return undefined;
  if (ts.isStringLiteral(type.literal)) return 'string';
  if (type.literal.kind === ts.SyntaxKind.NullKeyword) return 'null';
  const isBoolean = type.literal.kind === ts.SyntaxKind.TrueKeyword || type.literal.kind === ts.SyntaxKind.FalseKeyword;
  return isBoolean ? 'boolean' : 'number';
}

/** Literals are narrower than keywords, fields than maps, and tuples than lists. */
function rank(type: ts.TypeNode): number {
  return ts.isLiteralTypeNode(type) || ts.isTypeLiteralNode(type) || ts.isTupleTypeNode(type) ? 1 : 0;
}

function isNull(type: ts.TypeNode): boolean {
  return ts.isLiteralTypeNode(type) && type.literal.kind === ts.SyntaxKind.NullKeyword;
}

/** Returns the type of a literal. Undefined for objects and lists. */
export function literalType(value: unknown): ts.TypeNode | undefined {
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
export function stringLiteral(text: string): ts.StringLiteral {
  const node = factory.createStringLiteral(text, true);
  return /\p{C}|[\u2028\u2029]/u.test(text) ? node : ts.setEmitFlags(node, ts.EmitFlags.NoAsciiEscaping);
}

export function nullType(): ts.TypeNode {
  return factory.createLiteralTypeNode(factory.createNull());
}

export function unknownType(): ts.TypeNode {
  return factory.createKeywordTypeNode(ts.SyntaxKind.UnknownKeyword);
}

/** Returns a created node as source code. */
export function textOf(node: ts.Node): string {
  const printer = ts.createPrinter({ removeComments: true });
  return printer.printNode(ts.EmitHint.Unspecified, node, ts.createSourceFile('event.ts', '', ts.ScriptTarget.Latest));
}
