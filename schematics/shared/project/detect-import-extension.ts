import { posix } from 'node:path';
import type { Tree } from '../source/tree';
import { readJson } from '../edit/json-file';
import type { NestProject } from './nest-project';
import type { ImportExtension } from '../source/import-extension';
import { sourceFiles } from './paths';

// Without side-effect imports, which often load a JavaScript file. A search in the text, because
// parsing every source takes seconds in a large project.
const RELATIVE = /\bfrom\s*['"](\.{1,2}\/[^'"\n]+)['"]/g;

/** Files of other types are imported with their extension in every project. */
const OTHER_TYPE = /\.(json|node|wasm|css|html|svg|png|sql|graphql|gql|proto|ya?ml|txt|md)$/;

/**
 * Detects the extension of most relative imports. All starters of Nest compile as nodenext, so the
 * compiler options do not show it. If the imports do not show it, `type` of package.json decides.
 */
export function detectImportExtension(tree: Tree, project: NestProject): ImportExtension {
  const counts: Record<ImportExtension, number> = { '': 0, '.js': 0, '.ts': 0 };
  for (const path of sourceFiles(tree, project.sourceRoot)) {
    for (const [, specifier = ''] of tree.readText(path).matchAll(RELATIVE)) {
      if (!OTHER_TYPE.test(specifier) && !isJavaScript(tree, path, specifier)) counts[extensionOf(specifier)] += 1;
    }
  }
  const usual = nearestType(tree, project.sourceRoot) === 'module' ? '.js' : '';
  const extensions: readonly ImportExtension[] = [usual, '', '.js', '.ts'];
  return extensions.reduce((best, each) => (counts[each] > counts[best] ? each : best));
}

function extensionOf(specifier: string): ImportExtension {
  if (/\.[cm]?ts$/.test(specifier)) return '.ts';
  return /\.[cm]?js$/.test(specifier) ? '.js' : '';
}

function isJavaScript(tree: Tree, from: string, specifier: string): boolean {
  const path = posix.join(posix.dirname(from), specifier);
  return /\.[cm]?js$/.test(path) && !path.startsWith('..') && tree.exists(path);
}

function nearestType(tree: Tree, folder: string): unknown {
  const manifest = readJson(tree, posix.join(folder, 'package.json'));
  if (manifest) return manifest['type'];
  return folder === '.' || folder === '/' ? undefined : nearestType(tree, posix.dirname(folder));
}
