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
