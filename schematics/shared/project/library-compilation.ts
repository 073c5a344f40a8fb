import { posix } from 'node:path';
import { isRecord, readJson, setJson, stringAt } from '../edit/json-file';
import type { CodeFolder } from './nest-project';
import type { Tree } from '../source/tree';

const ROOT_CONFIG = 'tsconfig.json';

/**
 * References a library in the workspace's tsconfig.json as `nest g app` references applications.
 * `nest g library` does not, and vitest then compiles no decorator of the library: its specs, and
 * those of its users, fail.
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
