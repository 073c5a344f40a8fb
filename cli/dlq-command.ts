import { InvalidArgumentError, Option, type Command } from 'commander';
import type { DeadLetterProgress } from '@nest-jetstream/transport/operations';
import { parseTime } from './command/parse-time';
import { progressLine } from './command/progress-line';
import { withStopSignal } from './command/stop-signal';
import { confirm } from './operations/confirm';
import { openOperations } from './operations/open-operations';
import { addOperationFlags, type OperationFlags } from './operations/operation-flags';
import type { Operations } from './operations/operations';
import { printAnswer } from './operations/print-answer';

interface FilterFlags extends OperationFlags {
  readonly durable?: string;
  readonly subject?: string;
  readonly reason?: string;
  readonly since?: Date;
  readonly before?: Date;
  readonly limit?: number;
}

interface ListFlags extends FilterFlags {
  readonly all?: boolean;
}

interface ShowFlags extends OperationFlags {
  readonly body: boolean;
}

interface RedriveFlags extends FilterFlags {
  readonly to: 'consumer' | 'subject';
  readonly dryRun?: boolean;
}

interface PurgeFlags extends FilterFlags {
  readonly dryRun?: boolean;
  readonly yes?: boolean;
}

const SOME_KEPT = 2;
const DECLINED = 2;
const INTERRUPTED = 130;
const DEFAULT_LIMIT = 100;

/** Adds `dlq`: lists, shows, redrives and removes dead letters. */
export function addDlqCommand(program: Command): void {
  const dlq = program.command('dlq').description('List, show, redrive and remove dead letters.');
  const list = dlq
    .command('ls')
    .description(
      'List dead letters by durable and reason, and each one with --all or --durable. Exit code: 0 done, 1 error.',
    )
    .argument('[stream]', 'stream, such as ORDERS (default: all streams with dead letters)')
    .option('--durable <name>', 'dead letters of one durable')
    .option('-a, --all', 'list each dead letter');
  addFilterFlags(list, `limit of listed dead letters (default: ${DEFAULT_LIMIT})`).action(ls);

  const show = dlq
    .command('show')
    .description('Show a dead letter with its reason, headers and body. Exit code: 0 done, 1 error.')
    .argument('<stream>', 'stream, such as ORDERS')
    .argument('<durable>', 'durable consumer, such as shop-order-created')
    .argument('<sequence>', 'sequence of the message in the stream', parseCount)
    .option('--no-body', 'do not show the body');
  addOperationFlags(show).action(showOne);

  const redrive = withTarget(dlq.command('redrive'))
    .description(
      'Give dead letters back to the durable that failed. Ctrl-C stops after the current one. ' +
        'Exit code: 0 done, 2 some could not be redriven and are kept, 1 error, 130 stopped.',
    )
    .addOption(
      new Option('--to <receiver>', 'receiver of the messages: the durable, or all consumers of the subject')
        .choices(['consumer', 'subject'])
        .default('consumer'),
    );
  addChangeFlags(redrive).action(redriveLetters);

  const purge = withTarget(dlq.command('purge'))
    .description('Remove dead letters permanently. Asks first. Exit code: 0 done, 2 declined, 1 error, 130 stopped.')
    .option('-y, --yes', 'do not ask');
  addChangeFlags(purge).action(purgeLetters);
}

function withTarget(command: Command): Command {
  return command
    .argument('<stream>', 'stream, such as ORDERS')
    .argument('[durable]', 'durable consumer (default: all)')
    .argument('[sequences...]', 'sequences of the messages in the stream (default: all)', parseCounts, []);
}

function addChangeFlags(command: Command): Command {
  command.option('--dry-run', 'only print the dead letters that match');
  return addFilterFlags(command, 'limit of dead letters, oldest first');
}

function addFilterFlags(command: Command, limit: string): Command {
  command
    .option('--reason <text>', 'part of the reason, such as a class. * is any text')
    .option('--subject <pattern>', 'original subject, such as order.created or order.>')
    .addOption(
      new Option('--since <time>', 'dead-lettered in the last 2h, or since 2026-01-31T12:00').argParser(parseTime),
    )
    .addOption(new Option('--before <time>', 'dead-lettered more than 2h ago, or before a time').argParser(parseTime))
    .addOption(new Option('-n, --limit <count>', limit).argParser(parseCount));
  return addOperationFlags(command);
}

