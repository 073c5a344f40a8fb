import type { JetStreamSession } from '../session/jetstream-session';
import type { Provider } from '@nestjs/common';
import type { NatsJetStreamTransportAsyncOptions } from './async-options';
import type { NatsJetStreamTransportOptions, RegistrationOptions } from './transport-options';
import type { StreamDeclaration } from '../stream/stream-config';

/** Options and session of one `register`. */
export interface Registration {
  readonly options: NatsJetStreamTransportOptions;
  readonly session: JetStreamSession;
}

/** Returns the internal injection token, which `forFeature` finds even if `isGlobal` is false. */
export function registrationToken(connection: string | undefined): string {
  return `nest-jetstream:registration(${connection ?? ''})`;
}

/** Arguments of `register` or `registerAsync`. They are known before Nest creates any provider. */
export interface DeclaredRegistration {
  readonly registration: RegistrationOptions;
  /** Providers of the options. */
  readonly providers: readonly Provider[];
  readonly imports: NonNullable<NatsJetStreamTransportAsyncOptions['imports']>;
}

/** Arguments of `forFeature`. */
export interface DeclaredFeature {
  readonly streams: readonly StreamDeclaration[];
  readonly connection: string | undefined;
}

/** Token of a {@link DeclaredRegistration}, as `useValue`. */
export const DECLARED_REGISTRATION = Symbol('nest-jetstream:declared-registration');
/** Token of a {@link DeclaredFeature}, as `useValue`. */
export const DECLARED_FEATURE = Symbol('nest-jetstream:declared-feature');
