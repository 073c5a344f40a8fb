import { defaultExportName } from '../source/exports';
import { findModules } from '../source/nest-modules';
import { descendants, parseFile } from '../source/parse';
import type { Tree } from '../source/tree';
import { ts } from '../source/typescript';
import type { CodeFolder } from './nest-project';
import { resolveSpecifier, sourceFiles } from './paths';
import type { ModuleFile } from './root-module';

const SPECIFIER = /\b(?:from|import|require)\s*\(?\s*['"]([^'"\n]+)['"]/g;

/**
 * Returns a check whether the application imports a module, directly or through other modules. Nest
 * ignores the other modules, so a handler in one would never run.
 */
export function usedModules(
  tree: Tree,
  project: CodeFolder,
  root: ModuleFile | undefined,
): (module: ModuleFile) => boolean {
  let files: readonly string[] | undefined;
  return (module) => isUsed(module, []);

  function isUsed(module: ModuleFile, visited: readonly string[]): boolean {
    if (module.className === root?.className && module.path === root.path) return true;
    files ??= importedFiles(tree, project, root);
    if (!files.includes(module.path)) return false;
    // Applications import the modules that a library exports.
    if (project.isLibrary) return true;
    if (defaultExportName(parseFile(tree, module.path)) === module.className) return true;
    return files.some((path) => {
      if (visited.includes(path) || !mentions(tree, path, module)) return false;
      const modules = findModules(parseFile(tree, path)).flatMap(({ name }) => name ?? []);
      // A file without modules may list modules for others.
      if (modules.length === 0) return true;
      return modules
        .filter((className) => className !== module.className)
        .some((className) => isUsed({ path, className }, [...visited, module.path]));
    });
  }
}

/** Returns the files that the entry file and the root module import, also through other files. */
function importedFiles(tree: Tree, { sourceRoot, entryFile }: CodeFolder, root: ModuleFile | undefined): string[] {
  // Without a root module, the application is started in a way that we cannot follow.
  if (!root) return sourceFiles(tree, sourceRoot);
  const found = new Set([root.path, entryFile].filter((path) => tree.exists(path)));
  for (const path of found) {
    for (const [, specifier = ''] of tree.readText(path).matchAll(SPECIFIER)) {
      const target = resolveSpecifier(tree, path, specifier);
      if (target !== undefined) found.add(target);
    }
  }
  return [...found];
}

/** Returns true if a file uses the class, and not only imports or exports it. */
function mentions(tree: Tree, path: string, { className }: ModuleFile): boolean {
  if (!tree.readText(path).includes(className)) return false;
  return [...descendants(parseFile(tree, path))].some(
    (node) => ts.isIdentifier(node) && node.text === className && isUse(node, className),
  );
}

function isUse(name: ts.Identifier, className: string): boolean {
  // An import under another name is used under that name.
  if (ts.isImportSpecifier(name.parent)) return name.parent.propertyName === name;
  for (let node: ts.Node = name; !ts.isSourceFile(node); node = node.parent) {
    if (ts.isImportDeclaration(node) || ts.isExportDeclaration(node)) return false;
    if (ts.isClassDeclaration(node) && node.name?.text === className) return false;
  }
  return true;
}
