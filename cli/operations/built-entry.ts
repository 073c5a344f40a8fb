import { existsSync, readdirSync, statSync } from 'node:fs';
import { join, posix, relative, resolve } from 'node:path';
import { readJson, stringAt } from '../../schematics/shared/edit/json-file';
import { readNestProject } from '../../schematics/shared/project/nest-project';
import { DiskTree } from '../runner/disk-tree';
import { OperationError } from './errors';
import { applicationAround, workspaceOf } from './workspace';

export interface EntryOptions {
  /** Project of a monorepo. Default: that of the folder, else that of nest-cli.json. */
  readonly project?: string;
  /** Built file that starts the application. Default: the path of its build. */
  readonly entry?: string;
}

/** The built file that starts an application. */
export interface BuiltEntry {
  readonly path: string;
  /** Folder in which the application starts. */
  readonly workspace: string;
  /** A warning if a source file is newer than the build. */
  readonly warning: string | undefined;
}

const EXTENSIONS = ['.js', '.mjs', '.cjs'];
/** Sources that a build leaves out. */
const TEST = /[.-](spec|test)\.[cm]?ts$/;

/**
 * Finds the built file that starts the application of a folder, which may be any folder of the
 * workspace.
 * @throws OperationError (`NOT_BUILT`); SchematicError (`PROJECT_NOT_FOUND`)
 */
export function findBuiltEntry(folder: string, { project: selected, entry }: EntryOptions): BuiltEntry {
  const workspace = workspaceOf(folder);
  if (entry !== undefined) {
    const path = resolve(folder, entry);
    if (existsSync(path)) return { path, workspace, warning: undefined };
    throw new OperationError('NOT_BUILT', `${entry} does not exist. ${buildRemedy(selected)}`, entry);
  }
  const tree = new DiskTree(workspace);
  const project = selected ?? applicationAround(workspace, tree, folder);
  const { entryFile, sourceRoot } = readNestProject(tree, project === undefined ? {} : { project });
  const candidates = candidatesOf(entryFile, sourceRoot, outputFolder(tree));
  const found = candidates.find((candidate) => existsSync(join(workspace, candidate)));
  if (found === undefined)
    throw new OperationError(
      'NOT_BUILT',
      `${entryFile} has no build, such as ${candidates[0]}. ${buildRemedy(project)}`,
      entryFile,
    );
  const path = join(workspace, found);
  const source = newest(join(workspace, sourceRoot), ['.ts', '.mts', '.cts']);
  const built = newest(join(workspace, posix.dirname(found)), EXTENSIONS);
  const isNewer = source !== undefined && built !== undefined && source.modifiedMs > built.modifiedMs;
  const warning = isNewer
    ? `${relative(workspace, source.path)} is newer than the build. ${buildStep(project)} first.`
    : undefined;
  return { path, workspace, warning };
}

/** `npm run build` of a monorepo builds the default project only. */
function buildStep(project: string | undefined): string {
  return project === undefined ? "Run 'npm run build'" : `Build project '${project}'`;
}

function buildRemedy(project: string | undefined): string {
  return `${buildStep(project)} first, or name the built file with --entry.`;
}

function outputFolder(tree: DiskTree): string {
  for (const file of ['tsconfig.build.json', 'tsconfig.json']) {
    const folder = stringAt(readJson(tree, file), 'compilerOptions', 'outDir');
    if (folder !== undefined) return posix.normalize(folder);
  }
  return 'dist';
}

/** Lists the paths of a built entry file that tsc, SWC, webpack and Nx use. */
function candidatesOf(entryFile: string, sourceRoot: string, output: string): string[] {
  const source = entryFile.replace(/\.ts$/, '');
  const name = posix.relative(sourceRoot, source);
  const folder = posix.dirname(sourceRoot);
  const places = [
    ...(folder === '.'
      ? []
      : [
          [output, folder, name],
          [output, folder, source],
          [folder, 'dist', name],
        ]),
    [output, name],
    [output, source],
    ...(folder === '.'
      ? []
      : [
          [output, folder, 'src', name],
          [folder, 'dist', 'src', name],
        ]),
  ];
  return places.flatMap((parts) => EXTENSIONS.map((extension) => `${posix.join(...parts)}${extension}`));
}

function newest(folder: string, extensions: readonly string[]): { path: string; modifiedMs: number } | undefined {
  if (!existsSync(folder)) return undefined;
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((file) => file.isFile() && extensions.some((extension) => file.name.endsWith(extension)))
    .map((file) => join(file.parentPath, file.name))
    .filter((path) => !path.includes('node_modules') && !TEST.test(path))
    .map((path) => ({ path, modifiedMs: statSync(path).mtimeMs }))
    .reduce<{ path: string; modifiedMs: number } | undefined>(
      (latest, file) => (latest && latest.modifiedMs >= file.modifiedMs ? latest : file),
      undefined,
    );
}
