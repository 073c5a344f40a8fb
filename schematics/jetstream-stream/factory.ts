import type { Rule } from '@angular-devkit/schematics';
import { openContext } from '../shared/context';
import { formatChanges } from '../shared/edit/format-changes';
import { createSource } from '../shared/project/new-file';
import { relativeSpecifier } from '../shared/project/paths';
import { register } from '../shared/project/register';
import { findRootModule } from '../shared/project/root-module';
import { usedModules } from '../shared/project/used-modules';
import { warnWithoutTransport } from '../shared/project/transport-package';
import { render } from '../shared/template/render';
import { completePlan } from './complete-plan';
import { withExistingStream } from './existing-stream';
import type { StreamSchematicOptions } from './options';
import { settingEntries } from './settings';
import { refuseConflicts } from './stream-conflicts';
import { provideStream } from './stream-module';
import { planStream } from './stream-plan';

/** `nest g jetstream-stream orders` generates a stream and its module. */
export function jetstreamStream(options: StreamSchematicOptions): Rule {
  return async (tree, { logger }) => {
    const context = openContext(tree, logger, options);
    const { project, extension } = context;
    const plan = await completePlan(context, withExistingStream(tree, project, planStream(project, options)));
    refuseConflicts(tree, project, plan);
    createSource(
      tree,
      project,
      plan.streamFile,
      render('jetstream-stream/stream.ts', { ...plan, settings: settingEntries(plan.settings) }),
    );
    const { path, className } = provideStream(tree, logger, project, plan, extension);

    if (plan.registersInModule) {
      const root = findRootModule(tree, project);
      const importing = context.module ?? root;
      const isUsed = usedModules(tree, project, root);
      const specifier = relativeSpecifier(importing?.path ?? project.entryFile, path) + extension;
      const imports = [{ name: className, specifier }];
      if (importing?.path !== path && (context.module || !isUsed({ path, className })))
        register(tree, logger, importing, { list: 'imports', imports, element: className });
    }
    warnWithoutTransport(tree, logger, project);
    await formatChanges(tree, logger);
  };
}
