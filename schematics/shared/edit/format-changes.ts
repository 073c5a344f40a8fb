import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import type { Logger, Tree } from '../source/tree';
import { findFormatterProgram, type Format } from './formatter-program';
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

/** A project with prettier, which is loaded on first use. */
interface PrettierProject {
  readonly workspace: string;
  readonly require: NodeJS.Require;
}

/**
 * Formats generated files with the formatter of the project: Biome, oxfmt or prettier. An existing
 * file is formatted only if it was formatted before, so that one edit does not reformat a whole
 * file.
 */
export async function formatChanges(tree: Tree, logger: Logger, workspace = process.cwd()): Promise<void> {
  if (!isOnDisk(tree, workspace)) return;
  const { name, format } = findFormatterProgram(workspace) ?? findPrettier(workspace) ?? {};
  if (!format) return;
  for (const { kind, path } of tree.actions) {
    if ((kind !== 'c' && kind !== 'o') || !path.endsWith('.ts')) continue;
    try {
      await formatFile(tree, format, path, join(workspace, path), kind === 'o');
    } catch (error) {
      // The project's configuration or plugin may not load. Unformatted code is better than a
      // failed run.
      logger.warn(`${name} did not format ${path}: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
}

async function formatFile(tree: Tree, format: Format, path: string, file: string, existed: boolean): Promise<void> {
  const text = tree.read(path)?.toString('utf8') ?? '';
  const formatted = await format(file, text);
  if (formatted === text) return;
  // Checked last because it takes as long as formatting, and most edits need no formatting.
  const before = existed ? readFileSync(file, 'utf8') : undefined;
  if (before !== undefined && (await format(file, before)) !== before) return;
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
 * Uses the smaller TypeScript parser of prettier, which loads faster. Plugins may only support the
 * usual one.
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

/** Returns undefined if the project has no prettier. */
function findPrettier(workspace: string): { name: string; format: Format } | undefined {
  try {
    const require = createRequire(join(workspace, 'package.json'));
    require.resolve('prettier');
    return { name: 'prettier', format: (file, text) => layOut({ workspace, require }, file, text) };
  } catch {
    // Without prettier, the layout of the templates stays.
    return undefined;
  }
}

/** Returns false if the tree is not the current folder, as in tests. */
function isOnDisk(tree: Tree, workspace: string): boolean {
  try {
    const onDisk = JSON.parse(readFileSync(join(workspace, 'package.json'), 'utf8')) as { name?: unknown };
    return onDisk.name === readJson(tree, 'package.json')?.['name'];
  } catch {
    return false;
  }
}
