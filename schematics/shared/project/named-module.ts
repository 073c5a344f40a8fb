import { posix } from 'node:path';
import { invalidOption } from '../errors';
import { findModules } from '../source/nest-modules';
import { parseFile } from '../source/parse';
import type { NestProject } from './nest-project';
import type { ModuleFile } from './root-module';
import type { Tree } from '../source/tree';

/**
 * Returns the module of a file, relative to the workspace or to the source root. `#Name` selects
 * one of several modules.
 * @throws SchematicError (`INVALID_OPTION`)
 */
export function namedModule(tree: Tree, project: NestProject, option: string): ModuleFile {
  const [file = '', className] = option.split('#');
  if (/[\0\\]/.test(file) || posix.isAbsolute(file) || file.split('/').includes('..')) {
    throw invalidOption('module', option, 'must be a file inside the project, with "/" between folders.');
  }
  const candidates = [file, posix.join(project.sourceRoot, file)].flatMap((path) => [
    path,
    `${path}.ts`,
    `${path}.module.ts`,
  ]);
  const path = candidates.find((each) => each.endsWith('.ts') && tree.exists(each));
  if (path === undefined)
    throw invalidOption('module', option, 'does not exist. Pass a file such as src/core/core.module.ts.');
  const names = findModules(parseFile(tree, path)).flatMap(({ name }) => name ?? []);
  const name = className ?? (names.length === 1 ? names[0] : undefined);
  if (name !== undefined && names.includes(name)) return { path, className: name };
  const remedy =
    names.length === 0
      ? 'has no class with @Module().'
      : `has the modules ${names.join(', ')}. Choose one, such as ${path}#${names[0]}.`;
  throw invalidOption('module', option, remedy);
}
