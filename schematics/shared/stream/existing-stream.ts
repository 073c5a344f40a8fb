import { posix } from 'node:path';
import type { NestProject } from '../project/nest-project';
import { sourceFiles } from '../project/paths';
import { findRootModule, type ModuleFile } from '../project/root-module';
import { streamsOf, type DeclaredStream } from '../project/streams';
import { findImport } from '../source/imports';
import { findModules } from '../source/nest-modules';
import { descendants, parseFile } from '../source/parse';
import type { Tree } from '../source/tree';
import { ts } from '../source/typescript';
import type { StreamPlan } from './stream-plan';

/**
 * Uses the files and names of a stream that the project already declares. The user may have renamed
 * or moved them.
 */
export function withExistingStream(tree: Tree, project: NestProject, plan: StreamPlan): StreamPlan {
  const isElsewhere = !tree.exists(plan.streamFile) && !plan.isPlaced;
  const paths = isElsewhere ? sourceFiles(tree, project.sourceRoot) : [plan.streamFile];
  const declared = paths
    .filter((path) => tree.exists(path))
    .flatMap((path) => streamsOf(tree, path))
    .find(({ name }) => name === plan.stream);
  if (declared?.constant === undefined) return besideNamesake(tree, project, plan);
  const module = featureModule(tree, project, declared);
  const beside = posix.join(posix.dirname(declared.path), posix.basename(plan.moduleFile));
  return {
    ...plan,
    constant: declared.constant,
    streamFile: declared.path,
    moduleFile: module?.path ?? beside,
    moduleClass: module?.className ?? plan.moduleClass,
  };
}

/**
 * Uses the root module for a stream whose module would have the same name, such as the stream
 * `orders` of the library `orders`.
 */
function besideNamesake(tree: Tree, project: NestProject, plan: StreamPlan): StreamPlan {
  const root = findRootModule(tree, project);
  if (root?.className !== plan.moduleClass || plan.isPlaced) return plan;
  const streamFile = posix.join(posix.dirname(root.path), posix.basename(plan.streamFile));
  return { ...plan, streamFile, moduleFile: root.path };
}

/** Finds the module that declares the stream with `forFeature`. */
function featureModule(tree: Tree, project: NestProject, { constant }: DeclaredStream): ModuleFile | undefined {
  for (const path of sourceFiles(tree, project.sourceRoot)) {
    if (!tree.readText(path).includes('forFeature')) continue;
    const source = parseFile(tree, path);
    const module = findModules(source).find(({ call }) =>
      [...descendants(call)].some(
        (node) => ts.isIdentifier(node) && (findImport(source, node.text)?.name ?? node.text) === constant,
      ),
    );
    if (module?.name !== undefined) return { path, className: module.name };
  }
  return undefined;
}
