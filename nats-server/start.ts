import { spawn } from 'node:child_process';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { NatsServerPortInUseError, NatsServerStartError, NatsServerStoreInUseError } from './errors';
import { isPortTaken } from './port-check';
import { readPortsFile, type ServerAddresses } from './ports-file';
import { ServerProcess, type ServerExit } from './server-process';
import { claimStore, findStoreOwner, releaseStore } from './store-owner';

const DEFAULT_START_TIMEOUT_MS = 30_000;
const POLL_MS = 15;

export interface StartNatsServerOptions {
  /** Path of the nats-server binary, as `resolveNatsServer` finds it. */
  readonly binary: string;
  /** Client port; 0 takes any free one. */
  readonly port: number;
  /** Address to listen on. Default: 127.0.0.1, which other machines cannot reach. */
  readonly host?: string;
  /** JetStream's directory; created when absent, and kept. Required unless `jetstream` is false. */
  readonly storeDir?: string;
  /** Default: true. */
  readonly jetstream?: boolean;
  /** Port of the HTTP monitoring endpoint; 0 takes any free one. Default: no monitoring. */
  readonly monitorPort?: number;
  /** More arguments for nats-server, such as `['-c', file]`. */
  readonly extraArguments?: readonly string[];
  /** A process group of its own: a terminal's Ctrl-C then reaches only this process, which has to stop the server. Default: false. */
  readonly ownProcessGroup?: boolean;
  /** Milliseconds until the server has to be ready. Default: 30 000, as a large store takes a while to recover. */
  readonly startTimeoutMs?: number;
  /** Gets every line of the server's log. */
  readonly onLog?: (line: string) => void;
}

export interface RunningNatsServer extends ServerAddresses {
  readonly pid: number;
  /** Resolves when the process has ended, for whatever reason; never rejects. */
  readonly exited: Promise<ServerExit>;
  /** The last lines of the server's log. */
  readonly log: readonly string[];
  /** Ends the server: SIGTERM, after five seconds SIGKILL. May be called any number of times. */
  stop(): Promise<void>;
}

/**
 * Starts a nats-server and waits until it answers. It ends with this process at the latest.
 *
 * @throws NatsServerPortInUseError, NatsServerStoreInUseError
 * @throws NatsServerStartError when it ends early or is not ready in time
 */
export async function startNatsServer(options: StartNatsServerOptions): Promise<RunningNatsServer> {
  const { storeDir } = options;
  await refusePortInUse(options);
  if (storeDir !== undefined) {
    const owner = await findStoreOwner(storeDir);
    if (owner !== undefined) throw new NatsServerStoreInUseError(storeDir, owner.pid, owner.url);
    await mkdir(storeDir, { recursive: true });
  }
  const portsDir = await mkdtemp(join(tmpdir(), 'nats-server-ports-'));
  try {
    const child = spawn(options.binary, serverArguments(options, portsDir), {
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: options.ownProcessGroup === true && process.platform !== 'win32',
      windowsHide: true,
    });
    const server = new ServerProcess(child, options.onLog);
    const addresses = await untilReady(server, portsDir, options);
    if (storeDir !== undefined) await claimStore(storeDir, { pid: server.pid, url: addresses.url });
    return {
      ...addresses,
      pid: server.pid,
      exited: server.exited,
      get log() {
        return server.log;
      },
      async stop() {
        await server.stop();
        if (storeDir !== undefined) await releaseStore(storeDir);
      },
    };
  } finally {
    await rm(portsDir, { recursive: true, force: true });
  }
}

function serverArguments(options: StartNatsServerOptions, portsDir: string): string[] {
  const { host = '127.0.0.1', port, monitorPort, storeDir, jetstream = true, extraArguments = [] } = options;
  if (jetstream && storeDir === undefined) throw new TypeError('storeDir is missing: JetStream needs a directory.');
  return [
    `--addr=${host}`,
    `--port=${port === 0 ? -1 : port}`,
    `--ports_file_dir=${portsDir}`,
    ...(monitorPort === undefined ? [] : [`--http_port=${monitorPort === 0 ? -1 : monitorPort}`]),
    ...(jetstream ? ['--jetstream'] : []),
    ...(storeDir === undefined ? [] : [`--store_dir=${storeDir}`]),
    ...extraArguments,
  ];
}

async function untilReady(
  server: ServerProcess,
  portsDir: string,
  options: StartNatsServerOptions,
): Promise<ServerAddresses> {
  const { binary, startTimeoutMs = DEFAULT_START_TIMEOUT_MS } = options;
  const deadline = Date.now() + startTimeoutMs;
  while (server.running && Date.now() < deadline) {
    const addresses = await readPortsFile(portsDir);
    if (addresses !== undefined) return addresses;
    await Promise.race([delay(POLL_MS), server.exited]);
  }
  if (server.running) {
    await server.stop();
    throw new NatsServerStartError(binary, `was not ready within ${startTimeoutMs} ms`, server.log);
  }
  const { code, signal, error } = await server.exited;
  await refusePortInUse(options);
  throw new NatsServerStartError(binary, `ended at once (${error?.message ?? signal ?? code})`, server.log, error);
}

async function refusePortInUse({ host = '127.0.0.1', port, monitorPort }: StartNatsServerOptions): Promise<void> {
  for (const candidate of [port, monitorPort]) {
    if (candidate !== undefined && candidate > 0 && (await isPortTaken(host, candidate)))
      throw new NatsServerPortInUseError(candidate, host);
  }
}
