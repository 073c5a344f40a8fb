import { errors } from '@nats-io/transport-node';
import { NatsJetStreamError } from './nats-jetstream.error';

/**
 * The user of the connection lacks a permission. Nothing was done. `value` is the subject to allow.
 */
export class PermissionDeniedError extends NatsJetStreamError {
  readonly code = 'PERMISSION_DENIED';

  constructor(
    readonly operation: 'publish' | 'subscribe',
    subject: string,
    cause: unknown,
    /** Text after "Not allowed to". */
    task?: string,
  ) {
    const problem = task === undefined ? 'Not allowed' : `Not allowed to ${task}`;
    super(`${problem}. Allow the user of the connection to ${operation} to '${subject}'.`, { value: subject, cause });
  }
}

/**
 * Returns the error with the permission to grant for a permission violation of nats.js. Undefined
 * for other errors.
 */
export function permissionDenied(error: unknown, task?: string): PermissionDeniedError | undefined {
  const violation = violationIn(error);
  if (!violation) return undefined;
  const operation = violation.operation === 'publish' ? 'publish' : 'subscribe';
  return new PermissionDeniedError(operation, toAllow(violation.subject), error, task);
}

/** Violations that are logged with the task that they affect. */
const logged = new WeakSet<Error>();

/** Marks a violation as logged, so that the connection does not log it again. */
export function markLogged(error: unknown): void {
  const violation = violationIn(error);
  if (violation) logged.add(violation);
}

/** Returns true if the violation was logged with its task. */
export function isLogged(error: Error): boolean {
  return logged.has(error);
}

function violationIn(error: unknown): InstanceType<typeof errors.PermissionViolationError> | undefined {
  const violation = error instanceof errors.RequestError ? error.cause : error;
  return violation instanceof errors.PermissionViolationError ? violation : undefined;
}

/**
 * Returns the subject to allow. Each acknowledgement has its own subject, which begins with
 * `$JS.ACK.<stream>.<consumer>.` or `$JS.ACK.<domain>.<account>.<stream>.<consumer>.`.
 */
function toAllow(subject: string): string {
  const tokens = subject.split('.');
  if (!subject.startsWith('$JS.ACK.') || tokens.length < 9) return subject;
  return [...tokens.slice(0, tokens.length === 9 ? 4 : 6), '>'].join('.');
}
