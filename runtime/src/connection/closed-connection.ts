import { errors } from '@nats-io/transport-node';
import { StreamProvisioningError } from '../errors/stream.errors';

/**
 * Returns true if an operation failed because the connection is closed or is being closed.
 * @param isReleased true if the session has released the connection. nats.js then gives an
 * interrupted request no cause, just as for a temporary disconnect.
 */
export function isClosedConnection(error: unknown, isReleased = false): boolean {
  if (error instanceof StreamProvisioningError) return isClosedConnection(error.cause, isReleased);
  if (error instanceof errors.RequestError)
    return error.cause === undefined ? isReleased : isClosedConnection(error.cause, isReleased);
  return error instanceof errors.ClosedConnectionError || error instanceof errors.DrainingConnectionError;
}
