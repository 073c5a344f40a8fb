import { posix } from 'node:path';
import { ts } from '../source/typescript';
import type { Tree } from '../source/tree';
import { parseFile } from '../source/parse';
import { readJson } from '../edit/json-file';
import type { NestProject } from './nest-project';
import type { ImportExtension } from '../source/import-extension';
import { sourceFiles } from './paths';

/**
 * Detects the extension of relative imports. All starters of Nest compile as nodenext, so the
 * compiler options do not show it. Existing imports do, and `type` of package.json if there are
 * none.
 */
export function detectImportExtension(tree: Tree, project: NestProject): ImportExtension {
  const candidates = [project.entryFile, `${project.sourceRoot}/app.module.ts`].filter((path) => tree.exists(path));
  for (const path of new Set([...candidates, ...sourceFiles(tree, project.sourceRoot)])) {
    const specifier = relativeImport(parseFile(tree, path));
    if (specifier !== undefined) return extensionOf(specifier);
  }
  return nearestType(tree, project.sourceRoot) === 'module' ? '.js' : '';
}

function extensionOf(specifier: string): ImportExtension {
  if (specifier.endsWith('.ts')) return '.ts';
  return specifier.endsWith('.js') ? '.js' : '';
}

function relativeImport(source: ts.SourceFile): string | undefined {
  return source.statements
    .filter(ts.isImportDeclaration)
    .map(({ moduleSpecifier }) => (ts.isStringLiteral(moduleSpecifier) ? moduleSpecifier.text : ''))
    .find((specifier) => specifier.startsWith('.'));
}

function nearestType(tree: Tree, folder: string): unknown {
  const manifest = readJson(tree, posix.join(folder, 'package.json'));
  if (manifest) return manifest['type'];
  return folder === '.' || folder === '/' ? undefined : nearestType(tree, posix.dirname(folder));
}
