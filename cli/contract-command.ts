import { posix } from 'node:path';
import { Option, type Command } from 'commander';
import type { ContractChange, Mode } from '../schematics/contract/compare-documents';
import type { Document } from '../schematics/contract/json';
import type { ContractProject } from '../schematics/contract/project-program';
import { invalidOption } from '../schematics/shared/errors';
import { isRecord, readJson } from '../schematics/shared/edit/json-file';
import { nestConfigPath } from '../schematics/shared/project/nest-project';
import { DiskTree } from './runner/disk-tree';
import { writeChanges } from './runner/write-changes';

interface ProjectFlags {
  readonly project?: string;
  readonly out?: string;
}

interface WriteFlags extends ProjectFlags {
  readonly stdout?: boolean;
  readonly check?: boolean;
}

const FILE_NAME = 'asyncapi.yaml';
const IS_STALE = 2;
const IS_BREAKING = 2;
const MODES: readonly Mode[] = ['full', 'backward', 'forward', 'none'];
const SHOWN_DIFFERENCES = 10;

interface CheckFlags extends ProjectFlags {
  readonly against: string;
  readonly mode: Mode;
  readonly json?: boolean;
}

/** A project with the place of its document. */
interface OpenProject {
  readonly tree: DiskTree;
  readonly project: ContractProject;
  /** Path of the committed document, relative to the workspace. */
  readonly file: string;
}

/** Adds `contract` and `contract check`: the AsyncAPI document of the project, and its changes. */
export function addContractCommand(program: Command): void {
  const contract = program
    .command('contract')
    .description(
      'Write an AsyncAPI 3 document of the events, streams and handlers of the project, from its types. ' +
        'Exit code: 0 written or up to date, 2 out of date with --check, 1 error.',
    )
    .option('-p, --project <name>', 'project of a monorepo')
    .option('--out <file>', `file to write, as YAML or JSON (default: ${FILE_NAME} in the folder of the project)`)
    .addOption(new Option('--stdout', 'print the document instead of writing it').conflicts(['out', 'check']))
    .option('--check', 'write nothing, and fail if the file is out of date')
    .action(write);
  contract
    .command('check')
    .description(
      'Compare the events of the project with an earlier document, and fail if a change breaks stored messages or ' +
        'running instances. Exit code: 0 compatible, 2 breaking changes, 1 error.',
    )
    .option('-p, --project <name>', 'project of a monorepo')
    .option('--out <file>', `file that was written (default: ${FILE_NAME} in the folder of the project)`)
    .requiredOption('--against <source>', 'git:<revision>, such as git:main, or a file')
    .addOption(
      new Option('--mode <mode>', 'sides that must read the messages of the other version')
        .choices(MODES)
        .default('full'),
    )
    .option('--json', 'print the changes as JSON')
    // Commander gives options that both commands have to the first one.
    .action(async (_options: unknown, command: Command) => compare(command.optsWithGlobals<CheckFlags>()));
}

async function write({ stdout = false, check = false, ...flags }: WriteFlags): Promise<void> {
  const { documentText, parseDocument } = await import('../schematics/contract/document-text.js');
  const { differences, isSameDocument } = await import('../schematics/contract/document-differences.js');
  const project = await openProject(flags);
  const { tree, file } = project;
  const document = await currentDocument(project);
  if (stdout) {
    print(documentText(document, flags.out ?? file).trimEnd());
    return;
  }
  const committed = tree.exists(file) ? parseDocument(tree.readText(file), file) : undefined;
  if (check) {
    const found = committed ? differences(comparable(committed), comparable(document)) : [`${file} does not exist.`];
    if (found.length === 0) return print(`${file} is up to date.`);
    const more = found.length > SHOWN_DIFFERENCES ? [`… and ${found.length - SHOWN_DIFFERENCES} more`] : [];
    print(
      [`${file} is out of date.`, ...found.slice(0, SHOWN_DIFFERENCES).map((line) => `  ${line}`), ...more].join('\n'),
    );
    print('Run npx nest-jetstream contract and commit the file.');
    process.exitCode = IS_STALE;
    return;
  }
  if (committed && isSameDocument(committed, document)) return print(`${file} is up to date.`);
  if (committed) tree.overwrite(file, documentText(document, file));
  else tree.create(file, documentText(document, file));
  writeChanges(process.cwd(), tree.changes);
  print(`${committed ? 'UPDATE' : 'CREATE'} ${file}`);
}

