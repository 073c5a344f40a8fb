import { posix } from 'node:path';
import type { Rule, SchematicContext, Tree } from '@angular-devkit/schematics';
import { invalidOption } from '../errors';
import { sampleEvent } from '../fields/sample-value';
import { splitName } from '../names/name-option';
import { eventSubject } from '../names/subject';
import { kebabCase, pascalCase } from '../names/words';
import { formatChanges } from '../project/format-changes';
import { importExtension } from '../project/import-extension';
import { readNestProject, type NestProject } from '../project/nest-project';
import { createSource } from '../project/new-file';
import { folderIn, relativeSpecifier } from '../project/paths';
import { register } from '../project/register';
import { findFolderModule } from '../project/root-module';
import { findStreams } from '../project/streams';
import { render } from '../template/render';
import { addEvent } from './add-event';
import { chooseStream } from './choose-stream';
import { consumerSettings } from './consumer-settings';
import { findEvent, type DeclaredEvent } from './find-event';
import { listEvent } from './list-event';
import type { ConsumerSchematicOptions } from './options';

/** `nest g jetstream-consumer order.created`: the event, its handler and spec, and their registration. */
export function jetstreamConsumer(options: ConsumerSchematicOptions): Rule {
  return async (tree, context) => {
    const project = readNestProject(tree, options);
    const { name, folder } = splitName('subject', options.name, options.path);
    const subject = eventSubject(name);
    const settings = consumerSettings(project, subject, options);
    const stream = chooseStream(findStreams(tree, project), subject, options.stream);
    const extension = importExtension(tree, project);
    const known = findEvent(tree, project, subject);
    if (known && options.type !== undefined) {
      context.logger.info(`${subject} is already declared in ${known.path}: its fields stay as they are.`);
    }
    const event = known ?? addEvent(tree, project, stream, subject, options);
    listEvent(tree, context, stream, event, extension);

    const home = folder === undefined ? posix.dirname(stream.path) : folderIn(project, folder);
    const base = options.eventName ?? subject;
    const consumer = {
      path: posix.join(home, `${kebabCase(base)}.consumer.ts`),
      className: `${pascalCase(base)}Consumer`,
    };
    writeConsumer(tree, project, consumer, event, { subject, settings, extension, specSuffix: specSuffix(options) });
    if (options.skipImport !== true) registerConsumer(tree, context, project, consumer, extension);
    await formatChanges(tree);
  };
}

interface ConsumerClass {
  readonly path: string;
  readonly className: string;
}

interface ConsumerFiles {
  readonly subject: string;
  readonly settings: ReturnType<typeof consumerSettings>;
  readonly extension: '' | '.js' | '.ts';
  readonly specSuffix: string | undefined;
}

function writeConsumer(
  tree: Tree,
  project: NestProject,
  consumer: ConsumerClass,
  event: DeclaredEvent,
  files: ConsumerFiles,
): void {
  const { path, className } = consumer;
  const { subject, settings, extension, specSuffix: suffix } = files;
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

function specSuffix({ spec, specFileSuffix = 'spec' }: ConsumerSchematicOptions): string | undefined {
  if (spec === false) return undefined;
  if (!/^[\w.-]+$/.test(specFileSuffix))
    throw invalidOption('specFileSuffix', specFileSuffix, 'must be a plain word, e.g. spec.');
  return specFileSuffix;
}

function registerConsumer(
  tree: Tree,
  context: SchematicContext,
  project: NestProject,
  { path, className }: ConsumerClass,
  extension: string,
): void {
  const module = findFolderModule(tree, project, posix.dirname(path));
  const specifier = `${relativeSpecifier(module?.path ?? path, path)}${extension}`;
  register(tree, context, module, {
    list: 'controllers',
    imports: [{ name: className, specifier }],
    element: className,
  });
}
