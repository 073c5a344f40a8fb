import { InvalidArgumentError, Option, type Command } from 'commander';
import { outputClosed } from './command/closed-output';
import { parseTime } from './command/parse-time';
import { withStopSignal } from './command/stop-signal';
import { addConnectionFlags, type ConnectionFlags } from './nats/connection-flags';
import { subscribedSubject } from './nats/subject';

interface TailCommandOptions extends ConnectionFlags {
  readonly since?: Date;
  readonly limit?: number;
  readonly headers?: boolean;
}

/** Adds `tail`, which prints the messages of a subject until Ctrl-C. */
export function addTailCommand(program: Command): void {
  const command = program
    .command('tail')
    .description('Print the messages of a subject as they arrive. Creates nothing durable. Ctrl-C stops it.')
    .argument('<subject>', 'subject or pattern, such as order.created or order.>')
    .addOption(
      new Option(
        '--since <time>',
        'start with stored messages, such as those of the last 10m, or since 2026-01-31T12:00',
      ).argParser(parseTime),
    )
    .addOption(new Option('-n, --limit <count>', 'stop after this number of messages').argParser(parseLimit))
    .option('--headers', 'print the headers of each message');
  addConnectionFlags(command).action(run);
}

async function run(subject: string, options: TailCommandOptions): Promise<void> {
  const { since, limit = Number.POSITIVE_INFINITY, headers = false } = options;
  subscribedSubject(subject);
  // Loaded on use, because the other commands do not need nats.js.
  const { openConnection } = await import('./nats/connect.js');
  const { messageText } = await import('./nats/message-text.js');
  const { tail } = await import('./nats/tail.js');
  const format = { isForTerminal: process.stdout.isTTY, showsHeaders: headers };
  await withStopSignal(async (stopping) => {
    const connection = await openConnection(options, process.cwd(), 'tail');
    try {
      await tail(connection, {
        subject,
        since,
        limit,
        receive: (message) => void process.stdout.write(`${messageText(message, format)}\n`),
        // Standard output has messages only.
        report: (line) => void process.stderr.write(`${line}\n`),
        signal: AbortSignal.any([stopping, outputClosed]),
      });
    } finally {
      await connection.nats.close();
    }
  });
}

function parseLimit(text: string): number {
  if (/^[1-9]\d{0,14}$/.test(text)) return Number(text);
  throw new InvalidArgumentError('Expected a whole number from 1.');
}
