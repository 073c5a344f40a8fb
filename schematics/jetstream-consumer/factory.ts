import { posix } from 'node:path';
import type { Rule } from '@angular-devkit/schematics';
import { splitName } from '../names/name-option';
import { eventSubject } from '../names/subject';
import { kebabCase, pascalCase } from '../names/words';
import { formatChanges } from '../project/format-changes';
import { importExtension } from '../project/import-extension';
import { readNestProject } from '../project/nest-project';
import { folderIn, relativeSpecifier } from '../project/paths';
import { register } from '../project/register';
import { findFolderModule } from '../project/root-module';
import { findStreams } from '../project/streams';
import { addEvent } from './add-event';
import { chooseStream } from './choose-stream';
import { specSuffix, writeConsumer } from './consumer-files';
import { consumerSettings } from './consumer-settings';
import { findEvent } from './find-event';
import { listEvent } from './list-event';
import type { ConsumerSchematicOptions } from './options';

/** `nest g jetstream-consumer order.created`: the event, its handler and spec, and their registration. */
export function jetstreamConsumer(options: ConsumerSchematicOptions): Rule {
  return async (tree, context) => {
    const project = readNestProject(tree, options);
    const { name, folder } = splitName('subject', options.name, options.path);
    const subject = eventSubject(name);
    const settings = consumerSettings(project, subject, options);
    const suffix = specSuffix(options);
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
    const path = posix.join(home, `${kebabCase(base)}.consumer.ts`);
    const className = `${pascalCase(base)}Consumer`;
    writeConsumer(tree, project, { path, className, subject, event, settings }, extension, suffix);

    if (options.skipImport !== true) {
      const module = findFolderModule(tree, project, home);
      const specifier = relativeSpecifier(module?.path ?? path, path) + extension;
      const imports = [{ name: className, specifier }];
      register(tree, context, module, { list: 'controllers', imports, element: className });
    }
    await formatChanges(tree, context);
  };
}
