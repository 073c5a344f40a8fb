import { ts } from '../source/typescript';
import { SchematicError } from '../errors';
import { TRANSPORT_PACKAGE } from '../project/transport-package';
import { detectStyle } from '../source/code-style';
import { importName } from '../source/import-name';
import { localNames } from '../source/imports';
import { indentAt } from '../source/list-edits';
import { descendants, unwrap } from '../source/parse';
import { restyle } from '../source/restyle';
import { insertion, type TextEdit } from '../source/text-edit';
import { render } from '../template/render';

const SERVER = 'NatsJetStreamServer';

/**
 * Connects the transport in a main file: connect, then start, before the application listens.
 * @throws SchematicError (`UNSAFE_EDIT`) where it is not plain which application that is, and where it listens.
 */
export function mainFileEdits(source: ts.SourceFile): TextEdit[] {
  if (connectsServer(source)) return [];
  const { app, statement: created } = createdApplication(source);
  const calls = methodCalls(source, app);
  const anchor =
    calls.find(({ method }) => method === 'startAllMicroservices') ?? calls.find(({ method }) => method === 'listen');
  const place = anchor && statementOf(anchor.call);
  if (!anchor || !place || place.parent !== created.parent || place.pos < created.end) {
    throw unsafe(source, `there is no ${app}.listen() beside NestFactory.create()`);
  }

  const server = importName(source, SERVER, TRANSPORT_PACKAGE);
  const has = (method: string) => calls.some((call) => call.method === method);
  const code = [
    render('nest-add/connect.ts', { app, server: server.local }),
    has('enableShutdownHooks') ? '' : render('nest-add/shutdown-hooks.ts', { app }),
    has('startAllMicroservices') ? '' : render('nest-add/start.ts', { app }),
  ].join('');
  return [...server.edits, insertion(place.getStart(source), indentedCode(source, place, code))];
}

/** What to paste when the main file cannot be edited safely. */
export function mainFileLines(): string[] {
  const code = ['nest-add/connect.ts', 'nest-add/shutdown-hooks.ts', 'nest-add/start.ts']
    .map((file) => render(file, { app: 'app', server: SERVER }))
    .join('');
  return [`import { ${SERVER} } from '${TRANSPORT_PACKAGE}';`, '', ...code.trimEnd().split('\n')];
}

function connectsServer(source: ts.SourceFile): boolean {
  const names = localNames(source, SERVER, TRANSPORT_PACKAGE);
  return [...descendants(source)].some(
    (node) => ts.isIdentifier(node) && names.includes(node.text) && !ts.isImportSpecifier(node.parent),
  );
}

function createdApplication(source: ts.SourceFile): { app: string; statement: ts.Statement } {
  const found = [...descendants(source)]
    .filter(ts.isVariableDeclaration)
    .filter(({ initializer }) => isCreate(initializer));
  const [declaration] = found;
  const statement = declaration && statementOf(declaration);
  if (!declaration || !statement || !ts.isIdentifier(declaration.name) || found.length > 1) {
    throw unsafe(source, 'there is no single "const app = await NestFactory.create(…)"');
  }
  return { app: declaration.name.text, statement };
}

function isCreate(initializer: ts.Expression | undefined): boolean {
  const awaited = initializer && unwrap(initializer);
  if (!awaited || !ts.isAwaitExpression(awaited)) return false;
  const call = unwrap(awaited.expression);
  return ts.isCallExpression(call) && call.expression.getText() === 'NestFactory.create';
}

function methodCalls(source: ts.SourceFile, object: string): { method: string; call: ts.CallExpression }[] {
  return [...descendants(source)].flatMap((call) => {
    if (!ts.isCallExpression(call) || !ts.isPropertyAccessExpression(call.expression)) return [];
    const { expression, name } = call.expression;
    return ts.isIdentifier(expression) && expression.text === object ? [{ method: name.text, call }] : [];
  });
}

function statementOf(node: ts.Node): ts.Statement | undefined {
  for (let current: ts.Node | undefined = node; current; current = current.parent) {
    if (ts.isFunctionLike(current)) return undefined;
    if (ts.isStatement(current)) return current;
  }
  return undefined;
}

function indentedCode(source: ts.SourceFile, place: ts.Statement, code: string): string {
  const style = detectStyle(source);
  const indent = indentAt(source, place.getStart(source));
  return restyle(code, style).replaceAll(style.eol, `${style.eol}${indent}`);
}

function unsafe(source: ts.SourceFile, why: string): SchematicError {
  return new SchematicError('UNSAFE_EDIT', `${source.fileName}: ${why}.`, source.fileName);
}
