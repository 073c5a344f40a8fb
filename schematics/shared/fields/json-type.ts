import { ts } from '../source/typescript';
import { invalidOption } from '../errors';
import { elementOf, restOf } from './type-shapes';

const GENERICS: Readonly<Record<string, number>> = { Array: 1, ReadonlyArray: 1, Record: 2, Partial: 1, Readonly: 1 };

/**
 * Throws for a type that JSON cannot represent, or that the events file does not know.
 * @throws SchematicError (`INVALID_OPTION`)
 */
export function assertJsonType(type: ts.TypeNode, field: string, option = 'type'): void {
  if (ts.isTypeReferenceNode(type)) return assertReference(type, field, option);
  if (ts.isTupleTypeNode(type) && !hasRestAtEnd(type))
    throw refused(option, type, field, 'needs its rest element at the end, such as in [string, ...number[]].');
  if (!isPlain(type))
    throw refused(
      option,
      type,
      field,
      'cannot be represented in JSON. Use strings, numbers, booleans, lists and objects.',
    );
  ts.forEachChild(type, (child) => assertChild(child, field, option));
}

function assertChild(child: ts.Node, field: string, option: string): void {
  if (ts.isPropertySignature(child) && isPrototype(child.name))
    throw refused(option, child, field, 'has the field __proto__, which objects cannot store.');
  if (ts.isTypeNode(child)) return assertJsonType(child, field, option);
  if (ts.isPropertySignature(child) && child.type) return assertJsonType(child.type, field, option);
  if (ts.isNamedTupleMember(child)) return assertJsonType(child.type, field, option);
  if (ts.isTypeElement(child)) throw refused(option, child, field, 'is not a field.');
}

function isPrototype(name: ts.PropertyName): boolean {
  return (ts.isIdentifier(name) || ts.isStringLiteral(name)) && name.text === '__proto__';
}

function assertReference(type: ts.TypeReferenceNode, field: string, option: string): void {
  const name = type.typeName.getText();
  if (name === 'Date') throw refused(option, type, field, 'arrives as a string. Use string, in ISO 8601 format.');
  const expected = GENERICS[name];
  if (expected === undefined || type.typeArguments?.length !== expected) {
    throw refused(option, type, field, 'is unknown. List its fields, or edit the events file afterwards.');
  }
  for (const argument of type.typeArguments) assertJsonType(argument, field, option);
}

/** Returns false for a rest element that has others after it, or that is not a list. */
function hasRestAtEnd({ elements }: ts.TupleTypeNode): boolean {
  return elements.every((each, index) => {
    const rest = restOf(each);
    return !rest || (index === elements.length - 1 && elementOf(rest) !== undefined);
  });
}

function isPlain(type: ts.TypeNode): boolean {
  switch (type.kind) {
    case ts.SyntaxKind.StringKeyword:
    case ts.SyntaxKind.NumberKeyword:
    case ts.SyntaxKind.BooleanKeyword:
    case ts.SyntaxKind.UnknownKeyword:
    case ts.SyntaxKind.UndefinedKeyword:
    case ts.SyntaxKind.LiteralType:
      return !type.getText().endsWith('n') || type.getText() !== `${Number.parseInt(type.getText(), 10)}n`;
    case ts.SyntaxKind.ArrayType:
    case ts.SyntaxKind.TupleType:
    case ts.SyntaxKind.NamedTupleMember:
    case ts.SyntaxKind.UnionType:
    case ts.SyntaxKind.ParenthesizedType:
    case ts.SyntaxKind.TypeLiteral:
    case ts.SyntaxKind.OptionalType:
    case ts.SyntaxKind.RestType:
      return true;
    case ts.SyntaxKind.TypeOperator:
      return (type as ts.TypeOperatorNode).operator === ts.SyntaxKind.ReadonlyKeyword;
    default:
      return false;
  }
}

function refused(option: string, node: ts.Node, field: string, remedy: string): Error {
  return invalidOption(option, `${field}: ${node.getText()}`, remedy);
}
