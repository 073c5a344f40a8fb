import type { SchematicContext } from '../context';
import { createSource } from '../project/new-file';
import { relativeSpecifier } from '../project/paths';
import { register } from '../project/register';
import { findRootModule } from '../project/root-module';
import { usedModules } from '../project/used-modules';
import { render } from '../template/render';
import { refuseConflicts } from './stream-conflicts';
import { provideStream } from './stream-module';
import type { StreamPlan } from './stream-plan';
import { settingEntries } from './stream-settings';

/**
 * Writes a stream and its module, and registers the module in the chosen or the root module.
 * Existing files are not changed.
 * @throws SchematicError (`NAME_TAKEN`, `SUBJECT_OVERLAP`)
 */
export function createStream(
  { tree, logger, project, extension, module: chosen }: SchematicContext,
  plan: StreamPlan,
): void {
  refuseConflicts(tree, project, plan);
  const code = render('jetstream-stream/stream.ts', {
    ...plan,
    settings: plan.described ?? settingEntries(plan.settings),
  });
  createSource(tree, project, plan.streamFile, code);
  const module = provideStream(tree, logger, project, plan, extension);
  if (!plan.registersInModule) return;

  const { path, className } = module;
  const root = findRootModule(tree, project);
  const importing = chosen ?? root;
  if (importing?.path === path || (!chosen && usedModules(tree, project, root)(module))) return;
  const specifier = relativeSpecifier(importing?.path ?? project.entryFile, path) + extension;
  register(tree, logger, importing, { list: 'imports', imports: [{ name: className, specifier }], element: className });
}
