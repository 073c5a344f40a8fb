import { once } from 'node:events';
import { openStore, type DevelopmentStore, type StoreChoice } from './run/development-store';
import { NatsServerEndedError } from './errors';
import { resolveNatsServer, type ResolvedNatsServer, type ResolveNatsServerOptions } from './find/resolve';
import { startNatsServer } from './run/start';
import type { RunningNatsServer } from './run/start-options';

export interface ServeOptions extends StoreChoice, Omit<ResolveNatsServerOptions, 'report' | 'signal'> {
  /** Client port, or 0 for any free port. */
  readonly port: number;
  /** Port of the HTTP monitoring endpoint, or 0 for any free port. Default: no monitoring. */
  readonly monitorPort?: number;
  /** Receives the lines for the user. */
  readonly print: (line: string) => void;
  /** Stops the server, or the download of one. */
  readonly signal: AbortSignal;
}

/**
 * Runs a server for development until the signal is aborted.
 * @throws NatsServerEndedError if the server exits by itself, and the errors of resolving and
 * starting
 */
export async function serve(options: ServeOptions): Promise<void> {
  const { print, signal, port, monitorPort } = options;
  const resolved = await resolveNatsServer({ ...options, report: print });
  signal.throwIfAborted();
  const store = await openStore(options);
  try {
    const server = await startNatsServer({
      binary: resolved.binary,
      port,
      storeDir: store.directory,
      ownProcessGroup: true,
      ...(monitorPort === undefined ? {} : { monitorPort }),
    });
    for (const line of describe(resolved, server, store)) print(line);
    await untilAborted(server, resolved.binary, signal);
    print('Stopped.');
  } finally {
    await store.dispose();
  }
}

async function untilAborted(server: RunningNatsServer, binary: string, signal: AbortSignal): Promise<void> {
  const aborted = signal.aborted ? Promise.resolve() : once(signal, 'abort');
  const exit = await Promise.race([aborted.then(() => undefined), server.exited]);
  await server.stop();
  if (exit !== undefined) throw new NatsServerEndedError(binary, exit.signal ?? `code ${exit.code}`, server.log);
}

function describe(resolved: ResolvedNatsServer, server: RunningNatsServer, store: DevelopmentStore): string[] {
  return [
    `nats-server ${resolved.version} with JetStream (${resolved.source}: ${resolved.binary})`,
    ...(resolved.warning === undefined ? [] : [`  warning  ${resolved.warning}`]),
    `  store    ${store.directory} (${store.fate})`,
    ...(server.monitorUrl === undefined ? [] : [`  monitor  ${server.monitorUrl}`]),
    // A line to copy into a shell or .env.
    `NATS_URL=${server.url}`,
    'Press Ctrl-C to stop it.',
  ];
}
