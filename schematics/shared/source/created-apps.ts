import { importsOf, localNames, namespaceNames } from './imports';
import { descendants } from './parse';
import { ts } from './typescript';

/**
 * Kind of an application: `create` makes an application, `createMicroservice` a microservice, and
 * `createApplicationContext` a context without a server.
 */
export type AppKind = 'application' | 'microservice' | 'context';

/** A call of `NestFactory` that creates an application from a module. */
export interface CreatedApp {
  readonly kind: AppKind;
  readonly call: ts.CallExpression;
  /** Variable that holds it. Undefined if it has none or is not awaited. */
  readonly variable: string | undefined;
  /** Block in which it can be used, and the position from which it can be. */
  readonly scope: { readonly block: ts.Node; readonly from: number } | undefined;
}

const NEST_CORE = '@nestjs/core';
const KINDS: Readonly<Record<string, AppKind>> = {
  create: 'application',
  createMicroservice: 'microservice',
  createApplicationContext: 'context',
};

/** Returns the applications that a file creates with `NestFactory`, also under an alias. */
export function createdApps(source: ts.SourceFile): CreatedApp[] {
  if (importsOf(source, NEST_CORE).length === 0) return [];
  const factories = new Set([
    ...localNames(source, 'NestFactory', NEST_CORE),
    ...namespaceNames(source, NEST_CORE).map((name) => `${name}.NestFactory`),
  ]);
  return [...descendants(source)].flatMap((call) => {
    if (!ts.isCallExpression(call) || !ts.isPropertyAccessExpression(call.expression)) return [];
    const { expression, name } = call.expression;
    const kind = KINDS[name.text];
    return kind && factories.has(expression.getText(source)) ? [{ kind, call, ...bindingOf(call) }] : [];
  });
}

/** Returns the statement around a node, unless a function is between them. */
export function statementOf(node: ts.Node): ts.Statement | undefined {
  for (let current: ts.Node | undefined = node; current; current = current.parent) {
    if (ts.isFunctionLike(current)) return undefined;
    if (ts.isStatement(current)) return current;
  }
  return undefined;
}

function bindingOf(call: ts.CallExpression): Pick<CreatedApp, 'variable' | 'scope'> {
  const user = wrapped(call).parent;
  if (ts.isAwaitExpression(user)) return awaitedBinding(user);
  const isThen = ts.isPropertyAccessExpression(user) && user.name.text === 'then' && ts.isCallExpression(user.parent);
  return isThen ? callbackBinding(user.parent.arguments[0]) : nameless;
}

const nameless = { variable: undefined, scope: undefined };

/** Matches `const app = await …` and `app = await …`. */
function awaitedBinding(awaited: ts.AwaitExpression): Pick<CreatedApp, 'variable' | 'scope'> {
  const { parent } = wrapped(awaited);
  const target = ts.isVariableDeclaration(parent)
    ? parent.name
    : ts.isBinaryExpression(parent) && parent.operatorToken.kind === ts.SyntaxKind.EqualsToken
      ? parent.left
      : undefined;
  const statement = statementOf(awaited);
  if (!target || !ts.isIdentifier(target) || !statement) return nameless;
  return { variable: target.text, scope: { block: statement.parent, from: statement.end } };
}

/** Matches `.then(async (app) => { … })`. Without async, the callback cannot await anything. */
function callbackBinding(callback: ts.Expression | undefined): Pick<CreatedApp, 'variable' | 'scope'> {
  if (!callback || !(ts.isArrowFunction(callback) || ts.isFunctionExpression(callback))) return nameless;
  const isAsync = callback.modifiers?.some(({ kind }) => kind === ts.SyntaxKind.AsyncKeyword) === true;
  const name = callback.parameters[0]?.name;
  if (!isAsync || !name || !ts.isIdentifier(name) || !ts.isBlock(callback.body)) return nameless;
  return { variable: name.text, scope: { block: callback.body, from: callback.body.getStart() } };
}

/** Returns the outermost parentheses or assertion around an expression. */
function wrapped(expression: ts.Expression): ts.Expression {
  let outer = expression;
  while (
    ts.isParenthesizedExpression(outer.parent) ||
    ts.isAsExpression(outer.parent) ||
    ts.isSatisfiesExpression(outer.parent) ||
    ts.isNonNullExpression(outer.parent)
  ) {
    outer = outer.parent;
  }
  return outer;
}
