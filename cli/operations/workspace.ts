import { existsSync } from 'node:fs';
import { dirname, join, posix, relative, sep } from 'node:path';
import { stringAt } from '../../schematics/shared/edit/json-file';
import { configuredProjects } from '../../schematics/shared/project/nest-project';
import type { Tree } from '../../schematics/shared/source/tree';

/**
 * Returns the workspace of a folder: the nearest folder with a package.json, as npm does. Without
 * one, the folder itself.
 */
export function workspaceOf(folder: string): string {
  for (let each = folder; ; each = dirname(each)) {
    if (existsSync(join(each, 'package.json'))) return each;
    if (dirname(each) === each) return folder;
  }
}

/** Returns the application of a monorepo that contains a folder. */
export function applicationAround(workspace: string, tree: Tree, folder: string): string | undefined {
  const path = `${relative(workspace, folder).split(sep).join(posix.sep)}/`;
  const found = Object.entries(configuredProjects(tree)).find(([, config]) => {
    const root = stringAt(config, 'root');
    return root !== undefined && stringAt(config, 'type') !== 'library' && path.startsWith(`${posix.normalize(root)}/`);
  });
  return found?.[0];
}
