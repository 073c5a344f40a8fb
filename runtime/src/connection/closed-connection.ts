import { errors } from '@nats-io/transport-node';
import { StreamProvisioningError } from '../errors/stream.errors';

/**
 * Whether it failed because nats.js's connection is closed for good, or is being closed.
 * @param released whether nobody of the session uses it any more: nats.js gives a request that its
 * own end interrupts no cause, as it gives none to one that a mere disconnect interrupts
 */
export function isClosedConnection(error: unknown, released = false): boolean {
  if (error instanceof StreamProvisioningError) return isClosedConnection(error.cause, released);
  if (error instanceof errors.RequestError)
    return error.cause === undefined ? released : isClosedConnection(error.cause, released);
  return error instanceof errors.ClosedConnectionError || error instanceof errors.DrainingConnectionError;
}
