import { Inject } from '@nestjs/common';
import { getJetStreamClientToken } from './tokens';

/**
 * Injects the client of `register({ connection })`:
 * `constructor(@InjectJetStreamClient('billing') private readonly billing: NatsJetStreamClientProxy) {}`.
 * The client of the default connection is injected by its type alone.
 */
export function InjectJetStreamClient(connection?: string): PropertyDecorator & ParameterDecorator {
  return Inject(getJetStreamClientToken(connection));
}
