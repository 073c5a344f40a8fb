import { NatsServerError } from './errors';
import { DOCKER_COMMAND, SUPPORTED_FLOOR } from './supported-versions';

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
