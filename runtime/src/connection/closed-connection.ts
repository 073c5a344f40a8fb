import { errors } from '@nats-io/transport-node';
import { StreamProvisioningError } from '../errors/stream.errors';

/** Whether it failed because nats.js's connection is closed for good, or is being closed. */
export function isClosedConnection(error: unknown): boolean {
  if (error instanceof errors.RequestError || error instanceof StreamProvisioningError)
    return isClosedConnection(error.cause);
  return error instanceof errors.ClosedConnectionError || error instanceof errors.DrainingConnectionError;
}
