import type { DynamicModule, FactoryProvider, ForwardReference, InjectionToken, Provider, Type } from '@nestjs/common';
import { InvalidOptionError } from '../errors/configuration.errors';
import type { NatsJetStreamTransportOptions } from './transport-options';

/** Made by Nest for `useClass`, or found for `useExisting`. */
export interface NatsJetStreamOptionsFactory {
  createNatsJetStreamOptions(): NatsJetStreamTransportOptions | Promise<NatsJetStreamTransportOptions>;
}

/** Options that come from other providers; exactly one of `useFactory`, `useClass` and `useExisting`. */
export interface NatsJetStreamTransportAsyncOptions {
  /** Modules whose providers are injected. Default: none. */
  imports?: readonly (Type<unknown> | DynamicModule | Promise<DynamicModule> | ForwardReference<() => unknown>)[];
  /** What `useFactory` is called with. Default: nothing. */
  inject?: readonly (InjectionToken<unknown> | { token: InjectionToken<unknown>; optional: boolean })[];
  useFactory?: (...injected: never[]) => NatsJetStreamTransportOptions | Promise<NatsJetStreamTransportOptions>;
  useClass?: Type<NatsJetStreamOptionsFactory>;
  useExisting?: Type<NatsJetStreamOptionsFactory>;
}

export const TRANSPORT_OPTIONS = Symbol('nest-jetstream:transport-options');

/** @throws InvalidOptionError (`INVALID_OPTION`) unless exactly one source of options is given. */
export function optionsProviders(options: NatsJetStreamTransportAsyncOptions): Provider[] {
  const { useFactory, useClass, useExisting, inject = [] } = options;
  const given = [useFactory, useClass, useExisting].filter((source) => source !== undefined);
  if (given.length !== 1)
    throw new InvalidOptionError('registerAsync', options, 'give exactly one of useFactory, useClass and useExisting');
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
