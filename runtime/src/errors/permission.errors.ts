import { errors } from '@nats-io/transport-node';
import { NatsJetStreamError } from './nats-jetstream.error';

/**
 * The server does not allow it to the user of the connection. Nothing was done. `value` is the
 * subject to allow.
 */
export class PermissionDeniedError extends NatsJetStreamError {
  readonly code = 'PERMISSION_DENIED';

  constructor(
    readonly operation: 'publish' | 'subscribe',
    subject: string,
    cause: unknown,
    /** Completes "Not allowed to ...". */
    task?: string,
  ) {
    const what = task === undefined ? 'Not allowed' : `Not allowed to ${task}`;
    super(`${what}. Allow the user of the connection to ${operation} to '${subject}'.`, { value: subject, cause });
  }
}

/**
 * The error that says what to allow, for what nats.js reports as a violation; undefined for
 * anything else.
 */
export function permissionDenied(error: unknown, task?: string): PermissionDeniedError | undefined {
  const violation = error instanceof errors.RequestError ? error.cause : error;
  if (!(violation instanceof errors.PermissionViolationError)) return undefined;
  const operation = violation.operation === 'publish' ? 'publish' : 'subscribe';
  return new PermissionDeniedError(operation, toAllow(violation.subject), error, task);
}

/**
 * Every acknowledgement has a subject of its own: `$JS.ACK.<stream>.<consumer>.` or
 * `$JS.ACK.<domain>.<account>.<stream>.<consumer>.`, then what was delivered.
 */
function toAllow(subject: string): string {
  const tokens = subject.split('.');
  if (!subject.startsWith('$JS.ACK.') || tokens.length < 9) return subject;
  return [...tokens.slice(0, tokens.length === 9 ? 4 : 6), '>'].join('.');
}
