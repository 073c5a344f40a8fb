import { InvalidArgumentError, Option, type Command } from 'commander';
import type { ServerStatus } from '@nest-jetstream/transport/operations';
import { durationMillis, durationOption } from '../schematics/shared/duration';
import { described } from './command/report';
import { watch } from './command/watch';
import { openOperations } from './operations/open-operations';
import { addOperationFlags, type OperationFlags } from './operations/operation-flags';
import { printAnswer } from './operations/print-answer';

interface StatusCommandOptions extends OperationFlags {
  readonly all?: boolean;
  readonly watch?: boolean;
  readonly interval: number;
}

const THRESHOLD_PASSED = 2;
const DEFAULT_INTERVAL = '2s';
/** Code of the failure after which the process of the application does not answer again. */
const ENDED = 'NO_APPLICATION';

/** Adds `status`: the state of streams and consumers in two tables. */
export function addStatusCommand(program: Command): void {
  const command = program
    .command('status')
    .description(
      'Show streams and consumers: messages, lag, unacknowledged messages, dead letters. Changes nothing. ' +
        'Exit code: 0 read, 2 a threshold of the option monitor is passed, 1 error, or a stream does not exist.',
    )
    .argument('[streams...]', 'streams, such as ORDERS (default: those of the application)')
    .option('--all', 'all streams of the account')
    .option('--watch', 'show them again and again, until Ctrl-C')
    .addOption(
      new Option('--interval <duration>', 'time between two readings of --watch')
        .argParser(parseInterval)
        .default(durationMillis(durationOption('interval', DEFAULT_INTERVAL)), DEFAULT_INTERVAL),
    );
  addOperationFlags(command).action(run);
}

async function run(streams: readonly string[], options: StatusCommandOptions): Promise<void> {
  const { all = false, connection, interval: intervalMs, json = false } = options;
  const selection = { all, connection, ...(streams.length > 0 ? { streams } : {}) };
  const operations = await openOperations(options);
  try {
    if (!options.watch) {
      const answer = await operations.run('status', selection);
      printAnswer(answer, options);
      process.exitCode = exitCodeOf(answer.result);
      return;
    }
    const read = async () => operations.run('status', selection);
    await watch({ intervalMs, json, read, isTemporary: (error) => described(error).code !== ENDED });
  } finally {
    await operations.close();
  }
}

function exitCodeOf({ missing, exceeded }: ServerStatus): number {
  if (missing.length > 0) return 1;
  return exceeded.length > 0 ? THRESHOLD_PASSED : 0;
}

function parseInterval(text: string): number {
  try {
    return durationMillis(durationOption('interval', text));
  } catch {
    throw new InvalidArgumentError('Expected a duration such as 2s.');
  }
}
