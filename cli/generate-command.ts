import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { Command, InvalidArgumentError, Option } from 'commander';
import { runSchematic } from './run-schematic';

/** Where the command works, and what it says; default: this process's. */
export interface GenerateEnvironment {
  readonly root: string;
  readonly print: (line: string) => void;
}

/** Adds `generate stream` and `generate consumer`: the schematics with all their options and honest exit codes. */
export function addGenerateCommand(program: Command, environment: GenerateEnvironment = processEnvironment()): void {
  const generate = program
    .command('generate')
    .alias('g')
    .description('generate a stream, or an event and its consumer');
  generate.addCommand(streamCommand(environment));
  generate.addCommand(consumerCommand(environment));
}

function streamCommand(environment: GenerateEnvironment): Command {
  return withCommonOptions(new Command('stream'))
    .description('create a stream and its module')
    .argument('<name>', 'name of the stream, e.g. orders')
    .option('--subjects <subject...>', 'subjects that it captures (default: its name in the singular, then ".>")')
    .addOption(new Option('--storage <kind>', 'where messages are kept').choices(['file', 'memory']).default('file'))
    .addOption(
      new Option('--retention <policy>', 'when messages go')
        .choices(['limits', 'interest', 'workqueue'])
        .default('limits'),
    )
    .addOption(
      new Option('--discard <policy>', 'what is refused or dropped when it is full')
        .choices(['new', 'old'])
        .default('new'),
    )
    .option('--max-age <duration>', 'how long messages stay', '7d')
    .option('--duplicate-window <duration>', 'how long message ids are remembered', '2m')
    .option('--flat', 'create no folder of its own')
    .addHelpText(
      'after',
      examples('generate stream orders', "generate stream orders --subjects 'order.>' 'invoice.*' --max-age 30d"),
    )
    .action((name: string, options: CommonOptions) => generateWith(environment, 'jetstream-stream', name, options));
}

function consumerCommand(environment: GenerateEnvironment): Command {
  return withCommonOptions(new Command('consumer'))
    .description('create a typed event, its durable consumer and a spec')
    .argument('<subject>', 'subject of the event, e.g. order.created')
    .option('--type <fields>', 'fields of the event, in TypeScript', 'id: string')
    .option('--stream <name>', 'stream, when several cover the subject')
    .option('--event-name <name>', 'name of the event in code (default: from the subject)')
    .option('--durable <name>', 'name of the durable consumer (default: service and subject)')
    .option('--concurrency <count>', 'messages handled at a time', count)
    .option('--ack-wait <duration>', 'time until a message without an answer is delivered again, e.g. 30s')
    .option('--retry-delay <duration...>', 'delays between attempts, e.g. 1s 10s 1m')
    .option('--no-spec', 'create no spec')
    .option('--spec-file-suffix <suffix>', "suffix of the spec's file name", 'spec')
    .addHelpText(
      'after',
      examples(
        'generate consumer order.created',
        "generate consumer order.created --type 'id: number; product: string' --retry-delay 1s 10s 1m",
      ),
    )
    .action((subject: string, options: CommonOptions, command: Command) => {
      // Only a type that was asked for is told from the fields that an event already has.
      const { type, ...others } = options;
      const asked = command.getOptionValueSource('type') === 'cli' ? { ...others, type } : others;
      return generateWith(environment, 'jetstream-consumer', subject, asked);
    });
}

interface CommonOptions {
  readonly dryRun?: boolean;
  readonly [option: string]: unknown;
}

function withCommonOptions(command: Command): Command {
  return command
    .option('--project <name>', 'project of a monorepo')
    .option('--path <folder>', 'folder below the source root')
    .option('--skip-import', 'register nothing in a module')
    .option('--dry-run', 'say what would be written, and write nothing');
}

function processEnvironment(): GenerateEnvironment {
  return { root: process.cwd(), print: (line) => void process.stdout.write(`${line}\n`) };
}

async function generateWith(
  { root, print }: GenerateEnvironment,
  schematic: string,
  name: string,
  { dryRun = false, ...options }: CommonOptions,
): Promise<void> {
  if (!existsSync(join(root, 'package.json')))
    throw new Error('No package.json here: run this in the root of a Nest project.');
  await runSchematic({ root, schematic, options: { name, ...options }, dryRun, print });
}

function count(value: string): number {
  const parsed = Number(value);
  if (!Number.isInteger(parsed) || parsed < 1) throw new InvalidArgumentError('It must be a whole number from 1.');
  return parsed;
}

function examples(...lines: readonly string[]): string {
  return ['', 'Examples:', ...lines.map((line) => `  npx nest-jetstream ${line}`)].join('\n');
}
