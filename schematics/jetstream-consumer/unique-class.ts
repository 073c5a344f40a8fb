import type { SchematicContext } from '../shared/context';
import { invalidOption } from '../shared/errors';
import { sourceFiles } from '../shared/project/paths';
import { declaredNames } from '../shared/source/declared-names';
import { parseFile } from '../shared/source/parse';

/**
 * Throws if another file of the project declares the class. A module cannot list two classes with
 * one name.
 * @throws SchematicError (`INVALID_OPTION`)
 */
export function refuseTakenClass(
  { tree, project }: Pick<SchematicContext, 'tree' | 'project'>,
  className: string,
  consumerName: string,
): void {
  const owner = sourceFiles(tree, project.sourceRoot).find(
    (path) => tree.readText(path).includes(className) && declaredNames(parseFile(tree, path)).includes(className),
  );
  if (owner === undefined) return;
  const problem = `leads to class ${className}, which ${owner} already declares. Choose another name.`;
  throw invalidOption('name', consumerName, problem);
}