/**
 * Finds the project in the current folder, and the file of its document.
 * @throws SchematicError (`PROJECT_NOT_FOUND`, `INVALID_OPTION`)
 */
async function openProject({ project, out }: ProjectFlags): Promise<OpenProject> {
  // Loaded on use, because the other commands do not need the compiler.
  const { readContractProject } = await import('../schematics/contract/project-program.js');
  const workspace = process.cwd();
  const tree = new DiskTree(workspace);
  const found = readContractProject(tree, workspace, project);
  const file = out ?? posix.join(posix.dirname(found.sourceRoot), FILE_NAME);
  // Fails for a path outside of the workspace, before the types are read.
  tree.exists(file);
  return { tree, project: found, file };
}

/**
 * Reads the types of a project.
 * @throws ContractError (`NO_EVENTS`, `NOT_JSON`, `TYPE_ERRORS`)
 */
async function currentDocument({ tree, project }: OpenProject): Promise<Document> {
  const { readContract } = await import('../schematics/contract/read-contract.js');
  const { infoOf, toDocument } = await import('../schematics/contract/document.js');
  const contract = readContract(project);
  for (const warning of contract.warnings) process.stderr.write(`warning: ${warning}\n`);
  return toDocument(contract, infoOf(tree, project.serviceName));
}

async function compare({ against, mode, json = false, ...flags }: CheckFlags): Promise<void> {
  const { readBaseline } = await import('./contract/baseline.js');
  const { compareDocuments } = await import('../schematics/contract/compare-documents.js');
  const { reportLines } = await import('../schematics/contract/report.js');
  const project = await openProject(flags);
  const { tree, file } = project;
  const baseline = readBaseline(process.cwd(), against, file);
  const allowed = allowedChanges(tree);
  const document = await currentDocument(project);
  const changes = compareDocuments(baseline, document, { mode, allowed });
  const unused = allowed.filter((id) => !changes.some((change) => isAllowedBy(change, id)));
  print(json ? JSON.stringify({ changes, unused }, null, 2) : reportLines(changes, unused).join('\n'));
  if (changes.some(({ level }) => level === 'break')) process.exitCode = IS_BREAKING;
}

function isAllowedBy({ level, id, subject }: ContractChange, allowed: string): boolean {
  return level === 'allowed' && (id === allowed || subject === allowed);
}

/**
 * Reads the exceptions of nest-cli.json.
 * @throws SchematicError (`INVALID_OPTION`)
 */
function allowedChanges(tree: DiskTree): string[] {
  const path = nestConfigPath(tree);
  const jetstream = path === undefined ? undefined : readJson(tree, path)?.['jetstream'];
  const allowed = isRecord(jetstream) ? jetstream['allowBreaking'] : undefined;
  if (allowed === undefined) return [];
  if (Array.isArray(allowed) && allowed.every((id) => typeof id === 'string')) return allowed;
  throw invalidOption(
    'jetstream.allowBreaking',
    allowed,
    'must be a list of changes, such as ["order.created#/amount"].',
  );
}

/** Leaves out the version of the package, because every release changes it. */
function comparable({ info, ...document }: Document): Document {
  const { version: _version, ...rest } = (typeof info === 'object' && info !== null ? info : {}) as Document;
  return { ...document, info: rest };
}

function print(text: string): void {
  process.stdout.write(`${text}\n`);
}
