import { Inject } from '@nestjs/common';
import { getJetStreamClientToken } from './tokens';

/**
 * Injects the client of `register({ name })`:
 * `constructor(@InjectJetStreamClient('billing-cluster') private readonly billing: NatsJetStreamClientProxy) {}`.
 * Without a name, the type alone is enough.
 */
export function InjectJetStreamClient(name?: string): PropertyDecorator & ParameterDecorator {
  return Inject(getJetStreamClientToken(name));
}
