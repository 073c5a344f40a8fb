import { ts } from '../source/typescript';

const { factory } = ts;

/** `{ each: true }` */
export function forEach(): ts.Expression {
  return factory.createObjectLiteralExpression([factory.createPropertyAssignment('each', factory.createTrue())]);
}

/** `(_, value) => value !== null` */
export function notNull(): ts.Expression {
  const parameters = ['_', 'value'].map((name) => factory.createParameterDeclaration(undefined, undefined, name));
  const test = factory.createStrictInequality(factory.createIdentifier('value'), factory.createNull());
  return factory.createArrowFunction(undefined, undefined, parameters, undefined, undefined, test);
}
