import { posix } from 'node:path';
import { ts } from '../source/typescript';
import type { Tree } from '../source/tree';
import { findImport } from '../source/imports';
import { findModules } from '../source/nest-modules';
import { createdApps } from '../source/created-apps';
import { defaultExportName, reExports } from '../source/exports';
import { parseFile } from '../source/parse';
import type { CodeFolder } from './nest-project';
import { resolveSpecifier } from './paths';

export interface ModuleFile {
  readonly path: string;
  readonly className: string;
}

/**
 * Finds the module that the entry file passes to `NestFactory`, else `app.module.ts`. For the
 * library `orders`, finds `orders.module.ts`.
 */
export function findRootModule(tree: Tree, project: CodeFolder): ModuleFile | undefined {
  const found = fromEntryFile(tree, project);
  if (found) return found;
  const { sourceRoot } = project;
  const own = `${sourceRoot}/${posix.basename(posix.dirname(sourceRoot))}.module.ts`;
  const module = onlyModuleOf(tree, `${sourceRoot}/app.module.ts`) ?? onlyModuleOf(tree, own);
  // If the entry file names another module, the root module is elsewhere.
  const name = rootModuleName(tree, project);
  return name === undefined || name === module?.className ? module : undefined;
}

function fromEntryFile(tree: Tree, project: CodeFolder): ModuleFile | undefined {
  const className = rootModuleName(tree, project);
  if (className === undefined) return undefined;
  const imported = findImport(parseFile(tree, project.entryFile), className);
  if (!imported) return declaredModule(tree, project.entryFile, className);
  const path = resolveSpecifier(tree, project.entryFile, imported.specifier);
  return path === undefined ? undefined : declaredModule(tree, path, imported.name);
}

/**
 * Returns the class that the entry file creates an application from: `AppModule`, or that of
 * `AppModule.register(…)`.
 */
function rootModuleName(tree: Tree, project: CodeFolder): string | undefined {
  if (!tree.exists(project.entryFile)) return undefined;
  const apps = createdApps(parseFile(tree, project.entryFile));
  const [argument] = (apps.find(({ kind }) => kind === 'application') ?? apps[0])?.call.arguments ?? [];
  const isCall = argument && ts.isCallExpression(argument) && ts.isPropertyAccessExpression(argument.expression);
  const module = isCall ? argument.expression.expression : argument;
  return module && ts.isIdentifier(module) ? module.text : undefined;
}

/** Finds a module by its exported name, also through re-exports. */
function declaredModule(
  tree: Tree,
  path: string,
  name: string,
  visited: readonly string[] = [],
): ModuleFile | undefined {
  if (visited.includes(path)) return undefined;
  const source = parseFile(tree, path);
  const wanted = name === 'default' ? defaultExportName(source) : name;
  if (wanted !== undefined && findModules(source).some((module) => module.name === wanted))
    return { path, className: wanted };
  for (const { specifier, original } of reExports(source, name)) {
    const target = resolveSpecifier(tree, path, specifier);
    const found = target === undefined ? undefined : declaredModule(tree, target, original, [...visited, path]);
    if (found) return found;
  }
  return undefined;
}

/** Returns the module of a file that declares exactly one. */
export function onlyModuleOf(tree: Tree, path: string): ModuleFile | undefined {
  if (!tree.exists(path)) return undefined;
  const modules = findModules(parseFile(tree, path));
  const [first] = modules;
  return modules.length === 1 && first?.name !== undefined ? { path, className: first.name } : undefined;
}
