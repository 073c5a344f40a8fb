import { posix } from 'node:path';
import { isRecord, readJson } from '../shared/edit/json-file';
import { nestConfigPath, readNestProject } from '../shared/project/nest-project';
import { importsPlugin } from '../shared/project/plugin-package';
import { parseFile } from '../shared/source/parse';
import type { Tree } from '../shared/source/tree';
import { registrations } from './find-options';
import type { FileOwner } from './migrate-file';
import type { MigrateOptions } from './options';
import { serviceIdOf } from './service-id';
import { workspaceFiles, type WorkspaceFiles } from './workspace-files';

/** A source file that imports the plugin. */
export interface PlannedFile extends FileOwner {
  readonly path: string;
}

/** The options of the schematic and the files that they select. */
export interface MigrationPlan {
  readonly workspace: WorkspaceFiles;
  readonly files: readonly PlannedFile[];
  readonly installsPackages: boolean;
}

/** @throws SchematicError (`PROJECT_NOT_FOUND`, `INVALID_OPTION`) */
export function planMigration(tree: Tree, options: MigrateOptions): MigrationPlan {
  const workspace = workspaceFiles(tree);
  const folder = chosenFolder(tree, options);
  const paths = workspace.sources
    .filter((path) => folder === '.' || path.startsWith(`${folder}/`))
    .filter((path) => importsPlugin(tree, path));
  const owned = paths.map((path) => ({ path, id: serviceIdOf(tree, path) }));
  const keepers = registeringFiles(tree, owned);
  return {
    workspace,
    files: owned.map(({ path, id }) => ({ path, id, isRegistering: keepers.has(path) })),
    installsPackages: options.skipInstall !== true,
  };
}

/** Returns the file with the registration that each service keeps: the one nearest to the root. */
function registeringFiles(tree: Tree, files: readonly Pick<PlannedFile, 'path' | 'id'>[]): Set<string> {
  const kept = new Map<string | undefined, string>();
  for (const { path, id } of files) {
    if (registrations(parseFile(tree, path)).length === 0) continue;
    const known = kept.get(id);
    if (known === undefined || depthOf(path) < depthOf(known)) kept.set(id, path);
  }
  return new Set(kept.values());
}

function depthOf(path: string): number {
  return path.split('/').length;
}

/** Returns the folder of the chosen project, or that of the workspace. */
function chosenFolder(tree: Tree, { project, sourceRoot, language }: MigrateOptions): string {
  const { sourceRoot: chosen } = readNestProject(
    tree,
    project === undefined ? { sourceRoot: sourceRoot ?? '' } : { project },
  );
  if (project === undefined && (sourceRoot === undefined || (language !== undefined && !isMonorepo(tree)))) return '.';
  // Beside the sources are the tests.
  return posix.basename(chosen) === 'src' ? posix.dirname(chosen) : chosen;
}

function isMonorepo(tree: Tree): boolean {
  const path = nestConfigPath(tree);
  return path !== undefined && isRecord(readJson(tree, path)?.['projects']);
}
