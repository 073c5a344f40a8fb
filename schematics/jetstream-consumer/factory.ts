import { join, posix } from 'node:path';
import type { Rule } from '@angular-devkit/schematics';
import { askedForm } from '../shared/subject/parse-subject-option';
import { chooseStream } from '../shared/event/choose-stream';
import type { DeclaredEvent } from '../shared/event/declared-event';
import { eventNames } from '../shared/event/event-names';
import { handlerHome } from '../shared/event/handler-folder';
import { provideEvent } from '../shared/event/provide-event';
import { openWorkplace } from '../shared/context';
import { splitName } from '../shared/naming/name-option';
import { handlerForm } from '../shared/subject/parsed-subject';
import { classNameIn } from '../shared/project/class-file';
import { formatChanges } from '../shared/edit/format-changes';
import { compileLibrary, useLibraryStream } from '../shared/project/library';
import { relativeSpecifier } from '../shared/project/paths';
import { askOptions } from '../shared/prompt/ask-options';
import { register } from '../shared/project/register';
import { findFolderModule } from '../shared/project/root-module';
import { findStreams } from '../shared/project/streams';
import { registeredId } from '../shared/project/transport-package';
import { specSuffix } from '../shared/project/spec-suffix';
import { writeConsumer } from './consumer-files';
import { consumerSettings } from './consumer-settings';
import { sayWhatStays } from './existing-consumer';
import { handlerElsewhere, uniqueDurable } from './unique-durable';
import type { Handled } from './handled';
import type { ConsumerSchematicOptions } from './options';
import { providePattern } from './provide-pattern';

const SCHEMA = join(__dirname, 'schema.json');
const ASKED = ['durable', 'concurrency', 'batch', 'manualAck', 'ackWait', 'maxDeliver', 'retryDelay'] as const;

/** What a consumer of one event handles. */
function ofEvent(event: DeclaredEvent): Handled {
  return { ...event, sampleText: event.text };
}

/**
 * `nest g jetstream-consumer order.created`: the event, its handler and spec, and their
 * registration.
 */
export function jetstreamConsumer(options: ConsumerSchematicOptions): Rule {
  return async (tree, context) => {
    const place = openWorkplace(tree, context, options);
    const { project, extension } = place;
    const { name, folder } = splitName('subject', options.name, options.path);
    const form = askedForm(name, options.template, handlerForm);
    const names = eventNames(form, options.eventName);
    const service = registeredId(tree, project) ?? project.serviceName;
    // Wrong options first: nobody likes to answer questions for nothing.
    const usual = consumerSettings(service, form.name, options);
    const suffix = specSuffix(options);
    if (project.isLibrary && suffix !== undefined) compileLibrary(tree, project);
    const stream = await chooseStream(findStreams(tree, project), form, options.stream, place.terminal);
    const handled =
      form.kind === 'pattern'
        ? providePattern(place, stream, form, names, options)
        : ofEvent(await provideEvent(place, stream, form, names, options));

    const home = handlerHome(project, stream, folder);
    const path = posix.join(home, `${names.file}.consumer.ts`);
    const className = classNameIn(tree, path, `${names.base}Consumer`);
    const isThere = tree.exists(path);
    const isUsual = folder === undefined && options.eventName === undefined && options.durable === undefined;
    const elsewhere = isUsual && !isThere ? handlerElsewhere(place, usual.durable, handled.constant) : undefined;
    if (elsewhere !== undefined) {
      context.logger.info(`${elsewhere} handles ${form.text} already: for another handler, say --path or --durable.`);
      return formatChanges(tree, context);
    }
    const asked = isThere ? options : await askOptions(options, SCHEMA, ASKED, place);
    const settings = consumerSettings(service, form.name, asked);
    if (isThere) sayWhatStays(place, path, settings, options);
    const durable = uniqueDurable(place, path, settings.durable, asked.durable);
    writeConsumer(place, { path, className, handled, settings: { ...settings, durable } }, suffix);

    if (options.skipImport !== true) {
      const module = findFolderModule(tree, project, home);
      const specifier = relativeSpecifier(module?.path ?? path, path) + extension;
      const imports = [{ name: className, specifier }];
      register(tree, context, module, { list: 'controllers', imports, element: className });
      useLibraryStream(place, stream, module);
    }
    await formatChanges(tree, context);
  };
}
