import { DOCKER_COMMAND, SUPPORTED_FLOOR } from './version';

export type NatsServerErrorCode =
  | 'NATS_SERVER_NOT_RUNNABLE'
  | 'NATS_SERVER_TOO_OLD'
  | 'NATS_SERVER_VERSION_MISMATCH'
  | 'NATS_SERVER_NOT_FOUND'
  | 'NATS_SERVER_CHECKSUM_MISMATCH'
  | 'NATS_SERVER_CACHE_UNUSABLE'
  | 'NATS_SERVER_PORT_IN_USE'
  | 'NATS_SERVER_STORE_IN_USE'
  | 'NATS_SERVER_STORE_UNUSABLE'
  | 'NATS_SERVER_START_FAILED'
  | 'NATS_SERVER_ENDED';

/**
 * What every failure to find or to start a nats-server has in common. Tell them apart by `code`.
 */
export abstract class NatsServerError extends Error {
  abstract readonly code: NatsServerErrorCode;

  /** @param value the path, version, address or port that the error is about */
  constructor(
    readonly value: string,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
    this.name = new.target.name;
  }
}

/** A binary that was named on purpose, or found on PATH, does not answer `--version`. */
export class NatsServerNotRunnableError extends NatsServerError {
  readonly code = 'NATS_SERVER_NOT_RUNNABLE';

  constructor(binary: string, origin: string, reason: string, cause?: unknown) {
    super(
      binary,
      `${origin} names ${binary}, which ${reason}. Point it to a nats-server binary, or remove it to let one be found.`,
      { cause },
    );
  }
}

/** The binary is older than the oldest version that the transport supports. */
export class NatsServerTooOldError extends NatsServerError {
  readonly code = 'NATS_SERVER_TOO_OLD';

  /** @param subject what is too old, in the user's words */
  constructor(
    value: string,
    readonly version: string,
    subject: string,
  ) {
    super(
      value,
      `${subject} is nats-server ${version}, but ${SUPPORTED_FLOOR} is the oldest that works. ` +
        'Update it, or set NATS_SERVER to the path of a newer one.',
    );
  }
}

/** NATS_SERVER names a binary of another version than the one that was asked for. */
export class NatsServerVersionMismatchError extends NatsServerError {
  readonly code = 'NATS_SERVER_VERSION_MISMATCH';

  constructor(
    binary: string,
    readonly version: string,
    readonly wanted: string,
  ) {
    super(
      binary,
      `NATS_SERVER names ${binary}, which is nats-server ${version}, but ${wanted} was asked for. ` +
        'Unset NATS_SERVER, or do not ask for a version.',
    );
  }
}

/**
 * No source had a usable nats-server; `attempts` says why, in the order in which they were tried.
 */
export class NatsServerNotFoundError extends NatsServerError {
  readonly code = 'NATS_SERVER_NOT_FOUND';

  constructor(
    version: string,
    readonly attempts: readonly string[],
    cause?: unknown,
  ) {
    super(
      version,
      `No nats-server found.\n${attempts.map((attempt) => `  - ${attempt}\n`).join('')}` +
        `Install one and set NATS_SERVER to its path, or use docker: ${DOCKER_COMMAND}`,
      { cause },
    );
  }
}

/**
 * A download is not what the release says that it is. Never falls through to another source:
 * somebody may be tampering.
 */
export class ReleaseChecksumError extends NatsServerError {
  readonly code = 'NATS_SERVER_CHECKSUM_MISMATCH';

  constructor(
    url: string,
    readonly expected: string,
    readonly actual: string,
  ) {
    super(
      url,
      `${url} has the SHA-256 sum ${actual}, but the release's SHA256SUMS says ${expected}. It was not used. ` +
        'Try again; if it stays so, do not trust that address: set NATS_SERVER to a binary that you trust.',
    );
  }
}

/** The cache cannot be written, so nothing can be fetched. */
export class NatsServerCacheError extends NatsServerError {
  readonly code = 'NATS_SERVER_CACHE_UNUSABLE';

  constructor(cacheDir: string, cause: unknown) {
    super(
      cacheDir,
      `The cache ${cacheDir} cannot be written. Make it writable, set XDG_CACHE_HOME to another folder, or set NATS_SERVER to a binary.`,
      { cause },
    );
  }
}

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
