import { posix } from 'node:path';
import type { Tree } from '@angular-devkit/schematics';
import { invalidOption, SchematicError } from '../errors';
import { sampleEvent } from '../fields/sample-value';
import type { ImportExtension } from '../project/import-extension';
import type { NestProject } from '../project/nest-project';
import { createSource } from '../project/new-file';
import { relativeSpecifier } from '../project/paths';
import type { LiteralValue } from '../template/literal';
import { render } from '../template/render';
import type { DeclaredEvent } from './find-event';
import type { ConsumerSchematicOptions } from './options';

/** The handler to be written. */
export interface ConsumerClass {
  readonly path: string;
  readonly className: string;
  readonly subject: string;
  readonly event: DeclaredEvent;
  /** Options of its `@JetStreamConsumer`. */
  readonly settings: Readonly<Record<string, LiteralValue>>;
}

/** Writes the handler and, with a suffix, its spec. Files that are there stay. */
export function writeConsumer(
  tree: Tree,
  project: NestProject,
  consumer: ConsumerClass,
  extension: ImportExtension,
  suffix: string | undefined,
): void {
  const { path, className, subject, event, settings } = consumer;
  if (tree.exists(path) && !tree.readText(path).includes(event.constant)) {
    const message = `${path} exists and handles another event: choose another folder, with --path.`;
    throw new SchematicError('NAME_TAKEN', message, path);
  }
  const values = {
    subject,
    constant: event.constant,
    eventType: event.eventType,
    consumerClass: className,
    consumerPath: `./${posix.basename(path, '.ts')}`,
    eventPath: relativeSpecifier(path, event.path),
    typePath: relativeSpecifier(path, event.typePath),
    options: settings,
    sample: event.members && sampleEvent(event.members),
  };
  createSource(tree, project, path, render('jetstream-consumer/consumer.ts', values, extension));
  if (suffix === undefined) return;
  const specPath = path.replace(/\.ts$/, `.${suffix}.ts`);
  createSource(tree, project, specPath, render('jetstream-consumer/consumer.spec.ts', values, extension));
}

/** What a spec's name ends with; undefined when none is wanted. */
export function specSuffix({ spec, specFileSuffix = 'spec' }: ConsumerSchematicOptions): string | undefined {
  if (spec === false) return undefined;
  if (!/^[\w-]+(\.[\w-]+)*$/.test(specFileSuffix)) {
    throw invalidOption('specFileSuffix', specFileSuffix, 'must be a plain word, e.g. spec.');
  }
  return specFileSuffix;
}
