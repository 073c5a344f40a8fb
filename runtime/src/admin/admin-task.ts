import { JetStreamApiCodes, JetStreamApiError } from '@nats-io/jetstream';
import { errors } from '@nats-io/transport-node';
import { isClosedConnection } from '../connection/closed-connection';
import { withDeadline } from '../util/deadline';
import {
  AdminNotAllowedError,
  AdminRefusedError,
  AdminTimeoutError,
  MissingConsumerError,
  MissingStreamError,
} from '../errors/admin.errors';
import { jetStreamDisabled } from '../errors/connection.errors';
import { NatsJetStreamError } from '../errors/nats-jetstream.error';
import type { JetStreamSession, OpenSession } from '../session/jetstream-session';

/** Description of an operation, for its errors. */
export interface AdminTask {
  /** Completes "Not allowed to ...". */
  readonly what: string;
  readonly stream: string;
  readonly durable?: string;
}

const PURGE_DENIED = 10_110;

/**
 * Runs requests to the server and converts their failures to typed errors. Waits for the connection
 * at most as long as for an answer.
 */
export async function runAdminTask<T>(
  session: JetStreamSession,
  task: AdminTask,
  run: (open: OpenSession) => Promise<T>,
): Promise<T> {
  const { timeoutMs } = session;
  const open = await withDeadline(session.open(), timeoutMs, () => new AdminTimeoutError(task.what, timeoutMs));
  try {
    return await run(open);
  } catch (error) {
    const { connection } = session;
    if (isClosedConnection(error, connection.isReleased)) throw connection.closedError(task.what, error);
    throw jetStreamDisabled(error, open.manager.getOptions()) ?? toAdminError(error, task, timeoutMs);
  }
}

function toAdminError(error: unknown, { what, stream, durable }: AdminTask, timeoutMs: number): unknown {
  if (error instanceof NatsJetStreamError) return error;
  const violation = error instanceof errors.RequestError ? error.cause : error;
  if (violation instanceof errors.PermissionViolationError)
    return new AdminNotAllowedError(
      what,
      `Allow the user of the connection to ${violation.operation === 'publish' ? 'publish' : 'subscribe'} to '${violation.subject}'`,
      error,
    );
  if (error instanceof errors.TimeoutError) return new AdminTimeoutError(what, timeoutMs, error);
  if (!(error instanceof JetStreamApiError)) return error;
  if (error.code === JetStreamApiCodes.StreamNotFound) return new MissingStreamError(stream, error);
  if (error.code === JetStreamApiCodes.ConsumerNotFound && durable !== undefined)
    return new MissingConsumerError(stream, durable, error);
  if (error.code === PURGE_DENIED)
    return new AdminNotAllowedError(what, `The stream has deny_purge, which cannot be changed`, error);
  return new AdminRefusedError(what, error);
}
