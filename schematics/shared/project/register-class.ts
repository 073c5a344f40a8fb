import { posix } from 'node:path';
import type { ModuleList } from '../edit/module-lists';
import { declaredNames } from '../source/declared-names';
import type { ImportExtension } from '../source/import-extension';
import { findImport } from '../source/imports';
import { findModules } from '../source/nest-modules';
import { descendants, parseFile } from '../source/parse';
import type { Logger, Tree } from '../source/tree';
import { ts } from '../source/typescript';
import { findFolderModule } from './folder-module';
import type { NestProject } from './nest-project';
import { relativeSpecifier, resolveSpecifier, sourceFiles } from './paths';
import { register } from './register';
import { findRootModule, type ModuleFile } from './root-module';
import type { Exported } from './specifier';
import { usedModules } from './used-modules';

interface Registering {
  readonly tree: Tree;
  readonly logger: Logger;
  readonly project: NestProject;
  readonly extension: ImportExtension;
  /** Module that the user chose. */
  readonly module: ModuleFile | undefined;
}

/**
 * Registers a class in the chosen module, or in the nearest one. A class that another module of the
 * application lists is not registered twice. Returns the module.
 */
export function registerClass(
  { tree, logger, project, extension, module: chosen }: Registering,
  lists: readonly ModuleList[],
  exported: Exported,
): ModuleFile | undefined {
  const { name, path } = exported;
  const module = chosen ?? findFolderModule(tree, project, posix.dirname(path));
  const owner = listingModule(tree, project, exported);
  if (owner && owner.path !== module?.path) return owner;
  const imports = [{ name, specifier: relativeSpecifier(module?.path ?? path, path) + extension }];
  for (const list of lists) register(tree, logger, module, { list, imports, element: name });
  return module;
}

/** Finds the module of the application that lists the class. */
function listingModule(tree: Tree, project: NestProject, exported: Exported): ModuleFile | undefined {
  const isUsed = usedModules(tree, project, findRootModule(tree, project));
  return sourceFiles(tree, project.sourceRoot)
    .filter((path) => tree.readText(path).includes(exported.name))
    .flatMap((path) => modulesListing(tree, path, exported))
    .find(isUsed);
}

function modulesListing(tree: Tree, path: string, exported: Exported): ModuleFile[] {
  const source = parseFile(tree, path);
  return findModules(source).flatMap(({ name: className, call }) => {
    const isListed = [...descendants(call)].some(
      (node) => ts.isIdentifier(node) && node.text === exported.name && isSame(tree, source, exported),
    );
    return className !== undefined && isListed ? [{ path, className }] : [];
  });
}

/** Returns true if a file imports the class from its file, or from one that exports it again. */
function isSame(tree: Tree, source: ts.SourceFile, { name, path }: Exported): boolean {
  const imported = findImport(source, name);
  const target = imported && resolveSpecifier(tree, source.fileName, imported.specifier);
  return target !== undefined && (target === path || !declaredNames(parseFile(tree, target)).includes(name));
}
