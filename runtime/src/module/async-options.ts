import type { DynamicModule, FactoryProvider, ForwardReference, InjectionToken, Provider, Type } from '@nestjs/common';
import { NOT_SHOWN } from '../connection/refuse-option';
import { InvalidOptionError } from '../errors/configuration.errors';
import type {
  NatsJetStreamServiceOptions,
  NatsJetStreamTransportOptions,
  RegistrationOptions,
} from './transport-options';

/** Made by Nest for `useClass`, or found for `useExisting`. */
export interface NatsJetStreamOptionsFactory {
  /** The options of the registration; asked for once. */
  createNatsJetStreamOptions(): NatsJetStreamServiceOptions | Promise<NatsJetStreamServiceOptions>;
}

/** Options that come from other providers; exactly one of `useFactory`, `useClass` and `useExisting`. */
export interface NatsJetStreamTransportAsyncOptions extends RegistrationOptions {
  /** Modules whose providers are injected. Default: none. */
  imports?: readonly (Type<unknown> | DynamicModule | Promise<DynamicModule> | ForwardReference<() => unknown>)[];
  /** What `useFactory` is called with. Default: nothing. */
  inject?: readonly (InjectionToken<unknown> | { token: InjectionToken<unknown>; optional: boolean })[];
  /** Gives the options, from what `inject` names. */
  useFactory?: (...injected: never[]) => NatsJetStreamServiceOptions | Promise<NatsJetStreamServiceOptions>;
  useClass?: Type<NatsJetStreamOptionsFactory>;
  useExisting?: Type<NatsJetStreamOptionsFactory>;
}

export const TRANSPORT_OPTIONS = Symbol('nest-jetstream:transport-options');

const KNOWN = {
  imports: true,
  inject: true,
  isGlobal: true,
  name: true,
  useClass: true,
  useExisting: true,
  useFactory: true,
} as const satisfies Record<keyof NatsJetStreamTransportAsyncOptions, true>;

/** @throws InvalidOptionError (`INVALID_OPTION`) unless exactly one source of options is given, and for what is not known. */
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
 * The options of a registration of this name.
 * @throws InvalidOptionError (`INVALID_OPTION`) when a provider gives what stands beside it: the module was made before.
 */
export function serviceOptions(
  given: NatsJetStreamTransportOptions,
  { name, isGlobal }: RegistrationOptions,
): NatsJetStreamTransportOptions {
  refuseOther('name', given.name, name);
  refuseOther('isGlobal', given.isGlobal, isGlobal);
  return name === undefined ? given : { ...given, name };
}

function refuseOther<T>(option: string, given: T | undefined, known: T | undefined): void {
  if (given === undefined || given === known) return;
  throw new InvalidOptionError(
    option,
    given,
    `give it beside useFactory, as in registerAsync({ ${option}: …, useFactory })`,
  );
}
