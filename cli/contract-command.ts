import { InvalidArgumentError, Option, type Command } from 'commander';
import type { Mode } from '../schematics/contract/compare-documents';
import type { Document } from '../schematics/contract/json';
import { checkContract, DEFAULT_SAMPLE, type CheckFlags } from './contract/check-contract';
import { currentContract, documentOf, FILE_NAME, openProject, type ProjectFlags } from './contract/open-project';
import { addConnectionFlags } from './nats/connection-flags';
import { writeChanges } from './runner/write-changes';

interface WriteFlags extends ProjectFlags {
  readonly stdout?: boolean;
  readonly check?: boolean;
}

const IS_STALE = 2;
const MODES: readonly Mode[] = ['full', 'backward', 'forward', 'none'];
const SHOWN_DIFFERENCES = 10;

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
  const check = contract
    .command('check')
    .description(
      'Compare the events of the project with an earlier document, or with the messages in its streams, and fail if a ' +
        'change breaks stored messages or running instances. ' +
        'Exit code: 0 compatible, 2 breaking changes or messages, 1 error, 130 stopped.',
    )
    .option('-p, --project <name>', 'project of a monorepo')
    .option('--out <file>', `file that was written (default: ${FILE_NAME} in the folder of the project)`)
    .option('--against <source>', 'git:<revision>, such as git:main, or a file')
    .addOption(
      new Option('--mode <mode>', 'sides that must read the messages of the other version')
        .choices(MODES)
        .default('full'),
    )
    .option('--stored', 'read messages of the streams, and check that handlers of this version can read them')
    .addOption(
      new Option(
        '--sample <count>',
        `maximum number of messages of a stream to read with --stored, or all (default: ${DEFAULT_SAMPLE})`,
      ).argParser(parseSample),
    )
    .option('--json', 'print the result as JSON');
  addConnectionFlags(check)
    // Commander gives options that both commands have to the first one.
    .action(async (_options: unknown, command: Command) => checkContract(command.optsWithGlobals<CheckFlags>()));
}

async function write({ stdout = false, check = false, ...flags }: WriteFlags): Promise<void> {
  const { documentText, parseDocument } = await import('../schematics/contract/document-text.js');
  const { differences, isSameDocument } = await import('../schematics/contract/document-differences.js');
  const project = await openProject(flags);
  const { tree, file } = project;
  const document = await documentOf(await currentContract(project), project);
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

/** Leaves out the version of the package, because every release changes it. */
function comparable({ info, ...document }: Document): Document {
  const { version: _version, ...rest } = (typeof info === 'object' && info !== null ? info : {}) as Document;
  return { ...document, info: rest };
}

function parseSample(text: string): number {
  if (text === 'all') return Number.POSITIVE_INFINITY;
  if (/^[1-9]\d{0,14}$/.test(text)) return Number(text);
  throw new InvalidArgumentError("Expected a whole number from 1, or 'all'.");
}

function print(text: string): void {
  process.stdout.write(`${text}\n`);
}
