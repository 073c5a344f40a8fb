import type { Rule } from '@angular-devkit/schematics';
import { openContext } from '../shared/context';
import { formatChanges } from '../shared/edit/format-changes';
import { createSource } from '../shared/project/new-file';
import { relativeSpecifier } from '../shared/project/paths';
import { register } from '../shared/project/register';
import { findRootModule } from '../shared/project/root-module';
import { streamsOf } from '../shared/project/streams';
import { usesTransport } from '../shared/project/transport-package';
import type { Tree } from '../shared/source/tree';
import { render } from '../shared/template/render';
import { completePlan } from './complete-plan';
import type { StreamSchematicOptions } from './options';
import { settingEntries } from './settings';
import { refuseConflicts } from './stream-conflicts';
import { provideStream } from './stream-module';
import { planStream, type StreamPlan } from './stream-plan';

/** `nest g jetstream-stream orders` generates a stream and its module. */
export function jetstreamStream(options: StreamSchematicOptions): Rule {
  return async (tree, { logger }) => {
    const context = openContext(tree, logger, options);
    const { project, extension } = context;
    const plan = withDeclaredName(tree, await completePlan(context, planStream(project, options)));
    refuseConflicts(tree, project, plan);
    createSource(
      tree,
      project,
      plan.streamFile,
      render('jetstream-stream/stream.ts', { ...plan, settings: settingEntries(plan.settings) }),
    );
    const { path, className } = provideStream(tree, logger, project, plan, extension);

    if (plan.registersInModule) {
      const importing = context.module ?? findRootModule(tree, project);
      const specifier = relativeSpecifier(importing?.path ?? project.entryFile, path) + extension;
      const imports = [{ name: className, specifier }];
      if (importing?.path !== path) register(tree, logger, importing, { list: 'imports', imports, element: className });
    }
    // A library uses the transport of its applications.
    if (!project.isLibrary && !usesTransport(tree, project))
      logger.warn('NatsJetStreamTransport is not registered yet. Run nest add nest-jetstream.');
    await formatChanges(tree, logger);
  };
}

/** Uses the name of the constant in an existing file, which the user may have renamed. */
function withDeclaredName(tree: Tree, plan: StreamPlan): StreamPlan {
  const declared = tree.exists(plan.streamFile) ? streamsOf(tree, plan.streamFile) : [];
  const constant = declared.find(({ name }) => name === plan.stream)?.constant;
  return { ...plan, constant: constant ?? plan.constant };
}
