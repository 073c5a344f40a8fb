import { ts } from '../source/typescript';
import { invalidOption } from '../errors';
import { elementOf, isOptionalElement, restOf, unparenthesized } from './type-shapes';

const { factory } = ts;

/**
 * Expression that tests the type of a value, such as `isString(value) || isNumber(value)`, and the
 * functions of class-validator in it.
 */
export interface ValuePredicate {
  readonly test: ts.Expression;
  readonly functions: readonly string[];
}

/**
 * Returns the predicate for types that class-validator has no decorator for: unions, tuples, nested
 * lists, maps.
 * @throws SchematicError (`INVALID_OPTION`) for a nested object, which would need a class
 */
export function valuePredicate(type: ts.TypeNode, valueName: string, isList: boolean): ValuePredicate {
  const functions = new Set<string>();
  const value = factory.createIdentifier(valueName);
  const whole = isList ? listTest(type, value) : testOf(type, value);
  return { test: whole, functions: [...functions] };

  function listTest(element: ts.TypeNode, tested: ts.Expression): ts.Expression {
    return anded(call('isArray', tested), every(tested, element));
  }

  function testOf(wanted: ts.TypeNode, tested: ts.Expression): ts.Expression {
    const shape = unparenthesized(wanted);
    const element = elementOf(shape);
    if (element) return listTest(element, tested);
    if (ts.isUnionTypeNode(shape)) return shape.types.map((each) => testOf(each, tested)).reduce(ored);
    if (ts.isTupleTypeNode(shape)) return tupleTest(shape, tested);
    if (ts.isLiteralTypeNode(shape)) return equals(tested, shape.literal);
    if (ts.isTypeReferenceNode(shape)) return referenceTest(shape, tested);
    switch (shape.kind) {
      case ts.SyntaxKind.StringKeyword:
        return call('isString', tested);
      case ts.SyntaxKind.NumberKeyword:
        return call('isNumber', tested);
      case ts.SyntaxKind.BooleanKeyword:
        return call('isBoolean', tested);
      case ts.SyntaxKind.UndefinedKeyword:
        return equals(tested, factory.createIdentifier('undefined'));
      case ts.SyntaxKind.UnknownKeyword:
        return factory.createTrue();
      default:
        throw unchecked(shape);
    }
  }

  function tupleTest(tuple: ts.TupleTypeNode, tested: ts.Expression): ts.Expression {
    const elements = tuple.elements.filter((each) => !restOf(each));
    const [rest] = tuple.elements.flatMap((each) => restOf(each) ?? []);
    const further = rest && elementOf(rest);
    const count = factory.createNumericLiteral(elements.length);
    const slice = factory.createPropertyAccessExpression(tested, 'slice');
    const length = factory.createPropertyAccessExpression(tested, 'length');
    const fits = further
      ? every(factory.createCallExpression(slice, undefined, [count]), further)
      : factory.createLessThanEquals(length, count);
    const tests = elements.map((each, index) => {
      const item = factory.createElementAccessExpression(tested, index);
      const test = testOf(ts.isNamedTupleMember(each) || ts.isOptionalTypeNode(each) ? each.type : each, item);
      return isOptionalElement(each) ? ored(equals(item, factory.createIdentifier('undefined')), test) : test;
    });
    return [call('isArray', tested), fits, ...tests].reduce(anded);
  }

  function referenceTest(reference: ts.TypeReferenceNode, tested: ts.Expression): ts.Expression {
    const { typeName, typeArguments } = reference;
    const [first, second] = typeArguments ?? [];
    if (typeName.getText() === 'Readonly' && first) return testOf(first, tested);
    if (first?.kind !== ts.SyntaxKind.StringKeyword || !second) throw unchecked(reference);
    const values = factory.createPropertyAccessExpression(factory.createIdentifier('Object'), 'values');
    return anded(call('isObject', tested), every(factory.createCallExpression(values, undefined, [tested]), second));
  }

  function every(list: ts.Expression, element: ts.TypeNode): ts.Expression {
    const name = 'each';
    const parameter = factory.createParameterDeclaration(undefined, undefined, name, undefined, unknown());
    const body = testOf(element, factory.createIdentifier(name));
    const test = factory.createArrowFunction(undefined, undefined, [parameter], undefined, undefined, body);
    return factory.createCallExpression(factory.createPropertyAccessExpression(list, 'every'), undefined, [test]);
  }

  function call(name: string, argument: ts.Expression): ts.Expression {
    functions.add(name);
    return factory.createCallExpression(factory.createIdentifier(name), undefined, [argument]);
  }
}

function unknown(): ts.TypeNode {
  return factory.createKeywordTypeNode(ts.SyntaxKind.UnknownKeyword);
}

function equals(left: ts.Expression, right: ts.Expression): ts.Expression {
  return factory.createStrictEquality(left, right);
}

function anded(left: ts.Expression, right: ts.Expression): ts.Expression {
  return factory.createLogicalAnd(left, right);
}

function ored(left: ts.Expression, right: ts.Expression): ts.Expression {
  return factory.createLogicalOr(left, right);
}

function unchecked(type: ts.TypeNode): Error {
  const remedy =
    'has an object where class-validator cannot validate one. Make it a field or a list, or use --style schema.';
  return invalidOption('type', type.getText(), remedy);
}
