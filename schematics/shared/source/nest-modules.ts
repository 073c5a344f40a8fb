import { localNames, namespaceNames } from './imports';
import { ts } from './typescript';

/** A class with the decorator `@Module()` of @nestjs/common. */
export interface NestModuleClass {
  readonly name: string | undefined;
  readonly call: ts.CallExpression;
}

export function findModules(source: ts.SourceFile): NestModuleClass[] {
  return source.statements.filter(ts.isClassDeclaration).flatMap((declaration) => {
    const decorators = ts.getDecorators(declaration) ?? [];
    const call = decorators.map((decorator) => decorator.expression).find((each) => isModuleCall(source, each));
    return call ? [{ name: declaration.name?.text, call: call as ts.CallExpression }] : [];
  });
}

/**
 * Returns true for a call of a method of `object`, such as `X.register(…)`, also through a
 * namespace.
 */
export function isCallOf(expression: ts.Expression, object: string, methods: readonly string[]): boolean {
  if (!ts.isCallExpression(expression) || !ts.isPropertyAccessExpression(expression.expression)) return false;
  const { expression: target, name } = expression.expression;
  const owner = ts.isPropertyAccessExpression(target) ? target.name : target;
  return ts.isIdentifier(owner) && owner.text === object && methods.includes(name.text);
}

function isModuleCall(source: ts.SourceFile, expression: ts.Expression): boolean {
  if (!ts.isCallExpression(expression)) return false;
  const callee = expression.expression;
  if (ts.isIdentifier(callee)) return localNames(source, 'Module', '@nestjs/common').includes(callee.text);
  return (
    ts.isPropertyAccessExpression(callee) &&
    callee.name.text === 'Module' &&
    namespaceNames(source, '@nestjs/common').includes(callee.expression.getText(source))
  );
}
