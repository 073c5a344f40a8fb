import { ts } from '../source/typescript';
import { SchematicError } from '../errors';
import { parseFile } from '../source/parse';
import type { Tree } from '../source/tree';

/**
 * Returns the name of the class in a generated file, which the user may have renamed. Returns
 * `wanted` if the file does not exist.
 * @throws SchematicError (`NAME_TAKEN`)
 */
export function classNameIn(tree: Tree, path: string, wanted: string): string {
  const name = tree.exists(path) ? singleClass(parseFile(tree, path), wanted) : wanted;
  if (name !== undefined) return name;
  const message = `${path} exports no class ${wanted}. Rename a class of the file, or choose another folder with --path.`;
  throw new SchematicError('NAME_TAKEN', message, path);
}

/** Returns the class with the wanted name, or the only exported class. */
function singleClass(source: ts.SourceFile, wanted: string): string | undefined {
  const classes = source.statements.filter(ts.isClassDeclaration);
  const names = classes
    .filter(({ modifiers }) => modifiers?.some(({ kind }) => kind === ts.SyntaxKind.ExportKeyword))
    .flatMap(({ name }) => name?.text ?? []);
  if (names.includes(wanted)) return wanted;
  return names.length === 1 ? names[0] : undefined;
}
