import { ts } from '../source/typescript';

const { factory } = ts;

/** `{ each: true }` */
export function forEach(): ts.Expression {
  return factory.createObjectLiteralExpression([factory.createPropertyAssignment('each', factory.createTrue())]);
}

/** `{ name: 'isA', validator: { validate: (value: unknown) => test } }` */
export function validateBy(test: ts.Expression, value: string): ts.Expression {
  const type = factory.createKeywordTypeNode(ts.SyntaxKind.UnknownKeyword);
  const parameter = factory.createParameterDeclaration(undefined, undefined, value, undefined, type);
  const validate = factory.createArrowFunction(undefined, undefined, [parameter], undefined, undefined, test);
  const validator = objectOf({ validate });
  return objectOf({ name: factory.createStringLiteral('type', true), validator });
}

/** `{ message: '$property must be …' }` */
export function failureMessage(type: string): ts.Expression {
  // `$` starts a placeholder of class-validator.
  const text = `$property must be ${type.replace(/\s+/g, ' ').replaceAll('$', '')}`;
  return objectOf({ message: factory.createStringLiteral(text, !text.includes("'")) });
}

function objectOf(properties: Readonly<Record<string, ts.Expression>>): ts.Expression {
  const assignments = Object.entries(properties).map(([name, value]) => factory.createPropertyAssignment(name, value));
  return factory.createObjectLiteralExpression(assignments);
}

/** `(_, value) => value !== null` */
export function notNull(): ts.Expression {
  const parameters = ['_', 'value'].map((name) => factory.createParameterDeclaration(undefined, undefined, name));
  const test = factory.createStrictInequality(factory.createIdentifier('value'), factory.createNull());
  return factory.createArrowFunction(undefined, undefined, parameters, undefined, undefined, test);
}
