import { posix } from 'node:path';
import type { DeclaredEvent } from '../shared/event/declared-event';
import type { SchematicContext } from '../shared/context';
import { sampleEvent } from '../shared/fields/sample-value';
import { createSource } from '../shared/project/new-file';
import { specifierFor } from '../shared/project/specifier';
import { render } from '../shared/template/render';
import { capturedTokens, sampleSubject } from '../shared/subject/sample-subject';
import { methodName } from '../shared/event/publisher-method-name';

/** Writes the service without methods. Returns false if it already exists. */
export function writePublisher(
  { tree, project, extension }: SchematicContext,
  path: string,
  className: string,
): boolean {
  if (tree.exists(path)) return false;
  createSource(tree, project, path, render('jetstream-publisher/publisher.ts', { className }, extension));
  return true;
}

/** Writes the spec of a new service. It covers one event, because the methods are alike. */
export function writePublisherSpec(
  context: SchematicContext,
  path: string,
  className: string,
  [event]: readonly DeclaredEvent[],
  suffix: string,
): void {
  if (!event) return;
  const { tree, project, extension } = context;
  const { constant, kind, members, text } = event;
  const values = {
    className,
    publisherPath: `./${posix.basename(path, '.ts')}`,
    constant,
    eventPath: specifierFor(context, path, { name: constant, path: event.path }),
    kind,
    method: methodName(event, []),
    sample: members && sampleEvent(members),
    params: capturedTokens(text),
    subject: sampleSubject(text),
  };
  const specPath = path.replace(/\.ts$/, `.${suffix}.ts`);
  createSource(tree, project, specPath, render('jetstream-publisher/publisher.spec.ts', values, extension));
}
