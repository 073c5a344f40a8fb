import { posix } from 'node:path';
import type { Tree } from '../shared/source/tree';

const SKIPPED: ReadonlySet<string> = new Set(['node_modules', 'dist', 'coverage']);

/** Sources and package.json files of a folder, with specs. */
export interface WorkspaceFiles {
  readonly sources: readonly string[];
  readonly manifests: readonly string[];
}

export function workspaceFiles(tree: Tree, folder = '.'): WorkspaceFiles {
  const { subfiles, subdirs } = tree.getDir(folder);
  const below = subdirs
    .filter((name) => !SKIPPED.has(name) && !name.startsWith('.'))
    .map((name) => workspaceFiles(tree, posix.join(folder, name)));
  const here = (wanted: RegExp) => subfiles.filter((name) => wanted.test(name)).map((name) => posix.join(folder, name));
  return {
    sources: [
      ...here(/\.[cm]?ts$/).filter((path) => !/\.d\.[cm]?ts$/.test(path)),
      ...below.flatMap(({ sources }) => sources),
    ],
    manifests: [...here(/^package\.json$/), ...below.flatMap(({ manifests }) => manifests)],
  };
}