async function ls(stream: string | undefined, flags: ListFlags): Promise<void> {
  const isListed = flags.all === true || flags.durable !== undefined || flags.limit !== undefined;
  const limit = isListed ? (flags.limit ?? DEFAULT_LIMIT) : 0;
  await withOperations(flags, async (operations) => {
    const { durable, connection } = flags;
    const options = { ...filterOf(flags), stream, durable, limit, connection };
    await operations.print('listDeadLetters', options, flags);
  });
}

async function showOne(stream: string, durable: string, sequence: number, flags: ShowFlags): Promise<void> {
  await withOperations(flags, async (operations) => {
    const { body, connection } = flags;
    printAnswer(await operations.run('showDeadLetter', { stream, durable, sequence, body, connection }), flags);
  });
}

async function redriveLetters(
  stream: string,
  durable: string | undefined,
  sequences: readonly number[],
  flags: RedriveFlags,
): Promise<void> {
  await withOperations(flags, async (operations) => {
    const { to, dryRun, limit } = flags;
    const options = { ...targetOf(stream, durable, sequences, flags), to, dryRun, limit };
    const run = async (...running: Running) => operations.run('redriveDeadLetters', options, ...running);
    await withProgress('redriven', run, (answer) => {
      printAnswer(answer, flags);
      // Ctrl-C has set another one.
      if (answer.result.failures.length > 0) process.exitCode ??= SOME_KEPT;
    });
  });
}

async function purgeLetters(
  stream: string,
  durable: string | undefined,
  sequences: readonly number[],
  flags: PurgeFlags,
): Promise<void> {
  const { limit, dryRun = false, yes = false, json } = flags;
  await withOperations(flags, async (operations) => {
    const target = targetOf(stream, durable, sequences, flags);
    const preview = await operations.run('purgeDeadLetters', { ...target, limit, dryRun: true });
    const { selection } = preview.result;
    if (dryRun || selection.deadLetterSequences.length === 0) return printAnswer(preview, flags);
    if (!yes && json !== true) printAnswer(preview, flags);
    if (!(await confirm({ command: 'dlq purge', yes, json }))) {
      process.exitCode = DECLINED;
      return;
    }
    // Only those that were shown.
    const run = async (...running: Running) => operations.run('purgeDeadLetters', { ...target, selection }, ...running);
    await withProgress('removed', run, (answer) => printAnswer(answer, flags));
  });
}

async function withOperations(flags: OperationFlags, task: (operations: Operations) => Promise<void>): Promise<void> {
  const operations = await openOperations(flags);
  try {
    await task(operations);
  } finally {
    await operations.close();
  }
}

type Running = readonly [report: (progress: DeadLetterProgress) => void, signal: AbortSignal];

/** Runs a change of many dead letters, and prints its answer. A failure says how many are done. */
async function withProgress<Answer>(
  what: string,
  run: (...running: Running) => Promise<Answer>,
  print: (answer: Answer) => void,
): Promise<void> {
  const line = progressLine();
  let doneText: string | undefined;
  const report = ({ done, failed, total }: DeadLetterProgress): void => {
    doneText = `${(done - failed).toLocaleString('en')} of ${total.toLocaleString('en')} dead letters ${what}`;
    line.show(`${doneText}. Ctrl-C stops.`);
  };
  const changing = async (signal: AbortSignal): Promise<void> => {
    signal.addEventListener('abort', () => {
      process.exitCode = INTERRUPTED;
      line.clear();
      process.stderr.write('Stopping after the current dead letter.\n');
    });
    try {
      const answer = await run(report, signal);
      line.clear();
      print(answer);
    } catch (error) {
      line.clear();
      if (doneText !== undefined) process.stderr.write(`${doneText} before the error. Repeat the command.\n`);
      throw error;
    }
  };
  let changed: Promise<void> | undefined;
  await withStopSignal(async (signal) => (changed = changing(signal)));
  // A failure after Ctrl-C is not caused by it: a change that is stopped returns an answer.
  await changed;
}

function targetOf(stream: string, durable: string | undefined, sequences: readonly number[], flags: FilterFlags) {
  const chosen = sequences.length > 0 ? { sequences } : {};
  return { ...filterOf(flags), ...chosen, stream, durable, connection: flags.connection };
}

function filterOf({ subject, reason, since, before }: FilterFlags) {
  return { subject, reason, since: since?.toISOString(), before: before?.toISOString() };
}

function parseCount(text: string): number {
  if (/^[1-9]\d{0,14}$/.test(text)) return Number(text);
  throw new InvalidArgumentError('Expected a whole number from 1.');
}

function parseCounts(text: string, previous: readonly number[]): number[] {
  return [...previous, parseCount(text)];
}
