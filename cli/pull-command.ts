import { InvalidArgumentError, Option, type Command } from 'commander';
import { invalidOption } from '../schematics/shared/errors';
import { parseEventSubject } from '../schematics/shared/subject/parsed-subject';
import { streamSubject } from '../schematics/shared/subject/subject';
import { optionOf } from './command/schema-option';
import { assertProject, runFromCommandLine, type CommandEnvironment } from './command/run';
import { terminalLines } from './command/terminal-text';
import { addConnectionFlags, type ConnectionFlags } from './nats/connection-flags';
import { readCollection, type Schematic } from './runner/collection';
import type { FileChange } from './runner/disk-tree';

interface PullFlags extends ConnectionFlags {
  readonly subjects?: readonly string[];
  readonly sample: number;
  readonly literals: boolean;
  readonly project?: string;
  readonly style?: string;
  readonly consumers?: boolean;
  readonly publishers?: boolean;
  readonly skipImport?: boolean;
  readonly dryRun?: boolean;
  readonly json?: boolean;
  readonly prompt: boolean;
}

const DEFAULT_SAMPLE = 200;
const MAX_SAMPLE = 10_000;
/** Options of `import` that `pull` passes on. */
const GENERATED = ['project', 'style', 'consumers', 'publishers', 'skipImport'] as const;

/** Adds `pull`, which declares a stream of a server and its events in the project. */
export function addPullCommand(program: Command): void {
  const { schema } = importSchematic();
  const command = program
    .command('pull')
    .description(
      'Declare a stream of a server in the project, with event types inferred from stored messages. ' +
        'Changes nothing on the server. Exit code: 0 pulled or up to date, 1 error.',
    )
    .argument('<stream>', 'stream, such as ORDERS')
    .addOption(
      new Option(
        '--subjects <subjects...>',
        "subjects, patterns or templates to pull, such as 'order.:region.created' (default: all)",
      ).argParser<readonly string[] | undefined>((text, previous) => [
        ...(previous ?? []),
        ...text.split(',').map(parseSubject),
      ]),
    )
    .addOption(
      new Option('--sample <count>', 'maximum number of messages to read for each event, 0 for none')
        .argParser(parseSample)
        .default(DEFAULT_SAMPLE),
    )
    .option('--no-literals', "type all texts as string, never as 'open' | 'paid'");
  for (const name of GENERATED) command.addOption(optionOf(name, schema.properties[name] ?? {}));
  addConnectionFlags(command)
    .option('-d, --dry-run', 'print the generated code without writing files')
    .option('--json', 'print one JSON document with files, messages and error')
    .option('--no-prompt', 'do not ask questions')
    .action(run);
}

async function run(name: string, flags: PullFlags): Promise<void> {
  const { dryRun = false, json = false, prompt, sample, literals, subjects = [] } = flags;
  const environment = terminalEnvironment();
  const stream = streamName(name);
  assertProject(environment.root);
  // Loaded on use, because the other commands do not need them.
  const { declaredEvents } = await import('./pull/declared-events.js');
  const { openConnection } = await import('./nats/connect.js');
  const { pullStream } = await import('./pull/pull-stream.js');
  const declared = declaredEvents(environment.root, stream, flags.project);
  const connection = await openConnection(flags, environment.root, 'pull');
  let document: object;
  try {
    const report = environment.warn;
    document = await pullStream(connection, stream, { sample, literals, subjects, declared, report });
  } finally {
    await connection.nats.close();
  }
  const generated = Object.fromEntries(GENERATED.flatMap((each) => (each in flags ? [[each, flags[each]]] : [])));
  const options = { ...generated, name: stream, document };
  const request = { schematic: importSchematic(), options, dryRun, json, prompt };
  const changes = await runFromCommandLine(environment, request);
  if (dryRun && !json) changes.flatMap(codeOf).forEach(environment.print);
}

function importSchematic(): Schematic {
  const schematic = readCollection().find(({ name }) => name === 'jetstream-import');
  if (!schematic) throw new Error('The schematic jetstream-import is missing.');
  return schematic;
}

/** Returns the lines of a file that a dry run does not write. */
function codeOf({ path, content }: FileChange): string[] {
  return content === undefined ? [] : ['', `// ${path}`, content.toString('utf8').trimEnd()];
}

/** Escapes texts of the server, because a terminal would run their control characters. */
function terminalEnvironment(): CommandEnvironment {
  return {
    root: process.cwd(),
    print: (line) => void process.stdout.write(`${terminalLines(line)}\n`),
    warn: (line) => void process.stderr.write(`${terminalLines(line)}\n`),
  };
}

/** @throws SchematicError (`INVALID_OPTION`) */
function streamName(name: string): string {
  if (/^[^\s.*>/\\\p{Cc}]+$/u.test(name)) return name;
  throw invalidOption('stream', name, 'must be the name of a stream, such as ORDERS. Subjects belong to --subjects.');
}

function parseSubject(text: string): string {
  const subject = text.trim();
  try {
    if (subject.split('.').some((token) => token.startsWith(':'))) parseEventSubject(subject);
    else streamSubject(subject);
    return subject;
  } catch {
    throw new InvalidArgumentError("Expected subjects such as order.created, order.> or 'order.:region.created'.");
  }
}

function parseSample(text: string): number {
  if (/^\d{1,5}$/.test(text) && Number(text) <= MAX_SAMPLE) return Number(text);
  throw new InvalidArgumentError(`Expected a whole number from 0 to ${MAX_SAMPLE}.`);
}
