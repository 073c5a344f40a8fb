import { posix } from 'node:path';
import { isRecord, readJson, stringAt } from '../edit/json-file';
import type { CodeFolder } from './nest-project';
import type { Tree } from '../source/tree';

const CONFIG_FILES = ['tsconfig.json', 'tsconfig.base.json'];

/** Returns the path alias of a library in the workspace's tsconfig.json, such as `@app/orders`. */
export function libraryAlias(tree: Tree, library: CodeFolder): string | undefined {
  // Targets of the alias, in the forms that `nest g library` and users write.
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
