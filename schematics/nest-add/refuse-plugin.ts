import { SchematicError } from '../shared/errors';
import type { NestProject } from '../shared/project/nest-project';
import { importableFiles } from '../shared/project/paths';
import { importsPlugin, PLUGIN_PACKAGE } from '../shared/project/plugin-package';
import type { Tree } from '../shared/source/tree';

/**
 * Refuses a project of the plugin. Its classes have the same names, and with both transports each
 * event would be handled twice.
 * @throws SchematicError (`PLUGIN_IN_USE`)
 */
export function refusePlugin(tree: Tree, project: NestProject): void {
  const path = importableFiles(tree, project).find((each) => importsPlugin(tree, each));
  if (path === undefined) return;
  throw new SchematicError(
    'PLUGIN_IN_USE',
    `${path} imports ${PLUGIN_PACKAGE}, so run npx nest-jetstream migrate to replace it.`,
    path,
  );
}
