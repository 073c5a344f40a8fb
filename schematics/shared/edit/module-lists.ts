import { ts } from '../source/typescript';
import { SchematicError } from '../errors';
import { findConstant, type TopLevelConstant } from '../source/constants';
import type { NestModuleClass } from '../source/nest-modules';
import { appendElement, prependElement } from './list-edits';
import { findProperty, unwrap } from '../source/parse';
import { render } from '../template/render';
import { insertion, type TextEdit } from './text-edit';

export type ModuleList = 'imports' | 'controllers' | 'providers' | 'exports';

/**
 * Adds `element` to a list of a module, unless `isPresent` finds it.
 * @throws SchematicError (`UNSAFE_EDIT`) if the metadata is computed or may be overwritten
 */
export function addToModule(
  source: ts.SourceFile,
  module: NestModuleClass,
  list: ModuleList,
  element: string,
  isPresent: (element: ts.Expression) => boolean = (candidate) => refersTo(source, candidate, element),
): TextEdit[] {
  const [argument] = module.call.arguments;
  if (!argument)
    return [insertion(module.call.end - 1, render('source/module-list.ts', { list, element, isWhole: true }))];
  const { literal: metadata, constant } = literalOf(source, argument, ts.isObjectLiteralExpression) ?? {};
  if (!metadata || isShared(constant)) throw computed(source, module, 'its metadata is');

  const property = findProperty(metadata, list);
  const spread = metadata.properties.find(ts.isSpreadAssignment);
  if (spread && !(property && property.pos > spread.pos))
    throw computed(source, module, `its metadata contains ${spread.getText(source)}, and ${list} may be`);
  if (!property) {
    const code = render('source/module-list.ts', { list, element, isWhole: false });
    // Nest's generators write `imports` first.
    return list === 'imports' ? prependElement(source, metadata, code) : appendElement(source, metadata, code);
  }
  const value = valueOf(property);
  if (!value) throw computed(source, module, `${list} is`);
  const found = literalOf(source, value, ts.isArrayLiteralExpression);
  if (found?.literal.elements.some((candidate) => isPresent(candidate))) return [];
  // A constant with a type annotation may not accept the element.
  if (found && !isShared(found.constant) && !found.constant?.isTyped)
    return appendElement(source, found.literal, element);
  // A shared list must not change for its other users. A computed list is not edited.
  const code = render('source/longer-list.ts', { list: value.getText(source), element });
  return [
    ts.isShorthandPropertyAssignment(property)
      ? insertion(property.end, `: ${code}`)
      : { start: value.getStart(source), end: value.end, text: code },
  ];
}

/** Returns the literal of an expression, or of the constant that it names. */
function literalOf<T extends ts.Expression>(
  source: ts.SourceFile,
  expression: ts.Expression,
  isWanted: (node: ts.Node) => node is T,
): { literal: T; constant: TopLevelConstant | undefined } | undefined {
  const inner = unwrap(expression);
  if (isWanted(inner)) return { literal: inner, constant: undefined };
  const constant = ts.isIdentifier(inner) ? findConstant(source, inner.text) : undefined;
  const value = constant?.initializer && unwrap(constant.initializer);
  return value && isWanted(value) ? { literal: value, constant } : undefined;
}

function isShared(constant: TopLevelConstant | undefined): boolean {
  return constant !== undefined && (constant.isExported || constant.uses > 1);
}

function valueOf(property: ts.ObjectLiteralElementLike): ts.Expression | undefined {
  if (ts.isPropertyAssignment(property)) return unwrap(property.initializer);
  return ts.isShorthandPropertyAssignment(property) ? property.name : undefined;
}

/** Matches `X` and `forwardRef(() => X)`. */
function refersTo(source: ts.SourceFile, expression: ts.Expression, name: string): boolean {
  if (expression.getText(source) === name) return true;
  if (!ts.isCallExpression(expression) || !/\bforwardRef$/.test(expression.expression.getText(source))) return false;
  const [factory] = expression.arguments;
  return factory !== undefined && ts.isArrowFunction(factory) && factory.body.getText(source) === name;
}

function computed(source: ts.SourceFile, module: NestModuleClass, what: string): SchematicError {
  const name = module.name ?? 'the module';
  return new SchematicError(
    'UNSAFE_EDIT',
    `${source.fileName} cannot be edited, because ${what} computed in ${name}.`,
    name,
  );
}
