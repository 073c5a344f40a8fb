import { ts } from '../source/typescript';
import type { LiteralValue } from '../template/literal';
import { isOptionalElement, restOf } from './type-shapes';

/**
 * Returns a value of an event's type for a spec. Undefined if the syntax does not determine one.
 */
export function sampleEvent(
  members: Iterable<ts.Node>,
  within: readonly string[] = [],
): Record<string, LiteralValue> | undefined {
  const entries: [string, LiteralValue][] = [];
  for (const member of members) {
    if (!(ts.isPropertySignature(member) || ts.isPropertyDeclaration(member)) || !member.type) return undefined;
    const { name } = member;
    if (!ts.isIdentifier(name) && !ts.isStringLiteral(name)) return undefined;
    const value = sampleValue(member.type, name.text, within);
    if (value === undefined && !member.questionToken) return undefined;
    if (value !== undefined) entries.push([name.text, value]);
  }
  return Object.fromEntries(entries);
}

function sampleValue(type: ts.TypeNode, name: string, within: readonly string[]): LiteralValue | undefined {
  if (ts.isLiteralTypeNode(type)) return literalValue(type.literal);
  if (ts.isUnionTypeNode(type))
    return type.types.map((each) => sampleValue(each, name, within)).find((value) => value !== undefined);
  if (ts.isArrayTypeNode(type)) return [];
  if (ts.isParenthesizedTypeNode(type) || ts.isTypeOperatorNode(type)) return sampleValue(type.type, name, within);
  if (ts.isTypeLiteralNode(type)) return sampleEvent(type.members, within);
  if (ts.isTupleTypeNode(type)) return sampleTuple(type, name, within);
  if (ts.isTypeReferenceNode(type)) return sampleReference(type, name, within);
  if (type.kind === ts.SyntaxKind.StringKeyword || type.kind === ts.SyntaxKind.UnknownKeyword) return name;
  if (type.kind === ts.SyntaxKind.NumberKeyword) return 1;
  return type.kind === ts.SyntaxKind.BooleanKeyword ? true : undefined;
}

function sampleTuple(type: ts.TupleTypeNode, name: string, within: readonly string[]): LiteralValue | undefined {
  const values: LiteralValue[] = [];
  for (const element of type.elements) {
    if (restOf(element) || isOptionalElement(element)) continue;
    const value = sampleValue(ts.isNamedTupleMember(element) ? element.type : element, name, within);
    if (value === undefined) return undefined;
    values.push(value);
  }
  return values;
}

function sampleReference(
  type: ts.TypeReferenceNode,
  name: string,
  within: readonly string[],
): LiteralValue | undefined {
  const [argument] = type.typeArguments ?? [];
  switch (type.typeName.getText()) {
    case 'Array':
    case 'ReadonlyArray':
      return [];
    case 'Record':
      return argument?.kind === ts.SyntaxKind.StringKeyword ? {} : undefined;
    case 'Partial':
      return {};
    case 'Readonly':
      return argument && sampleValue(argument, name, within);
    default:
      return sampleOfDeclared(type, within);
  }
}

/** Returns a value of an interface or a class of the same file. */
function sampleOfDeclared(type: ts.TypeReferenceNode, within: readonly string[]): LiteralValue | undefined {
  const name = type.typeName.getText();
  const declaration = type
    .getSourceFile()
    .statements.find(
      (statement) =>
        (ts.isInterfaceDeclaration(statement) || ts.isClassDeclaration(statement)) && statement.name?.text === name,
    ) as ts.InterfaceDeclaration | ts.ClassDeclaration | undefined;
  // A recursive type has no finite sample.
  if (!declaration || declaration.heritageClauses || within.includes(name)) return undefined;
  return sampleEvent(declaration.members, [...within, name]);
}

function literalValue(node: ts.LiteralTypeNode['literal']): LiteralValue | undefined {
  if (ts.isStringLiteral(node) || ts.isNoSubstitutionTemplateLiteral(node)) return node.text;
  if (ts.isNumericLiteral(node)) return Number(node.text);
  if (ts.isPrefixUnaryExpression(node)) return Number(node.getText());
  if (node.kind === ts.SyntaxKind.NullKeyword) return null;
  if (node.kind === ts.SyntaxKind.TrueKeyword) return true;
  return node.kind === ts.SyntaxKind.FalseKeyword ? false : undefined;
}
