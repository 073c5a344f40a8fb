import { readFileSync } from 'node:fs';
import { dirname, join, posix } from 'node:path';
import { isRecord, readJson, stringAt } from '../shared/edit/json-file';
import { configuredProjects, nestConfigPath, readNestProject, type NestProject } from '../shared/project/nest-project';
import { sourceFiles } from '../shared/project/paths';
import type { Tree } from '../shared/source/tree';
import { ts } from '../shared/source/typescript';
import { compilerHost, isSkipped, languageLibraries } from './compiler-host';

const TRANSPORT = '@nest-jetstream/transport';
const PRETTY_PATHS: Pick<ts.FormatDiagnosticsHost, 'getCanonicalFileName' | 'getNewLine'> = {
  getCanonicalFileName: (path) => path,
  getNewLine: () => '\n',
};

/** A project with the sources and the compiler options for its types. */
export interface ContractProject extends NestProject {
  /** Absolute path of the workspace. */
  readonly workspace: string;
  /** Sources that name the transport, and the file that starts the application. Absolute paths. */
  readonly roots: readonly string[];
  readonly options: ts.CompilerOptions;
}

/**
 * Finds the sources and the compiler options of a project.
 * @throws SchematicError (`PROJECT_NOT_FOUND`, `INVALID_OPTION`)
 */
export function readContractProject(tree: Tree, workspace: string, project?: string): ContractProject {
  const found = readNestProject(tree, project === undefined ? {} : { project });
  const named = sourceFiles(tree, found.sourceRoot).filter((path) => tree.readText(path).includes(TRANSPORT));
  const entry = tree.exists(found.entryFile) ? [found.entryFile] : [];
  const roots = [...new Set([...named, ...entry])].toSorted().map((path) => join(workspace, path));
  return { ...found, workspace, roots, options: compilerOptions(tree, workspace, found, project) };
}

/**
 * Creates the program of a project. A lean one is several times as fast, and lacks the
 * types of Nest, Node and browsers.
 * Without `strictNullChecks`, its types would lack null.
 */
export function createProgram(project: ContractProject, isLean: boolean): ts.Program {
  return programWith({ ...project.options, strictNullChecks: true }, project, isLean);
}

function programWith(
  options: ts.CompilerOptions,
  { roots, workspace }: ContractProject,
  isLean: boolean,
  old?: ts.Program,
): ts.Program {
  // TypeScript 5 includes all packages of @types by default, and later versions include none.
  const own = isLean
    ? { ...options, types: [], lib: languageLibraries(options) }
    : { ...options, types: options.types ?? ['*'] };
  return ts.createProgram([...roots], own, compilerHost(own, workspace, isLean), old);
}

/**
 * Returns the errors in statements as tsc prints them with the options of the project, and those of
 * the imports of their files.
 * @param program result of {@link createProgram}
 */
export function typeErrors(
  program: ts.Program,
  nodes: Iterable<ts.Node>,
  project: ContractProject,
  isLean: boolean,
): string[] {
  const relevant = new Map<ts.SourceFile, Set<ts.Node>>();
  for (const node of nodes) {
    const file = node.getSourceFile();
    if (file.isDeclarationFile) continue;
    const statements = relevant.get(file) ?? new Set(file.statements.filter(isImport));
    relevant.set(file, statements.add(statementOf(node)));
  }
  const { options, workspace } = project;
  const isStrict = options.strictNullChecks ?? options.strict ?? false;
  const checked = isStrict ? program : programWith(options, project, isLean, program);
  return [...relevant].flatMap(([{ fileName }, statements]) => {
    const file = checked.getSourceFile(fileName);
    if (!file) return [];
    const spans = [...statements];
    return [...checked.getSyntacticDiagnostics(file), ...checked.getSemanticDiagnostics(file)]
      .filter(({ category }) => category === ts.DiagnosticCategory.Error)
      .filter(({ start = 0 }) => spans.some((each) => start >= each.pos && start < each.end))
      .filter(({ start = 0, length = 0 }) => !isLean || !isSkipped(file.text.slice(start + 1, start + length - 1)))
      .map((each) => ts.formatDiagnostic(each, { ...PRETTY_PATHS, getCurrentDirectory: () => workspace }).trimEnd());
  });
}

function isImport(node: ts.Node): boolean {
  return ts.isImportDeclaration(node) || ts.isExportDeclaration(node) || ts.isImportEqualsDeclaration(node);
}

/** Returns the statement of a file that a node is in, or the file itself. */
function statementOf(node: ts.Node): ts.Node {
  let statement = node;
  while (!ts.isSourceFile(statement) && !ts.isSourceFile(statement.parent)) statement = statement.parent;
  return statement;
}

function compilerOptions(tree: Tree, workspace: string, found: NestProject, project?: string): ts.CompilerOptions {
  const path = tsconfigOf(tree, found, project);
  const base: ts.CompilerOptions = {
    noEmit: true,
    skipLibCheck: true,
    incremental: false,
    composite: false,
    declaration: false,
  };
  if (path === undefined) return { strict: true, module: ts.ModuleKind.NodeNext, ...base };
  const file = join(workspace, path);
  const { config } = ts.readConfigFile(file, (each) => readFileSync(each, 'utf8')) as { config?: unknown };
  // Roots are chosen by their text, so the files of the configuration are not searched.
  const content = { ...(isRecord(config) ? config : {}), files: [], include: [], references: [] };
  const { options } = ts.parseJsonConfigFileContent(content, ts.sys, dirname(file));
  const { tsBuildInfoFile: _info, rootDir: _root, ...rest } = options;
  return { ...rest, ...base };
}

/** Returns the configuration that the build of the project uses. */
function tsconfigOf(tree: Tree, { sourceRoot }: NestProject, project?: string): string | undefined {
  const config = nestConfigPath(tree);
  const chosen =
    (project === undefined ? undefined : configuredProjects(tree)[project]) ??
    (config === undefined ? {} : readJson(tree, config));
  const configured = stringAt(chosen, 'compilerOptions', 'tsConfigPath');
  const folders: string[] = [];
  for (let folder = sourceRoot; folder !== '.' && folder !== ''; folder = posix.dirname(folder)) folders.push(folder);
  const nearest = [...folders, '.'].flatMap((folder) =>
    ['tsconfig.app.json', 'tsconfig.lib.json', 'tsconfig.json'].map((name) => posix.join(folder, name)),
  );
  return [...(configured === undefined ? [] : [configured]), ...nearest].find((path) => tree.exists(path));
}
