import { posix } from 'node:path';
import type { Tree } from '../source/tree';
import { invalidOption } from '../errors';
import { isReservedName } from '../naming/file-name';
import { codeFolders } from './folders';
import { aliasTargets } from './import-aliases';
import type { CodeFolder, NestProject } from './nest-project';

/**
 * Returns a folder below the source root. `path` comes from the user.
 * @throws SchematicError (`INVALID_OPTION`)
 */
export function folderIn(project: NestProject, path: string): string {
  const plain = path.replace(/^\.\//, '').replace(/\/+$/, '');
  if (plain !== '' && plain !== '.' && !plain.split('/').every(isPlainName)) {
    throw invalidOption(
      'path',
      path,
      'must be a folder inside the source root, with names of letters, digits, "-", "_" and "." separated by "/".',
    );
  }
  const reserved = plain.split('/').find(isReservedName);
  if (reserved !== undefined)
    throw invalidOption(
      'path',
      path,
      `contains ${reserved}, which is a reserved name on Windows. Choose another folder with --path.`,
    );
  // Some versions of `nest g` prepend generateOptions.baseDir and the source root.
  const below = plain.startsWith(`${project.sourceRoot}/`) ? plain.slice(project.sourceRoot.length + 1) : plain;
  return posix.join(project.sourceRoot, below);
}

/** Accepts folder names that work in every file system and import. */
function isPlainName(name: string): boolean {
  return /^[\p{L}\p{M}\p{N}_.@-]{1,100}$/u.test(name) && !name.endsWith('.');
}

/** Returns the specifier, without extension, with which `from` imports `to`. */
export function relativeSpecifier(from: string, to: string): string {
  const path = posix.relative(posix.dirname(from), to).replace(/\.ts$/, '');
  return path.startsWith('.') ? path : `./${path}`;
}

export function isInside({ sourceRoot }: CodeFolder, path: string): boolean {
  return sourceRoot === '.' || path.startsWith(`${sourceRoot}/`);
}

/** Returns the existing source file of a specifier: a relative one, or an alias of the project. */
export function resolveSpecifier(tree: Tree, from: string, specifier: string): string | undefined {
  const targets = specifier.startsWith('.')
    ? [posix.join(posix.dirname(from), specifier)]
    : aliasTargets(tree, from, specifier);
  return targets
    .filter((target) => !target.startsWith('..'))
    .map((target) => target.replace(/\.[cm]?[jt]s$/, ''))
    .flatMap((base) => [`${base}.ts`, `${base}/index.ts`])
    .find((path) => tree.exists(path));
}

/** Returns the sources of a project and of its libraries. */
export function importableFiles(tree: Tree, project: NestProject): string[] {
  return [project, ...project.libraries].flatMap(({ sourceRoot }) => sourceFiles(tree, sourceRoot));
}

/** Returns the TypeScript sources below a folder, without declarations and specs. */
export function sourceFiles(tree: Tree, folder: string): string[] {
  const directory = tree.getDir(folder);
  const files = directory.subfiles
    .filter((name) => /\.[cm]?ts$/.test(name) && !/\.(d|spec|test|e2e-spec)\.[cm]?ts$/.test(name))
    .map((name) => posix.join(folder, name));
  return [...files, ...codeFolders(tree, folder).flatMap((name) => sourceFiles(tree, posix.join(folder, name)))];
}
