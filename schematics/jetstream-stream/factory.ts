import type { Rule } from '@angular-devkit/schematics';
import { openContext } from '../shared/context';
import { formatChanges } from '../shared/edit/format-changes';
import { warnWithoutTransport } from '../shared/project/transport-package';
import { createStream } from '../shared/stream/create-stream';
import { withExistingStream } from '../shared/stream/existing-stream';
import type { StreamSchematicOptions } from '../shared/stream/stream-options';
import { planStream } from '../shared/stream/stream-plan';
import { completePlan } from './complete-plan';

/** `nest g jetstream-stream orders` generates a stream and its module. */
export function jetstreamStream(options: StreamSchematicOptions): Rule {
  return async (tree, { logger }) => {
    const context = openContext(tree, logger, options);
    const { project } = context;
    const plan = withExistingStream(tree, project, planStream(project, options));
    createStream(context, await completePlan(context, plan));
    warnWithoutTransport(tree, logger, project);
    await formatChanges(tree, logger);
  };
}
