import { NatsJetStreamError } from '../errors/nats-jetstream.error';
import { isInstance } from '../errors/thrown-value';

/** Returns the class of a failure, or the code of an error of this package. Never its message. */
export function failureType(failure: unknown): string {
  if (isInstance(failure, NatsJetStreamError)) return failure.code;
  if (typeof failure === 'string') return 'string';
  if (typeof failure !== 'object' || failure === null) return 'unknown';
  return failure.constructor?.name || 'Object';
}
