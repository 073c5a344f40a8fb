import type { Rule } from '@angular-devkit/schematics';
import { CachedTree } from '../shared/source/cached-tree';
import { openContext } from '../shared/context';
import { formatChanges } from '../shared/edit/format-changes';
import { warnWithoutTransport } from '../shared/project/transport-package';
import { createStream } from '../shared/stream/create-stream';
import { withExistingStream } from '../shared/stream/existing-stream';
import type { StreamSchematicOptions } from '../shared/stream/stream-options';
import { assertStreamName, planStream } from '../shared/stream/stream-plan';
import { askForName } from '../shared/prompt/ask-for-name';
import { splitName } from '../shared/naming/name-option';
import { completePlan } from './complete-plan';

const QUESTION = 'What is the name of the stream, such as orders?';

/** `nest g jetstream-stream orders` generates a stream and its module. */
export function jetstreamStream(options: StreamSchematicOptions): Rule {
  return async (host, { logger }) => {
    const tree = new CachedTree(host);
    const context = openContext(tree, logger, options);
    const { project, terminal } = context;
    const answer = await askForName(options.name, terminal, QUESTION, (name) =>
      assertStreamName(splitName('name', name).name),
    );
    const plan = withExistingStream(tree, project, planStream(project, { ...options, ...answer }));
    createStream(context, await completePlan(context, plan));
    warnWithoutTransport(tree, logger, project);
    await formatChanges(tree, logger);
  };
}
