import { ts } from '../shared/source/typescript';
import { declaredSymbol } from './other-libraries';
import { entriesOf, knownOf, UNKNOWN, valueOfType } from './static-value';

/** A decorator of a handler, with its options. */
export interface HandlerDecorator {
  readonly kind: 'consumer' | 'responder';
  readonly subject: ts.Type;
  /** Options with their values, which can be `UNKNOWN`. */
  readonly values: Readonly<Record<string, unknown>>;
}

const KINDS: Readonly<Record<string, HandlerDecorator['kind']>> = {
  JetStreamConsumer: 'consumer',
  JetStreamResponder: 'responder',
  HandlerDecorator: 'consumer',
  ResponderDecorator: 'responder',
};

/**
 * Reads a decorator whose options are literals, without its type. The compiler needs most of its
 * time for these types. Undefined for other decorators.
 */
export function writtenDecorator(expression: ts.Expression, checker: ts.TypeChecker): HandlerDecorator | undefined {
  if (!ts.isCallExpression(expression) || expression.typeArguments) return undefined;
  const { expression: called, arguments: given } = expression;
  const symbol = ts.isIdentifier(called) ? declaredSymbol(called, checker) : undefined;
  const kind = symbol && KINDS[symbol.name];
  const [subject] = given;
  if (!kind || !subject || !symbol.declarations?.every(isFunctionOfLibrary)) return undefined;
  const values = writtenOptions(expression, checker);
  if (!values || Object.values(values).includes(UNKNOWN)) return undefined;
  return { kind, subject: checker.getTypeAtLocation(subject), values };
}

/** Reads a decorator by its type. */
export function typedDecorator(expression: ts.Expression, checker: ts.TypeChecker): HandlerDecorator | undefined {
  const { aliasSymbol, aliasTypeArguments = [] } = checker.getTypeAtLocation(expression);
  const kind = aliasSymbol && KINDS[aliasSymbol.name];
  const [subject, options] = aliasTypeArguments;
  if (!kind || !subject) return undefined;
  const written = writtenOptions(expression, checker) ?? {};
  return {
    kind,
    subject,
    values: { ...written, ...(options && optionsOfType(options, checker)), ...knownOf(written) },
  };
}

function isFunctionOfLibrary(declaration: ts.Declaration): boolean {
  return ts.isFunctionDeclaration(declaration) && declaration.getSourceFile().isDeclarationFile;
}

/** Returns the options beside a subject. Undefined if they are not an object literal. */
function writtenOptions(decorator: ts.Expression, checker: ts.TypeChecker): Record<string, unknown> | undefined {
  const [, options] = ts.isCallExpression(decorator) ? decorator.arguments : [];
  if (!options) return {};
  return ts.isObjectLiteralExpression(options) ? Object.fromEntries(entriesOf(options, checker)) : undefined;
}

/**
 * Returns the options of a type of literals. Functions and values of a configuration are unknown.
 */
function optionsOfType(type: ts.Type, checker: ts.TypeChecker): Record<string, unknown> {
  if (type.flags & ts.TypeFlags.Any) return { '...': UNKNOWN };
  if (!(type.flags & ts.TypeFlags.Object)) return {};
  const properties = checker.getPropertiesOfType(type);
  return Object.fromEntries(properties.map((each) => [each.name, valueOfType(checker.getTypeOfSymbol(each), checker)]));
}
