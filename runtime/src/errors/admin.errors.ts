import { NatsJetStreamError } from './nats-jetstream.error';

/** The server refused an administrative call, or there is nothing it could be done to. */
export class AdminRefusedError extends NatsJetStreamError {
  readonly code = 'ADMIN_REFUSED';

  constructor(action: string, target: string, cause: unknown) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    super(`Cannot ${action} ${target}: ${reason}. Check that it exists, and that its stream's settings allow it.`, {
      value: target,
      cause,
    });
  }
}
