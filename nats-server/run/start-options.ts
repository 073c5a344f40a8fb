import type { ServerAddresses } from './readiness';
import type { ServerExit } from './server-process';

export interface StartNatsServerOptions {
  /** Path of the nats-server binary, as returned by `resolveNatsServer`. */
  readonly binary: string;
  /** Client port. 0 or nats-server's own -1 use any free port. */
  readonly port: number;
  /** Address to listen on. Default: 127.0.0.1, which other machines cannot reach. */
  readonly host?: string;
  /**
   * Directory of JetStream, created if missing and not removed. Required unless `jetstream` is
   * false.
   */
  readonly storeDir?: string;
  /** Enables JetStream. Default: true. */
  readonly jetstream?: boolean;
  /** Port of the HTTP monitoring endpoint, or 0 for any free port. Default: no monitoring. */
  readonly monitorPort?: number;
  /** Additional arguments for nats-server, such as `['-c', file]`. */
  readonly extraArguments?: readonly string[];
  /**
   * Starts the server in its own process group. A terminal's Ctrl-C then only reaches this process,
   * which has to stop the server. Default: false.
   */
  readonly ownProcessGroup?: boolean;
  /**
   * Maximum start time in milliseconds. Default: 30,000, because recovering a large store takes a
   * while.
   */
  readonly startTimeoutMs?: number;
  /** Receives every line of the server's log. */
  readonly onLog?: (line: string) => void;
}

export interface RunningNatsServer extends ServerAddresses {
  readonly pid: number;
  /** Resolves when the process has exited for any reason. Never rejects. */
  readonly exited: Promise<ServerExit>;
  /** Last lines of the server's log. */
  readonly log: readonly string[];
  /**
   * Stops the server with SIGTERM, and with SIGKILL after five seconds. Can be called repeatedly.
   */
  stop(): Promise<void>;
}

export function serverArguments(options: StartNatsServerOptions, portsDir: string): string[] {
  const { host = '127.0.0.1', port, monitorPort, storeDir, jetstream = true, extraArguments = [] } = options;
  if (jetstream && storeDir === undefined) throw new TypeError('storeDir is missing. JetStream needs a directory.');
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
