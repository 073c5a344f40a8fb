import { posix } from 'node:path';
import type { Tree } from '@angular-devkit/schematics';
import { invalidOption, SchematicError } from '../errors';
import { parseFields } from '../fields/parse-fields';
import { constantCase, kebabCase, pascalCase } from '../names/words';
import { createSource, projectStyle } from '../project/new-file';
import type { NestProject } from '../project/nest-project';
import type { DeclaredStream } from '../project/streams';
import { TRANSPORT_PACKAGE } from '../project/transport-package';
import { detectStyle } from '../source/code-style';
import { declaredNames } from '../source/declared-names';
import { importName } from '../source/import-name';
import { parseFile } from '../source/parse';
import { restyle } from '../source/restyle';
import { applyEdits, insertion } from '../source/text-edit';
import { render } from '../template/render';
import type { DeclaredEvent } from './find-event';
import type { ConsumerSchematicOptions } from './options';

/** Declares the event of `subject` beside its stream: its interface, and the constant that carries it. */
export function addEvent(
  tree: Tree,
  project: NestProject,
  stream: DeclaredStream,
  subject: string,
  options: ConsumerSchematicOptions,
): DeclaredEvent {
  const fields = parseFields(options.type ?? 'id: string');
  if (fields.length === 0) throw invalidOption('type', options.type, 'has no field, e.g. "id: number; note?: string".');
  const name = eventName(options.eventName ?? subject, options.eventName);
  const constant = constantCase(name);
  const eventType = pascalCase(name).replace(/(Event)?$/, 'Event');
  const path = eventsFile(stream);

  if (!tree.exists(path)) createSource(tree, project, path, render('jetstream-consumer/events.ts', {}));
  const source = parseFile(tree, path);
  const taken = [constant, eventType].find((each) => declaredNames(source).includes(each));
  if (taken !== undefined) {
    const message = `${path} already has ${taken} for something else: give the event another name, with npx nest-jetstream generate consumer --event-name.`;
    throw new SchematicError('NAME_TAKEN', message, taken);
  }
  const imported = importName(source, 'subject', TRANSPORT_PACKAGE);
  const code = render('jetstream-consumer/event.ts', {
    constant,
    eventType,
    subject,
    fields,
    subjectFunction: imported.local,
  });
  applyEdits(tree, path, [
    ...imported.edits,
    insertion(source.text.length, restyle(code, detectStyle(source, projectStyle(tree, project)))),
  ]);
  return { constant, path, eventType, typePath: path, members: fields.map(({ node }) => node) };
}

function eventName(name: string, option: string | undefined): string {
  if (kebabCase(name) === '' || !/^[\p{L}\p{N}_.-]+$/u.test(name)) {
    throw invalidOption('eventName', option, 'must be letters and digits, e.g. OrderCreated.');
  }
  return name;
}

function eventsFile({ path, name }: DeclaredStream): string {
  if (path.endsWith('.stream.ts')) return path.replace(/\.stream\.ts$/, '.events.ts');
  return posix.join(posix.dirname(path), `${kebabCase(name ?? 'stream')}.events.ts`);
}
