import { NatsServerError } from './errors';

/** Something else listens on the port already. */
export class NatsServerPortInUseError extends NatsServerError {
  readonly code = 'NATS_SERVER_PORT_IN_USE';

  constructor(
    readonly port: number,
    host: string,
  ) {
    super(String(port), `Port ${port} on ${host} is taken. Stop what listens there, or choose another one.`);
  }
}

/**
 * Another running nats-server works in the store directory; two of them would destroy each other's
 * data.
 */
export class NatsServerStoreInUseError extends NatsServerError {
  readonly code = 'NATS_SERVER_STORE_IN_USE';

  constructor(
    storeDir: string,
    readonly pid: number,
    url: string,
  ) {
    super(
      storeDir,
      `The store ${storeDir} is used by the nats-server at ${url} (pid ${pid}). Use that one, stop it, or choose another store with --store or --memory.`,
    );
  }
}

/** The store directory cannot be made or written. */
export class NatsServerStoreError extends NatsServerError {
  readonly code = 'NATS_SERVER_STORE_UNUSABLE';

  constructor(storeDir: string, cause: unknown) {
    super(
      storeDir,
      `The store ${storeDir} is not a directory that can be written. Choose another one with --store, or use --memory.`,
      { cause },
    );
  }
}

/** The server ended, or did not get ready in time; `log` holds the last lines that it wrote. */
export class NatsServerStartError extends NatsServerError {
  readonly code = 'NATS_SERVER_START_FAILED';

  constructor(
    binary: string,
    what: string,
    readonly log: readonly string[],
    cause?: unknown,
  ) {
    super(binary, `${binary} ${what}. ${lastLines(log)}`, { cause });
  }
}

/** A server that was running ended although nobody here stopped it. */
export class NatsServerEndedError extends NatsServerError {
  readonly code = 'NATS_SERVER_ENDED';

  constructor(
    binary: string,
    how: string,
    readonly log: readonly string[],
  ) {
    super(binary, `${binary} ended by itself (${how}). Start it again. ${lastLines(log)}`);
  }
}

function lastLines(log: readonly string[]): string {
  return log.length > 0 ? `Its last lines:\n${log.map((line) => `  ${line}`).join('\n')}` : 'It wrote nothing.';
}
