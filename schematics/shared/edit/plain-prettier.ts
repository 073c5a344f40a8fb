import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { isRecord } from './json-file';

/** Prettier options of a file. */
export type PlainOptions = Readonly<Record<string, unknown>>;

interface Standalone {
  format(text: string, options: PlainOptions): Promise<string>;
}

// Options that need more than the core of prettier, or that depend on the file.
const FURTHER = ['plugins', 'overrides', 'parser'];
const isConfig = (name: string): boolean =>
  /^(\.prettierrc|prettier\.config\.|\.editorconfig$|package\.yaml$)/.test(name);

/**
 * Returns the options of a project that keeps them in one JSON file, as Nest's starters do.
 * Prettier would find the same, but loading all of prettier takes as long as formatting. Returns
 * undefined for every other project.
 */
export function plainOptions(workspace: string, file: string): PlainOptions | undefined {
  const rules = join(workspace, '.prettierrc');
  for (let folder = dirname(file); ; folder = dirname(folder)) {
    const isWorkspace = folder === workspace;
    const names = existsSync(folder) ? readdirSync(folder) : [];
    if (names.some((name) => isConfig(name) && !(isWorkspace && name === '.prettierrc'))) return undefined;
    if (names.includes('package.json') && hasPrettierKey(join(folder, 'package.json'))) return undefined;
    if (isWorkspace) break;
    if (folder === dirname(folder)) return undefined;
  }
  if (!existsSync(rules) || isBelowEditorConfig(dirname(workspace))) return undefined;
  const options = parsed(rules);
  return isRecord(options) && FURTHER.every((option) => options[option] === undefined) ? options : undefined;
}

/**
 * Formats with the core of prettier and its smaller TypeScript parser.
 * @throws if that parser cannot read the text or is missing
 */
export async function formatPlainly(require: NodeJS.Require, text: string, options: PlainOptions): Promise<string> {
  const core = require('prettier/standalone') as Standalone;
  const plugins: unknown[] = [require('prettier/plugins/babel'), require('prettier/plugins/estree')];
  return core.format(text, { ...options, parser: 'babel-ts', plugins });
}

function isBelowEditorConfig(folder: string): boolean {
  if (existsSync(join(folder, '.editorconfig'))) return true;
  return folder !== dirname(folder) && isBelowEditorConfig(dirname(folder));
}

function hasPrettierKey(manifest: string): boolean {
  const content = parsed(manifest);
  return !isRecord(content) || content['prettier'] !== undefined;
}

function parsed(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    return undefined;
  }
}
