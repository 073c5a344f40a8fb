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

/** Base class of failures to find or start a nats-server. The `code` identifies the failure. */
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

/** The binary in NATS_SERVER or on PATH does not answer `--version`. */
export class NatsServerNotRunnableError extends NatsServerError {
  readonly code = 'NATS_SERVER_NOT_RUNNABLE';

  constructor(binary: string, origin: string, reason: string, cause?: unknown) {
    super(binary, `${origin} names ${binary}, which ${reason}. Point it to a nats-server binary, or remove it.`, {
      cause,
    });
  }
}

/** The binary is older than the oldest supported version. */
export class NatsServerTooOldError extends NatsServerError {
  readonly code = 'NATS_SERVER_TOO_OLD';

  /** @param subject description of the outdated binary or version */
  constructor(
    value: string,
    readonly version: string,
    subject: string,
  ) {
    super(
      value,
      `${subject} is nats-server ${version}, but the oldest supported version is ${SUPPORTED_FLOOR}. ` +
        'Update it, or set NATS_SERVER to the path of a newer binary.',
    );
  }
}

/** NATS_SERVER names a binary of another version than the requested one. */
export class NatsServerVersionMismatchError extends NatsServerError {
  readonly code = 'NATS_SERVER_VERSION_MISMATCH';

  constructor(
    binary: string,
    readonly version: string,
    readonly wanted: string,
  ) {
    super(
      binary,
      `NATS_SERVER names ${binary}, which is nats-server ${version}, but ${wanted} was requested. ` +
        'Unset NATS_SERVER, or do not request a version.',
    );
  }
}

/** No source had a usable nats-server. `attempts` has the reason of each source, in order. */
export class NatsServerNotFoundError extends NatsServerError {
  readonly code = 'NATS_SERVER_NOT_FOUND';

  constructor(
    version: string,
    readonly attempts: readonly string[],
    cause?: unknown,
  ) {
    super(
      version,
      `No nats-server was found.\n${attempts.map((attempt) => `  - ${attempt}\n`).join('')}` +
        `Install nats-server and set NATS_SERVER to its path, set NATS_SERVER_RELEASE_BASE to a mirror of its releases, or run ${DOCKER_COMMAND}`,
      { cause },
    );
  }
}

/**
 * A download does not match its published checksum. Other sources are not tried, because the
 * download may have been tampered with.
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
      `The download from ${url} has checksum ${actual}, but the release published ${expected}. It was discarded. ` +
        'Try again. If this persists, do not use that mirror, and set NATS_SERVER to a trusted binary.',
    );
  }
}

/** The cache is not writable, so a download cannot be stored. */
export class NatsServerCacheError extends NatsServerError {
  readonly code = 'NATS_SERVER_CACHE_UNUSABLE';

  constructor(cacheDir: string, cause: unknown) {
    super(
      cacheDir,
      `The cache ${cacheDir} is not writable. Make it writable, set XDG_CACHE_HOME to another folder, or set NATS_SERVER to a binary.`,
      { cause },
    );
  }
}

/** Another process listens on the port. */
export class NatsServerPortInUseError extends NatsServerError {
  readonly code = 'NATS_SERVER_PORT_IN_USE';

  constructor(
    readonly port: number,
    host: string,
  ) {
    super(
      String(port),
      `Port ${port} on ${host} is in use. Stop the process that listens on it, or choose another port.`,
    );
  }
}

/**
 * Another running nats-server uses the store directory. Two servers would corrupt each other's
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
      `The store ${storeDir} is in use by the nats-server at ${url} (pid ${pid}). Use that server, stop it, or choose another store with --store or --memory.`,
    );
  }
}

/** The store directory cannot be created or written. */
export class NatsServerStoreError extends NatsServerError {
  readonly code = 'NATS_SERVER_STORE_UNUSABLE';

  constructor(storeDir: string, cause: unknown) {
    super(
      storeDir,
      `The store ${storeDir} is not a writable directory. Choose another one with --store, or use --memory.`,
      { cause },
    );
  }
}

/** The server exited or was not ready in time. `log` has its last lines. */
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

/** A running server exited, and was not stopped by this process. */
export class NatsServerEndedError extends NatsServerError {
  readonly code = 'NATS_SERVER_ENDED';

  constructor(
    binary: string,
    how: string,
    readonly log: readonly string[],
  ) {
    super(binary, `${binary} exited unexpectedly (${how}). Start it again. ${lastLines(log)}`);
  }
}

function lastLines(log: readonly string[]): string {
  return log.length > 0 ? `Last log lines:\n${log.map((line) => `  ${line}`).join('\n')}` : 'It logged nothing.';
}
