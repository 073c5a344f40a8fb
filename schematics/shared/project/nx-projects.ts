import { posix } from 'node:path';
import { readJson, stringAt } from '../edit/json-file';
import type { Tree } from '../source/tree';
import { foldersOf } from './folders';

/**
 * Returns the projects of an Nx workspace in the form of nest-cli.json. Nx declares each in a
 * project.json or package.json of its folder.
 */
export function nxProjects(tree: Tree): Record<string, unknown> {
  if (!tree.exists('nx.json')) return {};
  const projects = foldersOf(tree).flatMap((folder) => nxProject(tree, folder) ?? []);
  return Object.fromEntries(projects.map(({ name, config }) => [name, config]));
}

function nxProject(tree: Tree, root: string): { name: string; config: object } | undefined {
  const project = readJson(tree, posix.join(root, 'project.json'));
  const manifest = readJson(tree, posix.join(root, 'package.json'));
  if (!project && !manifest) return undefined;
  const name =
    stringAt(project, 'name') ?? stringAt(manifest, 'nx', 'name') ?? stringAt(manifest, 'name') ?? posix.basename(root);
  const sourceRoot = stringAt(project, 'sourceRoot') ?? posix.join(root, 'src');
  const type = stringAt(project, 'projectType') ?? (tree.exists(`${sourceRoot}/main.ts`) ? 'application' : 'library');
  const main = stringAt(project, 'targets', 'build', 'options', 'main');
  const entryFile = main?.startsWith(`${sourceRoot}/`) ? main.slice(sourceRoot.length + 1) : undefined;
  return { name, config: { type, root, sourceRoot, ...(entryFile === undefined ? {} : { entryFile }) } };
}
