import { existsSync, readdirSync, statSync } from 'node:fs';
import { join, posix, relative } from 'node:path';
import { readJson, stringAt } from '../../schematics/shared/edit/json-file';
import { readNestProject } from '../../schematics/shared/project/nest-project';
import { DiskTree } from '../runner/disk-tree';
import { OperationError } from './errors';

export interface EntryOptions {
  /** Project of a monorepo. Default: that of nest-cli.json. */
  readonly project?: string;
  /** Built file that starts the application. Default: the path of its build. */
  readonly entry?: string;
}

/** The built file that starts an application. */
export interface BuiltEntry {
  readonly path: string;
  /** A source file that is newer than the build, relative to the workspace. */
  readonly newerSource: string | undefined;
}

const EXTENSIONS = ['.js', '.mjs', '.cjs'];
const BUILD_REMEDY = "Run 'npm run build' first, or name the built file with --entry.";

/**
 * Finds the built file that starts the application of a workspace.
 * @throws OperationError (`NOT_BUILT`); SchematicError (`PROJECT_NOT_FOUND`)
 */
export function findBuiltEntry(workspace: string, { project, entry }: EntryOptions): BuiltEntry {
  if (entry !== undefined) {
    const path = join(workspace, entry);
    if (!existsSync(path)) throw new OperationError('NOT_BUILT', `${entry} does not exist. ${BUILD_REMEDY}`, entry);
    return { path, newerSource: undefined };
  }
  const tree = new DiskTree(workspace);
  const { entryFile, sourceRoot } = readNestProject(tree, project === undefined ? {} : { project });
  const candidates = candidatesOf(entryFile, sourceRoot, outputFolder(tree));
  const found = candidates.find((candidate) => existsSync(join(workspace, candidate)));
  if (found === undefined)
    throw new OperationError(
      'NOT_BUILT',
      `${entryFile} has no build, such as ${candidates[0]}. ${BUILD_REMEDY}`,
      entryFile,
    );
  const path = join(workspace, found);
  const source = newest(join(workspace, sourceRoot), ['.ts', '.mts', '.cts']);
  const built = newest(join(workspace, posix.dirname(found)), EXTENSIONS);
  const isNewer = source !== undefined && built !== undefined && source.modifiedMs > built.modifiedMs;
  return { path, newerSource: isNewer ? relative(workspace, source.path) : undefined };
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
    .filter((path) => !path.includes('node_modules'))
    .map((path) => ({ path, modifiedMs: statSync(path).mtimeMs }))
    .reduce<{ path: string; modifiedMs: number } | undefined>(
      (latest, file) => (latest && latest.modifiedMs >= file.modifiedMs ? latest : file),
      undefined,
    );
}
