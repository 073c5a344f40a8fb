import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import type { Context, Tree } from './workspace';
import { readJson } from './json-file';

interface Prettier {
  resolveConfig(path: string, options: { editorconfig: boolean }): Promise<object | null>;
  check(text: string, options: object): Promise<boolean>;
  format(text: string, options: object): Promise<string>;
}

/**
 * Lets the project's own prettier lay out what was generated. A file that was there before is left as it is edited, unless
 * prettier had laid out all of it already: nobody wants a diff of a whole file for one line.
 */
export async function formatChanges(tree: Tree, context: Context, workspace = process.cwd()): Promise<void> {
  const prettier = loadPrettier(tree, workspace);
  if (!prettier) return;
  for (const { kind, path } of tree.actions) {
    if ((kind !== 'c' && kind !== 'o') || !path.endsWith('.ts')) continue;
    try {
      await formatFile(tree, prettier, path, join(workspace, path), kind === 'o');
    } catch (error) {
      // A configuration or plugin of the project that does not load: its layout is not worth the whole run.
      context.logger.warn(`prettier did not format ${path}: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
}

async function formatFile(tree: Tree, prettier: Prettier, path: string, file: string, existed: boolean): Promise<void> {
  const options = { ...(await prettier.resolveConfig(file, { editorconfig: true })), filepath: file };
  if (existed && !(await prettier.check(readFileSync(file, 'utf8'), options))) return;
  const text = tree.read(path)?.toString('utf8') ?? '';
  const formatted = await prettier.format(text, options);
  if (formatted !== text) tree.overwrite(path, formatted);
}

/** Undefined when the project has none, or when the tree is not the folder that we run in (a test's, for one). */
function loadPrettier(tree: Tree, workspace: string): Prettier | undefined {
  try {
    const onDisk = JSON.parse(readFileSync(join(workspace, 'package.json'), 'utf8')) as { name?: unknown };
    if (onDisk.name !== readJson(tree, 'package.json')?.['name']) return undefined;
    return createRequire(join(workspace, 'package.json'))('prettier') as Prettier;
  } catch {
    // Formatting is a courtesy: without prettier the templates' own layout stays.
    return undefined;
  }
}
