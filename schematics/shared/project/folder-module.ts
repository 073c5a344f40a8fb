import { posix } from 'node:path';
import type { Tree } from '../source/tree';
import type { CodeFolder } from './nest-project';
import { findRootModule, onlyModuleOf, type ModuleFile } from './root-module';
import { usedModules } from './used-modules';

/**
 * Finds the module for the classes of a folder, in the folder or its parents. Skips modules that
 * the application does not import, and falls back to the root module.
 */
export function findFolderModule(tree: Tree, project: CodeFolder, folder: string): ModuleFile | undefined {
  const root = findRootModule(tree, project);
  const isUsed = usedModules(tree, project, root);
  for (let current = folder; current.startsWith(project.sourceRoot); current = posix.dirname(current)) {
    const found = modulesIn(tree, current).find(isUsed);
    if (found) return found;
    if (current === project.sourceRoot) break;
  }
  return root;
}

/** Returns the module with the name of its folder, else the only module of the folder. */
function modulesIn(tree: Tree, folder: string): ModuleFile[] {
  const names = tree.getDir(folder).subfiles.filter((name) => name.endsWith('.module.ts'));
  const own = `${posix.basename(folder)}.module.ts`;
  const candidates = [own, ...(names.length === 1 ? names : [])];
  return candidates.flatMap((name) => onlyModuleOf(tree, `${folder}/${name}`) ?? []);
}
