import { SchematicError } from '../errors';
import { onlyClass } from '../source/single-class';
import { parseFile } from '../source/parse';
import type { Tree } from '../source/tree';

/**
 * The name of the class in a generated file, which the user may have renamed since; `wanted` for
 * one that is not there yet.
 */
export function classNameIn(tree: Tree, path: string, wanted: string): string {
  const name = tree.exists(path) ? onlyClass(parseFile(tree, path), wanted) : wanted;
  if (name !== undefined) return name;
  const message = `${path} exports no class ${wanted}, and not one class only: rename the one that is meant, or choose another folder, with --path.`;
  throw new SchematicError('NAME_TAKEN', message, path);
}
