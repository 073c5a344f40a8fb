import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** A formatter that reads code from its standard input and prints it formatted. */
interface FormatterProgram {
  readonly name: string;
  readonly package: string;
  readonly configs: readonly string[];
  readonly argumentsFor: (file: string) => readonly string[];
}

const PROGRAMS: readonly FormatterProgram[] = [
  {
    name: 'biome',
    package: '@biomejs/biome',
    configs: ['biome.json', 'biome.jsonc', '.biome.json', '.biome.jsonc'],
    argumentsFor: (file) => ['format', `--stdin-file-path=${file}`],
  },
  {
    name: 'oxfmt',
    package: 'oxfmt',
    configs: ['.oxfmtrc.json', '.oxfmtrc.jsonc', 'oxfmt.config.ts'],
    argumentsFor: (file) => [`--stdin-filepath=${file}`],
  },
];

const TIME_LIMIT_MS = 30_000;

/** Formats the text of a file. */
export type Format = (file: string, text: string) => Promise<string>;

/**
 * Returns the formatter that a workspace, or a folder above it, has a configuration of. Undefined
 * if none is configured and installed.
 */
export function findFormatterProgram(workspace: string): { name: string; format: Format } | undefined {
  for (const program of PROGRAMS) {
    const isConfigured = foldersAbove(workspace).some((folder) =>
      program.configs.some((name) => existsSync(join(folder, name))),
    );
    const script = isConfigured ? scriptOf(workspace, program) : undefined;
    if (script === undefined) continue;
    const format: Format = (file, text) => Promise.resolve(run(script, program.argumentsFor(file), workspace, text));
    return { name: program.name, format };
  }
  return undefined;
}

/** @throws Error with the output of the program if it fails or prints nothing */
function run(script: string, args: readonly string[], workspace: string, text: string): string {
  const { status, stdout, stderr, error } = spawnSync(process.execPath, [script, ...args], {
    cwd: workspace,
    input: text,
    encoding: 'utf8',
    timeout: TIME_LIMIT_MS,
  });
  if (error) throw error;
  // Some versions of Biome print nothing.
  if (status !== 0 || stdout === '') throw new Error(stderr.trim() || `it exited with ${status} and printed nothing`);
  return stdout;
}

function scriptOf(workspace: string, { name, package: owner }: FormatterProgram): string | undefined {
  for (const folder of foldersAbove(workspace)) {
    const home = join(folder, 'node_modules', owner);
    if (!existsSync(join(home, 'package.json'))) continue;
    const { bin } = JSON.parse(readFileSync(join(home, 'package.json'), 'utf8')) as { bin?: unknown };
    const path = typeof bin === 'object' && bin !== null ? (bin as Record<string, unknown>)[name] : bin;
    return typeof path === 'string' ? join(home, path) : undefined;
  }
  return undefined;
}

function foldersAbove(folder: string): string[] {
  const parent = dirname(folder);
  return parent === folder ? [folder] : [folder, ...foldersAbove(parent)];
}
