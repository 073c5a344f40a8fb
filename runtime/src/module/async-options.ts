import type { DynamicModule, FactoryProvider, ForwardReference, InjectionToken, Provider, Type } from '@nestjs/common';
import { NOT_SHOWN } from '../connection/refuse-option';
import { InvalidOptionError } from '../errors/configuration.errors';
import type {
  NatsJetStreamServiceOptions,
  NatsJetStreamTransportOptions,
  RegistrationOptions,
} from './transport-options';

/** Provider that `useClass` creates and `useExisting` looks up. */
export interface NatsJetStreamOptionsFactory {
  /** Returns the options of the registration. Called once. */
  createNatsJetStreamOptions(): NatsJetStreamServiceOptions | Promise<NatsJetStreamServiceOptions>;
}

/** Options of `registerAsync`: exactly one of `useFactory`, `useClass` and `useExisting`. */
export interface NatsJetStreamTransportAsyncOptions extends RegistrationOptions {
  /** Modules whose providers are injected. Default: none. */
  imports?: readonly (Type<unknown> | DynamicModule | Promise<DynamicModule> | ForwardReference<() => unknown>)[];
  /** Providers that are passed to `useFactory`. Default: none. */
  inject?: readonly (InjectionToken<unknown> | { token: InjectionToken<unknown>; optional: boolean })[];
  /** Returns the options; receives the providers of `inject`. */
  useFactory?: (...injected: never[]) => NatsJetStreamServiceOptions | Promise<NatsJetStreamServiceOptions>;
  useClass?: Type<NatsJetStreamOptionsFactory>;
  useExisting?: Type<NatsJetStreamOptionsFactory>;
}

export const TRANSPORT_OPTIONS = Symbol('nest-jetstream:transport-options');

const KNOWN = {
  connection: true,
  imports: true,
  inject: true,
  isGlobal: true,
  useClass: true,
  useExisting: true,
  useFactory: true,
} as const satisfies Record<keyof NatsJetStreamTransportAsyncOptions, true>;

/**
 * @throws InvalidOptionError (`INVALID_OPTION`) for an unknown option, and unless exactly one
 * source of options is given
 */
export function optionsProviders(options: NatsJetStreamTransportAsyncOptions): Provider[] {
  for (const [option, value] of Object.entries(options)) {
    if (value === undefined || Object.hasOwn(KNOWN, option)) continue;
    throw new InvalidOptionError(
      option,
      NOT_SHOWN,
      `registerAsync knows ${Object.keys(KNOWN).join(', ')}: give it from useFactory`,
    );
  }
  const { useFactory, useClass, useExisting, inject = [] } = options;
  const given = [useFactory, useClass, useExisting].filter((source) => source !== undefined);
  if (given.length !== 1)
    throw new InvalidOptionError(
      'registerAsync',
      NOT_SHOWN,
      'give exactly one of useFactory, useClass and useExisting',
    );
  if (useFactory)
    return [
      { provide: TRANSPORT_OPTIONS, inject: [...inject], useFactory: useFactory as FactoryProvider['useFactory'] },
    ];
  const factory = useClass ?? useExisting;
  if (!factory) return [];
  return [
    ...(useClass ? [useClass] : []),
    {
      provide: TRANSPORT_OPTIONS,
      inject: [factory],
      useFactory: (source: NatsJetStreamOptionsFactory) => source.createNatsJetStreamOptions(),
    },
  ];
}

/**
 * Returns the options of a registration.
 * @throws InvalidOptionError (`INVALID_OPTION`) when the factory returns an option that belongs
 * beside it: the module already exists
 */
export function serviceOptions(
  given: NatsJetStreamTransportOptions,
  { connection, isGlobal }: RegistrationOptions,
): NatsJetStreamTransportOptions {
  refuseOther('connection', given.connection, connection);
  refuseOther('isGlobal', given.isGlobal, isGlobal);
  return connection === undefined ? given : { ...given, connection };
}

function refuseOther<T>(option: string, given: T | undefined, known: T | undefined): void {
  if (given === undefined || given === known) return;
  throw new InvalidOptionError(
    option,
    given,
    `give it beside useFactory, as in registerAsync({ ${option}: …, useFactory })`,
  );
}
