import { posix } from 'node:path';
import { isRecord, readJson, stringAt } from '../shared/edit/json-file';
import { nestConfigPath, readNestProject } from '../shared/project/nest-project';
import { isInside } from '../shared/project/paths';
import type { Tree } from '../shared/source/tree';

/**
 * Returns the name of the service of a file: a project of nest-cli.json, of Nx, or a package.
 * Undefined in a library of several services.
 */
export function serviceIdOf(tree: Tree, path: string): string | undefined {
  const configPath = nestConfigPath(tree);
  const config = configPath === undefined ? undefined : readJson(tree, configPath);
  const names = isRecord(config?.['projects']) ? Object.keys(config['projects']) : [];
  for (const project of names) {
    const found = readNestProject(tree, { project });
    if (isInside(found, path)) return found.isLibrary ? undefined : found.serviceName;
  }
  for (let folder = posix.dirname(path); folder !== '.'; folder = posix.dirname(folder)) {
    const manifest = readJson(tree, `${folder}/project.json`) ?? readJson(tree, `${folder}/package.json`);
    const name = stringAt(manifest, 'name');
    if (stringAt(manifest, 'projectType') === 'library') return undefined;
    if (name !== undefined) return name.replace(/^@/, '').replace(/[^A-Za-z0-9_-]+/g, '-');
  }
  return readNestProject(tree, {}).serviceName;
}
