import { ts } from './typescript';
import { SchematicError } from '../errors';
import { detectStyle } from './code-style';
import { localNames, namespaceNames } from './imports';
import { appendElement } from './list-edits';
import { findProperty, unwrap } from './parse';
import { insertion, type TextEdit } from './text-edit';

export type ModuleList = 'imports' | 'controllers' | 'providers' | 'exports';

/** A class that carries `@Module()` of @nestjs/common. */
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
 * Adds `element` to one of the lists of a module, unless `isPresent` finds it there.
 * @throws SchematicError when the metadata are computed: only literal lists can be extended safely.
 */
export function addToModule(
  source: ts.SourceFile,
  module: NestModuleClass,
  list: ModuleList,
  element: string,
  isPresent: (element: ts.Expression) => boolean = (candidate) => candidate.getText(source) === element,
): TextEdit[] {
  const [argument] = module.call.arguments;
  if (!argument) return [insertion(module.call.end - 1, `{ ${list}: [${element}] }`)];
  const metadata = unwrap(argument);
  if (!ts.isObjectLiteralExpression(metadata)) throw computed(source, module, 'its metadata');

  const property = findProperty(metadata, list);
  if (!property) {
    const code = `${list}: [${element}]`;
    return list === 'imports' ? prependProperty(source, metadata, code) : appendElement(source, metadata, code);
  }
  const value = ts.isPropertyAssignment(property) ? unwrap(property.initializer) : undefined;
  if (!value || !ts.isArrayLiteralExpression(value)) throw computed(source, module, list);
  return value.elements.some((candidate) => isPresent(candidate)) ? [] : appendElement(source, value, element);
}

/** Whether an expression is a call of `method` on `object`, e.g. `X.register(…)`. */
export function isCallOf(expression: ts.Expression, object: string, methods: readonly string[]): boolean {
  if (!ts.isCallExpression(expression) || !ts.isPropertyAccessExpression(expression.expression)) return false;
  const { expression: target, name } = expression.expression;
  return ts.isIdentifier(target) && target.text === object && methods.includes(name.text);
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

// Nest's own generators have `imports` first.
function prependProperty(source: ts.SourceFile, metadata: ts.ObjectLiteralExpression, property: string): TextEdit[] {
  const first = metadata.properties[0];
  if (!first) return appendElement(source, metadata, property);
  const start = first.getStart(source);
  const isMultiLine = source.text.slice(metadata.getStart(source), start).includes('\n');
  const { eol } = detectStyle(source);
  const lead = /[ \t]*$/.exec(source.text.slice(0, start))?.[0] ?? '';
  return [insertion(start, isMultiLine ? `${property},${eol}${lead}` : `${property}, `)];
}

function computed(source: ts.SourceFile, module: NestModuleClass, what: string): SchematicError {
  const name = module.name ?? 'the module';
  return new SchematicError('UNSAFE_EDIT', `${source.fileName}: ${what} of ${name} is computed.`, name);
}
