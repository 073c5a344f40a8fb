import { posix } from 'node:path';
import { ts } from '../source/typescript';
import type { Tree } from './workspace';
import { findImport } from '../source/imports';
import { findModules } from '../source/module-metadata';
import { descendants, parseFile } from '../source/parse';
import type { NestProject } from './nest-project';
import { resolveSpecifier } from './paths';

export interface ModuleFile {
  readonly path: string;
  readonly className: string;
}

/** The module that the entry file hands to `NestFactory`, else `app.module.ts`; undefined for libraries. */
export function findRootModule(tree: Tree, project: NestProject): ModuleFile | undefined {
  return fromEntryFile(tree, project) ?? onlyModuleOf(tree, `${project.sourceRoot}/app.module.ts`);
}

/** The module that a folder's classes belong to: the folder's own, or that of a folder above it, or the root module. */
export function findFolderModule(tree: Tree, project: NestProject, folder: string): ModuleFile | undefined {
  const root = findRootModule(tree, project);
  for (let current = folder; current.startsWith(project.sourceRoot); current = posix.dirname(current)) {
    const own = onlyModuleOf(tree, `${current}/${posix.basename(current)}.module.ts`);
    if (own) return own;
    const names = tree.getDir(current).subfiles.filter((name) => name.endsWith('.module.ts'));
    const found = names.length === 1 ? onlyModuleOf(tree, `${current}/${names[0]}`) : undefined;
    if (found) return found;
    if (current === project.sourceRoot) break;
  }
  return root;
}

function fromEntryFile(tree: Tree, project: NestProject): ModuleFile | undefined {
  if (!tree.exists(project.entryFile)) return undefined;
  const source = parseFile(tree, project.entryFile);
  const className = [...descendants(source)].map(rootModuleName).find((name) => name !== undefined);
  if (className === undefined) return undefined;
  const imported = findImport(source, className);
  const path = imported ? resolveSpecifier(tree, project.entryFile, imported.specifier) : project.entryFile;
  if (path === undefined) return undefined;
  const names = findModules(parseFile(tree, path)).map(({ name }) => name);
  const original = imported?.name === 'default' ? names[0] : (imported?.name ?? className);
  return original !== undefined && names.includes(original) ? { path, className: original } : undefined;
}

function rootModuleName(node: ts.Node): string | undefined {
  if (!ts.isCallExpression(node) || !ts.isPropertyAccessExpression(node.expression)) return undefined;
  const { expression, name } = node.expression;
  const [argument] = node.arguments;
  const isFactory = ts.isIdentifier(expression) && expression.text === 'NestFactory' && name.text.startsWith('create');
  return isFactory && argument && ts.isIdentifier(argument) ? argument.text : undefined;
}

/** The module of a file that declares exactly one. */
export function onlyModuleOf(tree: Tree, path: string): ModuleFile | undefined {
  if (!tree.exists(path)) return undefined;
  const modules = findModules(parseFile(tree, path));
  const [first] = modules;
  return modules.length === 1 && first?.name !== undefined ? { path, className: first.name } : undefined;
}
