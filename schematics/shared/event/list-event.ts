import { ts } from '../source/typescript';
import { SchematicError } from '../errors';
import { isInside } from '../project/paths';
import { withExtension } from '../source/import-extension';
import { specifierFor } from '../project/specifier';
import { streamsOf, type DeclaredStream } from '../project/streams';
import { detectStyle } from '../source/code-style';
import { importName } from '../edit/add-import';
import { appendElement, indentAt } from '../edit/list-edits';
import { findProperty, unwrap } from '../source/parse';
import { applyEdits, insertion, type TextEdit } from '../edit/text-edit';
import { render } from '../template/render';
import type { DeclaredEvent } from './declared-event';
import type { SchematicContext } from '../context';

/**
 * Adds the event to its stream's `events`, so that the compiler checks it against the stream's
 * subjects.
 */
export function listEvent(context: SchematicContext, declared: DeclaredStream, event: DeclaredEvent): void {
  const { tree, logger, project, extension } = context;
  const stream = streamsOf(tree, declared.path).find(
    ({ name, constant }) => name === declared.name && constant === declared.constant,
  );
  if (!stream) return;
  const source = stream.options.getSourceFile();
  if (isInside(project, event.path) && !isInside(project, stream.path)) {
    const why = `${stream.path} belongs to a library and cannot import ${event.constant} from ${event.path}`;
    logger.warn(`${why}. Move the event into the library to list it in the stream.`);
    return;
  }
  const exported = { name: event.constant, path: event.path };
  const specifier = withExtension(specifierFor(context, stream.path, exported), extension);
  try {
    const isLocal = event.path === stream.path;
    const imported = isLocal ? { local: event.constant, edits: [] } : importName(source, event.constant, specifier);
    const edits = eventsEdits(stream.options, event.constant, imported.local);
    applyEdits(tree, stream.path, edits.length === 0 ? [] : [...imported.edits, ...edits]);
  } catch (error) {
    if (!(error instanceof SchematicError) || error.code !== 'UNSAFE_EDIT') throw error;
    const { constant } = event;
    const lines = [
      render('source/import.ts', { name: constant, specifier, isNamespace: false, isType: false }).trimEnd(),
      render('jetstream-event/listed.ts', { constant, local: constant, isFirst: true }),
    ].map((line) => `  ${line}`);
    logger.warn([error.message, 'Add it by hand:', ...lines].join('\n'));
  }
}

function eventsEdits(options: ts.ObjectLiteralExpression, constant: string, local: string): TextEdit[] {
  const source = options.getSourceFile();
  const property = findProperty(options, 'events');
  const entry = render('jetstream-event/listed.ts', { constant, local, isFirst: !property });
  if (!property) return insertProperty(options, entry);
  const value = ts.isPropertyAssignment(property) ? unwrap(property.initializer) : undefined;
  if (!value || !ts.isObjectLiteralExpression(value)) {
    throw new SchematicError('UNSAFE_EDIT', `${source.fileName} computes the stream's events.`, constant);
  }
  return findProperty(value, constant) ? [] : appendElement(source, value, entry);
}

function insertProperty(options: ts.ObjectLiteralExpression, text: string): TextEdit[] {
  const source = options.getSourceFile();
  const subjects = findProperty(options, 'subjects');
  const next = options.properties.find((property) => subjects && property.pos >= subjects.end);
  // Inserted after the subjects, which have to capture the event.
  if (!next) return appendElement(source, options, text);
  const start = next.getStart(source);
  const isOwnLine = source.text.slice(next.pos, start).includes('\n');
  const { eol } = detectStyle(source);
  return [insertion(start, isOwnLine ? `${text},${eol}${indentAt(source, start)}` : `${text}, `)];
}
