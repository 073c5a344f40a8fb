import { posix } from 'node:path';
import type { Tree } from '../source/tree';

/** Depth of the folders of projects, such as `apps/shop/api`. */
const PROJECT_DEPTH = 4;

/** Returns the folders below the workspace that may contain a project. */
export function foldersOf(tree: Tree, folder = '.', depth = PROJECT_DEPTH): string[] {
  if (depth === 0) return [];
  const folders = codeFolders(tree, folder).map((name) => posix.join(folder, name));
  return [...folders, ...folders.flatMap((path) => foldersOf(tree, path, depth - 1))];
}

/** Returns the names of the folders in a folder, without dependencies, builds and hidden ones. */
export function codeFolders(tree: Tree, folder: string): string[] {
  return tree
    .getDir(folder)
    .subdirs.filter((name) => name !== 'node_modules' && name !== 'dist' && !name.startsWith('.'));
}
