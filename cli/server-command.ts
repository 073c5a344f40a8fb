import { InvalidArgumentError, Option, type Command } from 'commander';
import { DEFAULT_VERSION } from '../nats-server/version';
import { findVersion } from '../nats-server/version';

interface ServerCommandOptions {
  port: number;
  store?: string;
  memory?: boolean;
  monitor?: number;
  serverVersion?: string;
  releaseBase?: string;
}

const STOP_SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** Adds `server`, which runs a nats-server to develop against until Ctrl-C. */
export function addServerCommand(program: Command): void {
  program
    .command('server')
    .description('Start a local nats-server with JetStream. Fetches one when there is none. Ctrl-C stops it.')
    .addOption(new Option('-p, --port <port>', 'client port, 0 for any free one').argParser(parsePort).default(4222))
    .addOption(new Option('--store <directory>', 'kept store (default: .nats in the project)').conflicts('memory'))
    .option('--memory', 'throw-away store, removed at the end')
    .addOption(new Option('--monitor [port]', 'HTTP monitoring').preset('8222').argParser(parsePort))
    .addOption(
      new Option(
        '--server-version <version>',
        `exactly this nats-server (default: any supported one, else ${DEFAULT_VERSION} is fetched)`,
      ).argParser(parseVersion),
    )
    .option(
      '--release-base <url>',
      'where to fetch releases from (default: NATS_SERVER_RELEASE_BASE, else the official ones)',
    )
    .action(run);
}

async function run(options: ServerCommandOptions): Promise<void> {
  const { port, store, memory, monitor, serverVersion, releaseBase } = options;
  const stopping = new AbortController();
  const stop = (): void => stopping.abort();
  for (const signal of STOP_SIGNALS) process.on(signal, stop);
  try {
    // Only where one is started: generating needs none of it.
    const { serve } = await import('../nats-server/serve.js');
    await serve({
      port,
      cwd: process.cwd(),
      print: (line) => console.log(line),
      signal: stopping.signal,
      ...(store === undefined ? {} : { store }),
      ...(memory === undefined ? {} : { memory }),
      ...(monitor === undefined ? {} : { monitorPort: monitor }),
      ...(serverVersion === undefined ? {} : { version: serverVersion }),
      ...(releaseBase === undefined ? {} : { releaseBase }),
    });
  } catch (error) {
    // What was interrupted fails as it should: that is what the user asked for.
    if (!stopping.signal.aborted) fail(error);
  } finally {
    for (const signal of STOP_SIGNALS) process.off(signal, stop);
  }
}

function fail(error: unknown): void {
  console.error(`error: ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 1;
}

function parsePort(text: string): number {
  const port = Number(text);
  if (/^\d+$/.test(text) && port <= 65_535) return port;
  throw new InvalidArgumentError('Give a number from 0 to 65535.');
}

function parseVersion(text: string): string {
  const version = findVersion(text);
  if (version !== undefined && text.replace(/^v/, '') === version) return version;
  throw new InvalidArgumentError(`Give a version such as ${DEFAULT_VERSION}.`);
}
