import type { Tree } from '../source/tree';
import { invalidOption, SchematicError } from '../errors';
import { posix } from 'node:path';
import { isRecord, readJson, stringAt } from '../edit/json-file';
import { nxProjects } from './nx-projects';

const CONFIG_FILES = ['nest-cli.json', '.nestcli.json', '.nest-cli.json', 'nest.json'];

/** Source folder of a project. Paths are relative to the workspace. */
export interface CodeFolder {
  readonly sourceRoot: string;
  /** File that starts an application, or that a library exports from. */
  readonly entryFile: string;
  /** True for a library of a monorepo, which applications import. */
  readonly isLibrary: boolean;
}

/** An application or library of the workspace. */
export interface NestProject extends CodeFolder {
  /** Name of the service: the project in a monorepo, else the package. */
  readonly serviceName: string;
  /** Other libraries of the workspace, whose code this project may import. */
  readonly libraries: readonly CodeFolder[];
}

export interface ProjectOptions {
  readonly project?: string;
  readonly sourceRoot?: string;
}

export function nestConfigPath(tree: Tree): string | undefined {
  return CONFIG_FILES.find((path) => tree.exists(path));
}

/**
 * Returns the project that the options select.
 * @throws SchematicError (`PROJECT_NOT_FOUND`, `INVALID_OPTION`)
 */
export function readNestProject(tree: Tree, options: ProjectOptions): NestProject {
  const manifest = readJson(tree, 'package.json');
  if (!manifest)
    throw new SchematicError(
      'PROJECT_NOT_FOUND',
      'This folder has no package.json. Run the command in the root of a Nest project.',
    );
  const configPath = nestConfigPath(tree);
  const config = configPath === undefined ? {} : (readJson(tree, configPath) ?? {});
  const projects = configuredProjects(tree);
  const entry = findEntry(config, projects, options);
  const isOwnLibrary = hasLibraryType(entry?.config);
  const configured = stringAt(config, 'sourceRoot') ?? 'src';
  const own = codeFolder(
    stringAt(entry?.config, 'sourceRoot') ?? options.sourceRoot ?? configured,
    stringAt(entry?.config, 'entryFile') ?? stringAt(config, 'entryFile') ?? (isOwnLibrary ? 'index' : 'main'),
    isOwnLibrary,
  );
  // Applications of one package need different names, because a shared durable shares its messages.
  const folder = own.sourceRoot === configured ? '.' : posix.dirname(own.sourceRoot);
  return {
    ...own,
    serviceName: serviceName(
      entry?.name ?? (folder === '.' ? stringAt(manifest, 'name') : posix.basename(folder)) ?? '',
    ),
    libraries: librariesOf(projects).filter(({ sourceRoot }) => sourceRoot !== own.sourceRoot),
  };
}

function codeFolder(configured: string, entryFile: string, isLibrary: boolean): CodeFolder {
  const sourceRoot = legalSourceRoot(configured);
  return { sourceRoot, entryFile: `${sourceRoot}/${entryFile.replace(/\.[jt]s$/, '')}.ts`, isLibrary };
}

/** Returns the projects of nest-cli.json by name, or those of an Nx workspace. */
export function configuredProjects(tree: Tree): Record<string, unknown> {
  const path = nestConfigPath(tree);
  const projects = path === undefined ? undefined : readJson(tree, path)?.['projects'];
  return isRecord(projects) && Object.keys(projects).length > 0 ? projects : nxProjects(tree);
}

function librariesOf(projects: Record<string, unknown>): CodeFolder[] {
  return Object.values(projects)
    .filter(hasLibraryType)
    .flatMap((project) => {
      const sourceRoot = stringAt(project, 'sourceRoot');
      return sourceRoot === undefined ? [] : [codeFolder(sourceRoot, stringAt(project, 'entryFile') ?? 'index', true)];
    });
}

function hasLibraryType(config: unknown): boolean {
  return stringAt(config, 'type') === 'library';
}

function findEntry(
  config: Record<string, unknown>,
  projects: Record<string, unknown>,
  options: ProjectOptions,
): { name: string; config: unknown } | undefined {
  const names = Object.keys(projects);
  if (options.project !== undefined) {
    if (names.includes(options.project)) return { name: options.project, config: projects[options.project] };
    const known =
      names.length === 0
        ? 'The workspace has a single project. Omit the option'
        : `Known projects: ${names.join(', ')}`;
    throw invalidOption('project', options.project, `is not a project of this workspace. ${known}.`);
  }
  // `nest g -p name` and `nest add -p name` pass the project's source root instead of its name.
  const name =
    names.find((each) => stringAt(projects[each], 'sourceRoot') === options.sourceRoot) ??
    defaultProject(config, projects);
  return name === undefined ? undefined : { name, config: projects[name] };
}

function defaultProject(config: Record<string, unknown>, projects: Record<string, unknown>): string | undefined {
  const root = stringAt(config, 'root');
  return Object.keys(projects).find((name) => root !== undefined && stringAt(projects[name], 'root') === root);
}

function legalSourceRoot(sourceRoot: string): string {
  const path = sourceRoot.replaceAll('\\', '/').replace(/^\.\//, '').replace(/\/+$/, '');
  if (path === '' || path === '.') return '.';
  // A workspace may have unusual names. Hidden characters and reserved characters are refused.
  const isLegal = path
    .split('/')
    .every((name) => /^[^\p{C}\p{Zl}\p{Zp}"'`$<>:|?*]{1,100}$/u.test(name) && !/^[. ]+$/.test(name));
  if (!isLegal) throw invalidOption('sourceRoot', sourceRoot, 'must be a folder inside the project.');
  return path;
}

// Also the prefix of durable names, which allow these characters only.
function serviceName(name: string): string {
  return (
    name
      .replace(/^@/, '')
      .replace(/[^A-Za-z0-9_-]+/g, '-')
      .replace(/^-+|-+$/g, '') || 'app'
  );
}
