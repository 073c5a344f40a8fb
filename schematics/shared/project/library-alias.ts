import { posix } from 'node:path';
import { isRecord, readJson, stringAt } from '../edit/json-file';
import type { CodeFolder } from './nest-project';
import type { Tree } from '../source/tree';

const CONFIG_FILES = ['tsconfig.json', 'tsconfig.base.json'];

/**
 * The name under which the workspace's compiler knows a library, e.g. `@app/orders`; undefined when
 * it has none.
 */
export function libraryAlias(tree: Tree, library: CodeFolder): string | undefined {
  // Its own names of itself, as `nest g library` and people write them.
  const entries = new Set([library.sourceRoot, library.entryFile, library.entryFile.replace(/\.ts$/, '')]);
  for (const file of CONFIG_FILES) {
    const options = readJson(tree, file)?.['compilerOptions'];
    const paths = isRecord(options) && isRecord(options['paths']) ? options['paths'] : {};
    const base = stringAt(options, 'baseUrl') ?? '.';
    const found = Object.entries(paths).find(([alias, targets]) => !alias.includes('*') && leadsTo(targets));
    if (found) return found[0];

    function leadsTo(targets: unknown): boolean {
      return Array.isArray(targets) && targets.some((target) => entries.has(posix.join(base, String(target))));
    }
  }
  return undefined;
}
