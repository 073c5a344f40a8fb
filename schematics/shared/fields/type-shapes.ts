import { ts } from '../source/typescript';

const { factory } = ts;

export function unparenthesized(type: ts.TypeNode): ts.TypeNode {
  return ts.isParenthesizedTypeNode(type) ? unparenthesized(type.type) : type;
}

/** Returns `T` for `T | null`. */
export function withoutNull(type: ts.TypeNode): ts.TypeNode | undefined {
  if (!ts.isUnionTypeNode(type)) return undefined;
  const others = type.types.filter((each) => each.getText() !== 'null');
  const [first] = others;
  if (!first || others.length === type.types.length) return undefined;
  return others.length === 1 ? first : factory.createUnionTypeNode(others);
}

/** Returns `T` for `T[]`, `readonly T[]` and `Array<T>`. */
export function elementOf(type: ts.TypeNode): ts.TypeNode | undefined {
  if (ts.isArrayTypeNode(type)) return type.elementType;
  if (ts.isTypeOperatorNode(type)) return elementOf(type.type);
  const isList = ts.isTypeReferenceNode(type) && /^(Readonly)?Array$/.test(type.typeName.getText());
  return isList ? type.typeArguments?.[0] : undefined;
}

/** Returns `T[]` for the tuple elements `...T[]` and `...name: T[]`. */
export function restOf(element: ts.TypeNode): ts.TypeNode | undefined {
  if (ts.isRestTypeNode(element)) return element.type;
  return ts.isNamedTupleMember(element) && element.dotDotDotToken ? element.type : undefined;
}

/** Returns true for the tuple elements `T?` and `name?: T`. */
export function isOptionalElement(element: ts.TypeNode): boolean {
  return ts.isOptionalTypeNode(element) || (ts.isNamedTupleMember(element) && element.questionToken !== undefined);
}

export function rebuilt(list: ts.TypeNode, element: ts.TypeNode): ts.TypeNode {
  if (elementOf(list) === element) return list;
  const array = factory.createArrayTypeNode(element);
  return ts.isTypeOperatorNode(list) ? factory.createTypeOperatorNode(ts.SyntaxKind.ReadonlyKeyword, array) : array;
}

export function literalsOf(type: ts.TypeNode): ts.Expression[] | undefined {
  const types = ts.isUnionTypeNode(type) ? type.types : [type];
  const literals = types.flatMap((each) => (ts.isLiteralTypeNode(each) ? [each.literal as ts.Expression] : []));
  return literals.length === types.length ? literals : undefined;
}

/** Returns the fields of `Partial<{ … }>`. */
export function optionalFields(fields: readonly ts.PropertySignature[]): ts.PropertySignature[] {
  return fields.map(({ modifiers, name, type }) => {
    const mark = factory.createToken(ts.SyntaxKind.QuestionToken);
    return factory.createPropertySignature(modifiers, name, mark, type);
  });
}

/** Returns a type as the user wrote it, or the remaining members of a union. */
export function typeText(type: ts.TypeNode): string {
  return ts.isUnionTypeNode(type) ? type.types.map(typeText).join(' | ') : type.getText();
}
