import type { JetStreamSession } from '../session/jetstream-session';
import type { NatsJetStreamTransportOptions } from './transport-options';

/** Options and session of one `register`. */
export interface Registration {
  readonly options: NatsJetStreamTransportOptions;
  readonly session: JetStreamSession;
}

/** Returns the internal injection token, which `forFeature` finds even if `isGlobal` is false. */
export function registrationToken(connection: string | undefined): string {
  return `nest-jetstream:registration(${connection ?? ''})`;
}
