import { Inject } from '@nestjs/common';
import { getJetStreamClientToken } from './tokens';

/**
 * Injects the client of `register({ connection })`, as in
 * `constructor(@InjectJetStreamClient('billing') private client: NatsJetStreamClientProxy)`.
 * The client of the default connection needs no decorator.
 */
export function InjectJetStreamClient(connection?: string): PropertyDecorator & ParameterDecorator {
  return Inject(getJetStreamClientToken(connection));
}
