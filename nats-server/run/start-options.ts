import type { ServerAddresses } from './readiness';
import type { ServerExit } from './server-process';

export interface StartNatsServerOptions {
  /** Path of the nats-server binary, as `resolveNatsServer` finds it. */
  readonly binary: string;
  /** Client port; 0, or nats-server's own -1, takes any free one. */
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
  /**
   * A process group of its own: a terminal's Ctrl-C then reaches only this process, which has to
   * stop the server. Default: false.
   */
  readonly ownProcessGroup?: boolean;
  /**
   * Milliseconds until the server has to be ready. Default: 30 000, as a large store takes a while
   * to recover.
   */
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

export function serverArguments(options: StartNatsServerOptions, portsDir: string): string[] {
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
