import { posix } from 'node:path';
import type { Tree } from '../source/tree';
import { SchematicError } from '../errors';
import type { ParsedField } from '../fields/parse-fields';
import type { ParsedSubject } from '../subject/parsed-subject';
import { kebabCase } from '../naming/words';
import type { NestProject } from '../project/nest-project';
import { createSource, projectStyle } from '../project/new-file';
import type { DeclaredStream } from '../project/streams';
import { TRANSPORT_PACKAGE } from '../project/transport-package';
import { detectStyle } from '../source/code-style';
import { declaredNames } from '../source/declared-names';
import { parseFile } from '../source/parse';
import { restyle } from '../edit/restyle';
import { applyEdits, insertion } from '../edit/text-edit';
import { render } from '../template/render';
import type { DeclaredEvent } from './declared-event';
import { contractCode, type Contract } from './event-code';
import type { EventNames } from './event-names';
import type { EventStyle, Validators } from './event-style';
import type { EventDocumentation } from './options';
import { useImport } from '../edit/add-import';

/** An event that is not declared yet. */
export interface NewEvent {
  readonly subject: ParsedSubject;
  readonly names: EventNames;
  readonly fields: readonly ParsedField[];
  readonly style: EventStyle;
  readonly documentation: EventDocumentation;
}

/** Declares an event beside its stream, with its type and its constant. */
export function addEvent(
  tree: Tree,
  project: NestProject,
  stream: DeclaredStream,
  event: NewEvent,
  validators: Validators,
): DeclaredEvent {
  const { subject, names, fields, style, documentation } = event;
  const path = eventsFile(stream);
  const contract: Contract = {
    name: names.eventType,
    prefix: names.base,
    schema: names.schema,
    fields,
    documentation: documentation.type,
  };
  const code = contractCode(contract, style, validators);
  refuseTakenNames(tree, path, subject, [names.constant, ...code.names]);

  const maker = subject.kind === 'template' ? 'subjectTemplate' : 'subject';
  const needed = [{ name: maker, specifier: TRANSPORT_PACKAGE }, ...code.imports];
  if (!tree.exists(path)) createSource(tree, project, path, render('jetstream-event/events.ts', { maker }));
  for (const each of needed) useImport(tree, path, each);
  const source = parseFile(tree, path);
  const constant = render('jetstream-event/constant.ts', {
    constant: names.constant,
    maker,
    type: names.eventType,
    schema: style === 'schema' ? names.schema : undefined,
    subject: subject.text,
    documentation: documentation.subject,
  });
  const layout = detectStyle(source, projectStyle(tree, project));
  applyEdits(tree, path, [insertion(source.text.length, restyle(code.text + constant, layout))]);
  return {
    constant: names.constant,
    path,
    text: subject.text,
    kind: maker === 'subject' ? 'subject' : 'template',
    type: { name: names.eventType, path, isClass: style === 'class' },
    members: fields.map(({ node }) => node),
  };
}

function refuseTakenNames(tree: Tree, path: string, { text }: ParsedSubject, names: readonly string[]): void {
  if (!tree.exists(path)) return;
  const declared = declaredNames(parseFile(tree, path));
  const taken = names.find((name) => declared.includes(name));
  if (taken === undefined) return;
  const remedy = `Choose another name with npx nest-jetstream generate event ${text} --event-name OtherName`;
  throw new SchematicError('NAME_TAKEN', `${path} already declares ${taken}. ${remedy}.`, taken);
}

function eventsFile({ path, name }: DeclaredStream): string {
  if (path.endsWith('.stream.ts')) return path.replace(/\.stream\.ts$/, '.events.ts');
  return posix.join(posix.dirname(path), `${kebabCase(name ?? 'stream')}.events.ts`);
}
