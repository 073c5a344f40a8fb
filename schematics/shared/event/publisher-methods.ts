import { ts } from '../source/typescript';
import { SchematicError } from '../errors';
import type { DeclaredEvent } from './declared-event';
import { useImport } from '../edit/add-import';
import type { SchematicContext } from '../context';
import { withExtension } from '../source/import-extension';
import { specifierFor } from '../project/specifier';
import { TRANSPORT_PACKAGE } from '../project/transport-package';
import { DEFAULT_STYLE, detectStyle, type CodeStyle } from '../source/code-style';
import { localNames } from '../source/imports';
import type { Tree } from '../source/tree';
import { descendants, parseFile, parseText } from '../source/parse';
import { restyle } from '../edit/restyle';
import { applyEdits, insertion } from '../edit/text-edit';
import { render } from '../template/render';
import { methodName } from './publisher-method-name';

/** An event, or a request, which is sent instead of published. */
export interface Published extends Pick<DeclaredEvent, 'constant' | 'path'> {
  readonly kind: DeclaredEvent['kind'] | 'request';
}

const EVENT_TYPES = ['NatsJetStreamPubAck', 'PublishedEventOf', 'PublishOptions'];
const REQUEST_TYPES = ['ReplyOf', 'RequestOf', 'RequestOptions'];
const CLIENT = 'NatsJetStreamClientProxy';

/**
 * Adds a method for each event that the class does not use yet. Existing methods are not changed.
 * If the file cannot be edited safely, the method is logged in one line.
 */
export function addMethods(
  context: SchematicContext,
  path: string,
  className: string,
  events: readonly Published[],
): void {
  for (const event of events) {
    try {
      addMethod(context, path, className, event);
    } catch (error) {
      if (!(error instanceof SchematicError) || error.code !== 'UNSAFE_EDIT') throw error;
      const code = methodCode(className, event, methodName(event, []), 'client', DEFAULT_STYLE);
      context.logger.warn(`${error.message} Add this method by hand: ${oneLine(code)}`);
    }
  }
}

/** Returns the name of the method that publishes an event, or undefined if there is none. */
export function publishingMethod(tree: Tree, path: string, className: string, constant: string): string | undefined {
  const declaration = publisherClass(parseFile(tree, path), className);
  return declaration.members
    .filter(ts.isMethodDeclaration)
    .find(({ body }) => body && [...descendants(body)].some((node) => ts.isIdentifier(node) && node.text === constant))
    ?.name.getText();
}

function addMethod(context: SchematicContext, path: string, className: string, event: Published): void {
  const { tree, extension, logger } = context;
  const before = publisherClass(parseFile(tree, path), className);
  const specifier = withExtension(specifierFor(context, path, { name: event.constant, path: event.path }), extension);
  if (mentions(before, event, specifier)) return;
  const client = clientMember(before);
  if (client === undefined) throw unsafe(path, `${className} has no constructor parameter of type ${CLIENT}`);
  const names = before.members.flatMap(({ name: member }) => (member ? [member.getText()] : []));
  const name = methodName(event, names);
  if (name !== methodName(event, []))
    logger.warn(
      `${className} already has a member ${methodName(event, [])}. The method for ${event.constant} is ${name}.`,
    );

  // Imported first, because that can fail.
  for (const type of event.kind === 'request' ? REQUEST_TYPES : EVENT_TYPES)
    useImport(tree, path, { name: type, specifier: TRANSPORT_PACKAGE, isType: true });
  useImport(tree, path, { name: event.constant, specifier });
  const source = parseFile(tree, path);
  const declaration = publisherClass(source, className);
  const style = detectStyle(source);
  const code = methodCode(className, event, name, client, style);
  const end = declaration.members.end;
  const behind = ts.getTrailingCommentRanges(source.text, end)?.at(-1)?.end ?? end;
  applyEdits(tree, path, [insertion(behind, style.eol + code)]);
}

/** Returns the method alone. The template is a class, because a method needs one to be parsed. */
function methodCode(
  className: string,
  { constant, kind }: Published,
  method: string,
  client: string,
  style: CodeStyle,
): string {
  const values = { className, constant, kind, method, client };
  const rendered = parseText('method.ts', restyle(render('jetstream-publisher/method.ts', values), style));
  return publisherClass(rendered, className).members[0]?.getFullText(rendered) ?? '';
}

function oneLine(code: string): string {
  return code
    .trim()
    .replace(/\s*\n\s*/g, ' ')
    .replace(/\( /g, '(')
    .replace(/, \)/g, ')');
}

function publisherClass(source: ts.SourceFile, className: string): ts.ClassDeclaration {
  const found = source.statements.filter(ts.isClassDeclaration).find(({ name }) => name?.text === className);
  if (!found) throw unsafe(source.fileName, `it has no class ${className}`);
  return found;
}

/** Returns true if the class uses the event's constant, also under an alias. */
function mentions(declaration: ts.ClassDeclaration, { constant }: Published, specifier: string): boolean {
  const source = declaration.getSourceFile();
  const locals = new Set(localNames(source, constant, specifier));
  return [...descendants(declaration)].some((node) => ts.isIdentifier(node) && locals.has(node.text));
}

/** Returns the property with the client, which the user may have renamed. */
function clientMember({ members }: ts.ClassDeclaration): string | undefined {
  const parameters = members.find(ts.isConstructorDeclaration)?.parameters ?? [];
  const properties = [
    ...parameters.filter((parameter) => ts.isParameterPropertyDeclaration(parameter, parameter.parent)),
    ...members.filter(ts.isPropertyDeclaration),
  ];
  return properties.find(({ type }) => type?.getText() === CLIENT)?.name.getText();
}

function unsafe(path: string, why: string): SchematicError {
  return new SchematicError('UNSAFE_EDIT', `${path} cannot be edited, because ${why}.`, path);
}
