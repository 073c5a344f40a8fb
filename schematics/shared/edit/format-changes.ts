import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import type { Logger, Tree } from '../source/tree';
import { readJson } from './json-file';
import { formatPlainly, plainOptions } from './plain-prettier';

interface PrettierOptions {
  readonly filepath?: string;
  readonly parser?: unknown;
  readonly plugins?: readonly unknown[];
}

interface Prettier {
  resolveConfig(path: string, options: { editorconfig: boolean }): Promise<PrettierOptions | null>;
  format(text: string, options: PrettierOptions): Promise<string>;
}

/** A project that has prettier, loaded when it is used. */
interface PrettierProject {
  readonly workspace: string;
  readonly require: NodeJS.Require;
}

/**
 * Lets the project's own prettier lay out what was generated. A file that was there before is left
 * as it is edited, unless prettier had laid out all of it already: nobody wants a diff of a whole
 * file for one line.
 */
export async function formatChanges(tree: Tree, logger: Logger, workspace = process.cwd()): Promise<void> {
  const project = findPrettier(tree, workspace);
  if (!project) return;
  for (const { kind, path } of tree.actions) {
    if ((kind !== 'c' && kind !== 'o') || !path.endsWith('.ts')) continue;
    try {
      await formatFile(tree, project, path, kind === 'o');
    } catch (error) {
      // A configuration or plugin of the project that does not load: its layout is not worth the
      // whole run.
      logger.warn(`prettier did not format ${path}: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
}

async function formatFile(tree: Tree, project: PrettierProject, path: string, existed: boolean): Promise<void> {
  const file = join(project.workspace, path);
  const text = tree.read(path)?.toString('utf8') ?? '';
  const formatted = await layOut(project, file, text);
  if (formatted === text) return;
  // Only here, since it takes as long again: most edits are laid out already.
  const before = existed ? readFileSync(file, 'utf8') : undefined;
  if (before !== undefined && (await layOut(project, file, before)) !== before) return;
  tree.overwrite(path, formatted);
}

async function layOut(project: PrettierProject, file: string, text: string): Promise<string> {
  const plain = plainOptions(project.workspace, file);
  if (!plain) return layOutWithAll(project, file, text);
  try {
    return await formatPlainly(project.require, text, plain);
  } catch {
    return layOutWithAll(project, file, text);
  }
}

/**
 * By the smaller of prettier's parsers of TypeScript, which loads faster; plugins may know the
 * usual one only.
 */
async function layOutWithAll({ require }: PrettierProject, file: string, text: string): Promise<string> {
  const prettier = require('prettier') as Prettier;
  const options = { ...(await prettier.resolveConfig(file, { editorconfig: true })), filepath: file };
  const isChosen = options.parser !== undefined || (options.plugins ?? []).length > 0;
  if (isChosen) return prettier.format(text, options);
  try {
    return await prettier.format(text, { ...options, parser: 'babel-ts' });
  } catch {
    return prettier.format(text, options);
  }
}

/**
 * Undefined when the project has none, or when the tree is not the folder that we run in (a test's,
 * for one).
 */
function findPrettier(tree: Tree, workspace: string): PrettierProject | undefined {
  try {
    const onDisk = JSON.parse(readFileSync(join(workspace, 'package.json'), 'utf8')) as { name?: unknown };
    if (onDisk.name !== readJson(tree, 'package.json')?.['name']) return undefined;
    const require = createRequire(join(workspace, 'package.json'));
    require.resolve('prettier');
    return { workspace, require };
  } catch {
    // Formatting is a courtesy: without prettier the templates' own layout stays.
    return undefined;
  }
}
