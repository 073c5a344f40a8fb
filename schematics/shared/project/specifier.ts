import { detectStyle } from '../source/code-style';
import { reExports } from '../source/exports';
import { parseFile } from '../source/parse';
import { restyle } from '../edit/restyle';
import { applyEdits, insertion } from '../edit/text-edit';
import { render } from '../template/render';
import type { ImportExtension } from '../source/import-extension';
import { libraryAlias } from './library-alias';
import type { CodeFolder, NestProject } from './nest-project';
import { isInside, relativeSpecifier, resolveSpecifier } from './paths';
import type { Tree } from '../source/tree';

/** An exported name and the file that exports it. */
export interface Exported {
  readonly name: string;
  readonly path: string;
}

interface Importing {
  readonly tree: Tree;
  readonly project: NestProject;
  readonly extension: ImportExtension;
}

/**
 * Returns the specifier, without extension, with which `from` imports an exported name. For a name
 * of a library, it is the library's alias, and the library's entry file is made to export it.
 */
export function specifierFor({ tree, project, extension }: Importing, from: string, exported: Exported): string {
  const library = project.libraries.find((each) => isInside(each, exported.path) && !isInside(each, from));
  const alias = library && libraryAlias(tree, library);
  if (!library || alias === undefined || !tree.exists(library.entryFile)) return relativeSpecifier(from, exported.path);
  exportFromLibrary(tree, library, exported, extension);
  return alias;
}

function exportFromLibrary(
  tree: Tree,
  { entryFile }: CodeFolder,
  exported: Exported,
  extension: ImportExtension,
): void {
  if (entryFile === exported.path || doesExport(tree, entryFile, exported)) return;
  const source = parseFile(tree, entryFile);
  const code = render('library/export.ts', { specifier: relativeSpecifier(entryFile, exported.path) }, extension);
  const style = detectStyle(source);
  const isClosed = source.text === '' || source.text.endsWith('\n');
  applyEdits(tree, entryFile, [insertion(source.text.length, (isClosed ? '' : style.eol) + restyle(code, style))]);
}

/** Returns true if a file exports a name of another file, itself or through re-exports. */
function doesExport(
  tree: Tree,
  path: string,
  { name, path: wanted }: Exported,
  visited: readonly string[] = [],
): boolean {
  if (visited.includes(path)) return false;
  return reExports(parseFile(tree, path), name).some(({ specifier, original }) => {
    const target = resolveSpecifier(tree, path, specifier);
    if (target === undefined) return false;
    return target === wanted || doesExport(tree, target, { name: original, path: wanted }, [...visited, path]);
  });
}
