import { posix } from 'node:path';
import { findModules } from '../source/nest-modules';
import { hasWord } from '../source/has-word';
import { parseFile } from '../source/parse';
import { type ImportExtension, withExtension } from '../source/import-extension';
import { isRecord, readJson, setJson, stringAt } from '../edit/json-file';
import type { CodeFolder, NestProject } from './nest-project';
import { findFolderModule } from './folder-module';
import { isInside, sourceFiles } from './paths';
import { register } from './register';
import type { ModuleFile } from './root-module';
import { specifierFor } from './specifier';
import type { DeclaredStream } from './streams';
import type { Logger, Tree } from '../source/tree';

const ROOT_CONFIG = 'tsconfig.json';

interface Using {
  readonly tree: Tree;
  readonly logger: Logger;
  readonly project: NestProject;
  readonly extension: ImportExtension;
}

/**
 * Imports the module that declares a library's stream. Without it, the project would not create the
 * stream.
 */
export function useLibraryStream(context: Using, stream: DeclaredStream, user: ModuleFile | undefined): void {
  const { tree, logger, project, extension } = context;
  const library = project.libraries.find((each) => isInside(each, stream.path));
  if (!library || isInside(project, stream.path)) return;
  compileLibrary(tree, library);
  const module = findFolderModule(tree, library, posix.dirname(stream.path));
  if (!module || mentionsAny(tree, project, modulesWith(tree, library, module))) return;
  const exported = { name: module.className, path: module.path };
  const specifier = withExtension(specifierFor(context, user?.path ?? project.entryFile, exported), extension);
  const imports = [{ name: module.className, specifier }];
  register(tree, logger, user, { list: 'imports', imports, element: module.className });
}

/** Returns the name of a module and of the modules in its library that import it. */
function modulesWith(tree: Tree, { sourceRoot }: CodeFolder, { className }: ModuleFile): string[] {
  const others = sourceFiles(tree, sourceRoot)
    .filter((path) => hasWord(tree.readText(path), className))
    .flatMap((path) => findModules(parseFile(tree, path)))
    .filter(({ call }) => hasWord(call.getText(), className));
  return [className, ...others.flatMap(({ name }) => name ?? [])];
}

function mentionsAny(tree: Tree, { sourceRoot }: CodeFolder, names: readonly string[]): boolean {
  return sourceFiles(tree, sourceRoot).some((path) => {
    const text = tree.readText(path);
    return names.some((name) => hasWord(text, name));
  });
}

/**
 * Adds a library to the references of the workspace's tsconfig.json, as `nest g app` does for
 * applications. `nest g library` does not, and vitest then ignores decorators in the library.
 */
export function compileLibrary(tree: Tree, { sourceRoot }: CodeFolder): void {
  const config = posix.join(posix.dirname(sourceRoot), 'tsconfig.lib.json');
  const references = readJson(tree, ROOT_CONFIG)?.['references'];
  if (!usesVitest(tree) || !tree.exists(config) || !Array.isArray(references) || references.length === 0) return;
  const isThere = references.some((each) => isRecord(each) && posix.normalize(stringAt(each, 'path') ?? '') === config);
  if (!isThere) setJson(tree, ROOT_CONFIG, ['references', references.length], { path: `./${config}` });
}

function usesVitest(tree: Tree): boolean {
  const manifest = readJson(tree, 'package.json');
  return ['dependencies', 'devDependencies'].some((kind) => stringAt(manifest, kind, 'vitest') !== undefined);
}
