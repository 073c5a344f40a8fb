import type { Rule } from '@angular-devkit/schematics';
import { openWorkplace } from '../event/workplace';
import { formatChanges } from '../project/format-changes';
import { createSource } from '../project/new-file';
import { relativeSpecifier } from '../project/paths';
import { register } from '../project/register';
import { findRootModule } from '../project/root-module';
import { streamsOf } from '../project/streams';
import { usesTransport } from '../project/transport-package';
import type { Tree } from '../project/workspace';
import { render } from '../template/render';
import { askedOptions } from './asked-options';
import type { StreamSchematicOptions } from './options';
import { refuseConflicts } from './refuse-conflicts';
import { provideStream } from './stream-module';
import { planStream, type StreamPlan } from './stream-plan';

/** Under the name that the constant of this stream has by now. */
function asDeclared(tree: Tree, plan: StreamPlan): StreamPlan {
  const declared = tree.exists(plan.streamFile) ? streamsOf(tree, plan.streamFile) : [];
  const constant = declared.find(({ name }) => name === plan.stream)?.constant;
  return { ...plan, constant: constant ?? plan.constant };
}

/** `nest g jetstream-stream orders`: the stream, its module, and the module's registration. */
export function jetstreamStream(options: StreamSchematicOptions): Rule {
  return async (tree, context) => {
    const place = openWorkplace(tree, context, options);
    const { project, extension } = place;
    const plan = asDeclared(tree, planStream(project, await askedOptions(place, options)));
    refuseConflicts(tree, project, plan);
    createSource(tree, project, plan.streamFile, render('jetstream-stream/stream.ts', { ...plan }));
    const { path, className } = provideStream(tree, context, project, plan, extension);

    if (options.skipImport !== true) {
      const root = findRootModule(tree, project);
      const specifier = relativeSpecifier(root?.path ?? project.entryFile, path) + extension;
      register(tree, context, root, { list: 'imports', imports: [{ name: className, specifier }], element: className });
    }
    // A library's transport is that of its applications.
    if (!project.isLibrary && !usesTransport(tree, project))
      context.logger.warn('NatsJetStreamTransport is not registered yet: run nest add nest-jetstream.');
    await formatChanges(tree, context);
  };
}
