import { InvalidArgumentError, Option, type Command } from 'commander';
import { once } from 'node:events';
import { withStopSignal } from './command/stop-signal';
import { openOperations } from './operations/open-operations';
import { addOperationFlags, type OperationFlags } from './operations/operation-flags';

interface BoardCommandOptions extends OperationFlags {
  readonly port?: number;
  readonly actions?: boolean;
  readonly bodies?: boolean;
}

/** Adds `board`. It serves pages on this machine until Ctrl-C. */
export function addBoardCommand(program: Command): void {
  const command = program
    .command('board')
    .description(
      'Show streams, consumers and dead letters in the browser. Serves pages on this machine only, until Ctrl-C.',
    )
    .addOption(new Option('--port <port>', 'port of the pages (default: any free port)').argParser(parsePort))
    .option('--actions', 'allow to pause, resume and replay consumers, and to redrive and purge dead letters')
    .option('--bodies', 'show the bodies of dead letters');
  addOperationFlags(command).action(run);
}

async function run(options: BoardCommandOptions): Promise<void> {
  const { port, actions = false, bodies = false, json = false, connection } = options;
  // Loaded on use, because the other commands do not need node:http.
  const { startBoardServer } = await import('./board/board-server.js');
  await withStopSignal(async (stopping) => {
    const operations = await openOperations(options);
    try {
      const server = await startBoardServer({
        port,
        answer: async (request) => operations.page({ ...request, actions, bodies, connection }),
        onAction: (line) => void process.stderr.write(`${line}\n`),
      });
      const { url } = server;
      process.stdout.write(`${json ? JSON.stringify({ url }) : url}\n`);
      process.stderr.write('Open this address in the browser. Press Ctrl-C to stop.\n');
      if (!stopping.aborted) await once(stopping, 'abort');
      await server.close();
    } finally {
      await operations.close();
    }
  });
}

function parsePort(text: string): number {
  const port = Number(text);
  if (/^\d+$/.test(text) && port <= 65_535) return port;
  throw new InvalidArgumentError('Expected a number from 0 to 65535.');
}
