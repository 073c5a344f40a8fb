import type { Rule } from '@angular-devkit/schematics';
import { SchematicError } from '../shared/errors';
import { findStream } from '../shared/event/choose-stream';
import { publisherPlace } from '../shared/event/find-publisher';
import { addMethods } from '../shared/event/publisher-methods';
import { eventsOfStream } from '../shared/event/stream-events';
import { CachedTree } from '../shared/source/cached-tree';
import { openContext } from '../shared/context';
import { splitName } from '../shared/naming/name-option';
import { askForName } from '../shared/prompt/ask-for-name';
import { classNameIn } from '../shared/project/class-file';
import { formatChanges } from '../shared/edit/format-changes';
import { compileLibrary, useLibraryStream } from '../shared/project/library';
import { registerClass } from '../shared/project/register-class';
import { specSuffix } from '../shared/project/spec-suffix';
import { findStreams } from '../shared/project/streams';
import { warnWithoutTransport } from '../shared/project/transport-package';
import type { PublisherSchematicOptions } from './options';
import { writeController } from './write-controller';
import { writePublisher, writePublisherSpec } from './publisher-files';

const QUESTION = "Which stream's events should be published, such as orders?";

/**
 * `nest g jetstream-publisher orders` generates a service with one method per event. Later runs add
 * methods for new events.
 */
export function jetstreamPublisher(options: PublisherSchematicOptions): Rule {
  return async (host, { logger }) => {
    const tree = new CachedTree(host);
    const context = openContext(tree, logger, options);
    const { project } = context;
    const streams = findStreams(tree, project);
    const answer = await askForName(options.name, streams.length > 0 ? context.terminal : undefined, QUESTION, (text) =>
      findStream(streams, splitName('name', text).name),
    );
    const { name, folder } = splitName('name', answer.name, options.path);
    const suffix = specSuffix(options);
    if (project.isLibrary && suffix !== undefined) compileLibrary(tree, project);
    const stream = findStream(streams, name);
    const { events, unreadable } = eventsOfStream(context, stream);
    if (events.length === 0) {
      const message = `Stream ${stream.name ?? name} lists no readable event. Declare one with npx nest-jetstream generate event.`;
      throw new SchematicError('EVENT_NOT_FOUND', message, name);
    }
    if (unreadable.length > 0)
      logger.warn(
        `${stream.path} lists ${unreadable.join(', ')}, which this project does not declare. No method was generated for it.`,
      );

    const { path, className: wanted } = publisherPlace(tree, project, stream, folder);
    const className = classNameIn(tree, path, wanted);
    const isNew = writePublisher(context, path, className);
    addMethods(context, path, className, events);
    if (isNew) warnWithoutTransport(tree, logger, project);
    if (isNew && suffix !== undefined) writePublisherSpec(context, path, className, events, suffix);

    if (options.skipImport !== true) {
      // Exported, because other modules publish through it, too.
      const module = registerClass(context, ['providers', 'exports'], { name: className, path });
      useLibraryStream(context, stream, module);
    }
    if (options.controller === true) writeController(context, path, className, events);
    await formatChanges(tree, logger);
  };
}
