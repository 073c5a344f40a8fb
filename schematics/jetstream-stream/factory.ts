import type { Rule } from '@angular-devkit/schematics';
import { openWorkplace } from '../shared/context';
import { formatChanges } from '../shared/edit/format-changes';
import { createSource } from '../shared/project/new-file';
import { relativeSpecifier } from '../shared/project/paths';
import { register } from '../shared/project/register';
import { findRootModule } from '../shared/project/root-module';
import { streamsOf } from '../shared/project/streams';
import { usesTransport } from '../shared/project/transport-package';
import type { Tree } from '../shared/source/tree';
import { render } from '../shared/template/render';
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
