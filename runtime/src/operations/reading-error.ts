import { errors } from '@nats-io/transport-node';
import { AdminTimeoutError } from '../errors/admin.errors';
import { jetStreamDisabled } from '../errors/connection.errors';
import { permissionDenied } from '../errors/permission.errors';
import type { JetStreamSession, OpenSession } from '../session/jetstream-session';

const TASK = 'read streams and consumers';

/** Returns the error of the transport for a failure to read from the server. */
export function readingError(error: unknown, session: JetStreamSession, { manager }: OpenSession): unknown {
  const isUnanswered = error instanceof errors.TimeoutError;
  return (
    permissionDenied(error, TASK) ??
    jetStreamDisabled(error, manager.getOptions()) ??
    (isUnanswered ? new AdminTimeoutError(TASK, session.timeoutMs, error) : error)
  );
}
