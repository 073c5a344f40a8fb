import { InvalidArgumentError, Option, type Command } from 'commander';
import { parseTime } from './command/parse-time';
import { confirm } from './operations/confirm';
import { openOperations } from './operations/open-operations';
import { addOperationFlags, type OperationFlags } from './operations/operation-flags';
import { printAnswer } from './operations/print-answer';

interface ReplayCommandOptions extends OperationFlags {
  readonly from?: number;
  readonly since?: Date;
  readonly dryRun?: boolean;
  readonly yes?: boolean;
}

const DECLINED = 2;

/** Adds `replay`, to deliver handled messages again. */
export function addReplayCommand(program: Command): void {
  const command = program
    .command('replay')
    .description(
      'Deliver messages to a durable again that it has handled. Asks first. Exit code: 0 done, 2 declined, 1 error.',
    )
    .argument('<stream>', 'stream, such as ORDERS')
    .argument('<durable>', 'durable consumer, such as shop-order-created')
    .addOption(new Option('--from <sequence>', 'first stream sequence').argParser(parseSequence).conflicts('since'))
    .addOption(
      new Option(
        '--since <time>',
        'time of the first message, such as 2h for two hours ago, or 2026-01-31T12:00',
      ).argParser(parseTime),
    )
    .option('--dry-run', 'only print the number of messages')
    .option('-y, --yes', 'do not ask');
  addOperationFlags(command).action(run);
}

async function run(stream: string, durable: string, options: ReplayCommandOptions, command: Command): Promise<void> {
  const { from, since, dryRun = false, yes = false, json = false } = options;
  if (from === undefined && since === undefined)
    command.error("error: required option '--from' or '--since' not specified");
  const replay = { stream, durable, fromSequence: from, sinceMs: since?.getTime(), connection: options.connection };
  const operations = await openOperations(options);
  try {
    const preview = await operations.run('replay', { ...replay, dryRun: true });
    if (dryRun || preview.result.messages === 0) return printAnswer(preview, options);
    if (!json && !yes) printAnswer(preview, options);
    if (await confirm({ command: 'replay', yes, json })) printAnswer(await operations.run('replay', replay), options);
    else process.exitCode = DECLINED;
  } finally {
    await operations.close();
  }
}

function parseSequence(text: string): number {
  if (/^[1-9]\d{0,14}$/.test(text)) return Number(text);
  throw new InvalidArgumentError('Expected a whole number from 1.');
}
