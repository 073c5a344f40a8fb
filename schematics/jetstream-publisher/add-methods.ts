import { ts } from '../shared/source/typescript';
import { SchematicError } from '../shared/errors';
import type { DeclaredEvent } from '../shared/event/declared-event';
import { useImport } from '../shared/edit/add-import';
import type { SchematicContext } from '../shared/context';
import { withExtension } from '../shared/source/import-extension';
import { specifierFor } from '../shared/project/specifier';
import { DEFAULT_STYLE, detectStyle, type CodeStyle } from '../shared/source/code-style';
import { findImport, localNames } from '../shared/source/imports';
import { descendants, parseFile, parseText } from '../shared/source/parse';
import { restyle } from '../shared/edit/restyle';
import { applyEdits, insertion } from '../shared/edit/text-edit';
import { render } from '../shared/template/render';
import { methodName } from './method-name';

/**
 * Adds a method for each event that the class does not use yet. Existing methods are not changed.
 */
export function addMethods(
  context: SchematicContext,
  path: string,
  className: string,
  events: readonly DeclaredEvent[],
): void {
  for (const event of events) {
    try {
      addMethod(context, path, className, event);
    } catch (error) {
      if (!(error instanceof SchematicError) || error.code !== 'UNSAFE_EDIT') throw error;
      const lines = methodCode(className, event, methodName(event, []), 'client', DEFAULT_STYLE);
      context.logger.warn([error.message, 'Add it by hand:', lines].join('\n'));
    }
  }
}

function addMethod(context: SchematicContext, path: string, className: string, event: DeclaredEvent): void {
  const { tree, extension, logger } = context;
  const before = publisherClass(parseFile(tree, path), className);
  const specifier = withExtension(specifierFor(context, path, { name: event.constant, path: event.path }), extension);
  if (mentions(before, event, specifier)) return;
  for (const name of ['NatsJetStreamPubAck', 'PublishOptions', 'EventOf'])
    if (!findImport(before.getSourceFile(), name)) throw unsafe(path, `it no longer imports ${name}`);
  useImport(tree, path, { name: event.constant, specifier });

  const source = parseFile(tree, path);
  const declaration = publisherClass(source, className);
  const names = declaration.members.flatMap(({ name }) => (name ? [name.getText(source)] : []));
  const name = methodName(event, names);
  if (name !== methodName(event, []))
    logger.warn(
      `${className} already has a member ${methodName(event, [])}. The method for ${event.constant} is ${name}.`,
    );
  const style = detectStyle(source);
  const code = methodCode(className, event, name, clientField(declaration), style);
  const end = declaration.members.end;
  const behind = ts.getTrailingCommentRanges(source.text, end)?.at(-1)?.end ?? end;
  applyEdits(tree, path, [insertion(behind, style.eol + code)]);
}

/** Returns the method alone. The template is a class, because a method needs one to be parsed. */
function methodCode(
  className: string,
  { constant, kind }: DeclaredEvent,
  method: string,
  client: string,
  style: CodeStyle,
): string {
  const values = { className, constant, kind, method, client };
  const rendered = parseText('method.ts', restyle(render('jetstream-publisher/method.ts', values), style));
  return publisherClass(rendered, className).members[0]?.getFullText(rendered) ?? '';
}

function publisherClass(source: ts.SourceFile, className: string): ts.ClassDeclaration {
  const found = source.statements.filter(ts.isClassDeclaration).find(({ name }) => name?.text === className);
  if (!found) throw unsafe(source.fileName, `it has no class ${className}`);
  return found;
}

/** Returns true if the class uses the event's constant, also under an alias. */
function mentions(declaration: ts.ClassDeclaration, { constant }: DeclaredEvent, specifier: string): boolean {
  const source = declaration.getSourceFile();
  const locals = new Set(localNames(source, constant, specifier));
  return [...descendants(declaration)].some((node) => ts.isIdentifier(node) && locals.has(node.text));
}

/** Returns the parameter property of the client, which the user may have renamed. */
function clientField(declaration: ts.ClassDeclaration): string {
  const constructor = declaration.members.find(ts.isConstructorDeclaration);
  const parameter = constructor?.parameters.find(({ type }) => type?.getText() === 'NatsJetStreamClientProxy');
  return parameter && ts.isIdentifier(parameter.name) ? parameter.name.text : 'client';
}

function unsafe(path: string, why: string): SchematicError {
  return new SchematicError('UNSAFE_EDIT', `${path} cannot be edited, because ${why}.`, path);
}
