import { findModules } from '../source/nest-modules';
import { parseFile } from '../source/parse';
import type { Tree } from '../source/tree';
import type { CodeFolder } from '../project/nest-project';
import { sourceFiles } from '../project/paths';

/**
 * Returns a class name for the module of a stream. A project may have a module of the same name in
 * another folder, and a file that imports both needs two names.
 */
export function freeModuleClass(tree: Tree, { sourceRoot }: CodeFolder, wanted: string): string {
  const isTaken = sourceFiles(tree, sourceRoot).some(
    (path) =>
      tree.readText(path).includes(`class ${wanted}`) &&
      findModules(parseFile(tree, path)).some(({ name }) => name === wanted),
  );
  return isTaken ? wanted.replace(/Module$/, 'StreamModule') : wanted;
}
