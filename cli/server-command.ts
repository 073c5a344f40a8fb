import { InvalidArgumentError, Option, type Command } from 'commander';
import { DEFAULT_VERSION, findVersion } from '../nats-server/version';
import { withStopSignal } from './command/stop-signal';

interface ServerCommandOptions {
  port: number;
  store?: string;
  memory?: boolean;
  monitor?: number;
  serverVersion?: string;
  releaseBase?: string;
}

/** Adds `server`, which runs a local nats-server until Ctrl-C. */
export function addServerCommand(program: Command): void {
  program
    .command('server')
    .description('Start a local nats-server with JetStream. Downloads one if none is installed. Ctrl-C stops it.')
    .addOption(
      new Option('-p, --port <port>', 'client port, or 0 for any free port').argParser(parsePort).default(4222),
    )
    .addOption(
      new Option('--store <directory>', 'directory of a persistent store (default: .nats in the project)').conflicts(
        'memory',
      ),
    )
    .option('--memory', 'temporary store, removed on exit')
    .addOption(new Option('--monitor [port]', 'HTTP monitoring').preset('8222').argParser(parsePort))
    .addOption(
      new Option(
        '--server-version <version>',
        `version of nats-server (default: any supported version, else ${DEFAULT_VERSION} is downloaded)`,
      ).argParser(parseVersion),
    )
    .option(
      '--release-base <url>',
      'where to download releases from (default: NATS_SERVER_RELEASE_BASE, else the official releases)',
    )
    .action(run);
}

async function run(options: ServerCommandOptions): Promise<void> {
  const { port, store, memory, monitor, serverVersion, releaseBase } = options;
  await withStopSignal(async (signal) => {
    // Loaded on use, because the other commands do not need it.
    const { serve } = await import('../nats-server/serve.js');
    await serve({
      port,
      cwd: process.cwd(),
      print: (line) => void process.stdout.write(`${line}\n`),
      signal,
      ...(store === undefined ? {} : { store }),
      ...(memory === undefined ? {} : { memory }),
      ...(monitor === undefined ? {} : { monitorPort: monitor }),
      ...(serverVersion === undefined ? {} : { version: serverVersion }),
      ...(releaseBase === undefined ? {} : { releaseBase }),
    });
  });
}

function parsePort(text: string): number {
  const port = Number(text);
  if (/^\d+$/.test(text) && port <= 65_535) return port;
  throw new InvalidArgumentError('Expected a number from 0 to 65535.');
}

function parseVersion(text: string): string {
  const version = findVersion(text);
  if (version !== undefined && text.replace(/^v/, '') === version) return version;
  throw new InvalidArgumentError(`Expected a version such as ${DEFAULT_VERSION}.`);
}
