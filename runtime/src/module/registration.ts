import type { JetStreamSession } from '../session/jetstream-session';
import type { NatsJetStreamTransportOptions } from './transport-options';

/** What everything of one `register` is made of. */
export interface Registration {
  readonly options: NatsJetStreamTransportOptions;
  readonly session: JetStreamSession;
}

/** Of this package alone, and the same in all modules: a `forFeature` finds it also where `isGlobal` is false. */
export function registrationToken(name: string | undefined): string {
  return `nest-jetstream:registration(${name ?? ''})`;
}
