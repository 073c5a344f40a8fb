import type { DynamicModule, FactoryProvider, ForwardReference, InjectionToken, Provider, Type } from '@nestjs/common';
import { NOT_SHOWN } from '../connection/refuse-option';
import { InvalidOptionError } from '../errors/configuration.errors';
import { assertOptionsObject, isOptionsObject, typeOf } from '../errors/options-object';
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
 * Providers of the options of a registration.
 * @throws InvalidOptionError (`INVALID_OPTION`) unless exactly one source of options is given, and
 * for an unknown option
 */
export function optionsProviders(options: NatsJetStreamTransportAsyncOptions): Provider[] {
  assertOptionsObject('registerAsync()', options, "{ useFactory: () => ({ id: 'shop' }) }");
  for (const [option, value] of Object.entries(options)) {
    if (value === undefined || Object.hasOwn(KNOWN, option)) continue;
    throw new InvalidOptionError(
      option,
      NOT_SHOWN,
      `registerAsync knows ${Object.keys(KNOWN).join(', ')}: give it from useFactory`,
    );
  }
  const { connection, useFactory, useClass, useExisting, inject = [] } = options;
  const sources = Object.entries({ useFactory, useClass, useExisting }).filter(([, source]) => source !== undefined);
  const [source, ...others] = sources;
  if (!source || others.length > 0)
    throw new InvalidOptionError(
      'registerAsync',
      NOT_SHOWN,
      'give exactly one of useFactory, useClass and useExisting',
    );
  const [kind, given] = source;
  if (typeof given !== 'function' && kind !== 'useExisting')
    throw InvalidOptionError.of(
      `'${kind}' of ${called(connection)} is ${typeOf(given)}. Pass a ${kind === 'useClass' ? 'class' : 'function'}.`,
    );
  if (useFactory) {
    const factory = useFactory as FactoryProvider['useFactory'];
    const make = async (...injected: unknown[]) => made(await factory(...injected), kind, connection);
    return [{ provide: TRANSPORT_OPTIONS, inject: [...inject], useFactory: make }];
  }
  const factory = useClass ?? useExisting;
  if (!factory) return [];
  return [
    ...(useClass ? [useClass] : []),
    {
      provide: TRANSPORT_OPTIONS,
      inject: [factory],
      useFactory: async (maker: NatsJetStreamOptionsFactory) => {
        if (typeof maker.createNatsJetStreamOptions !== 'function')
          throw InvalidOptionError.of(
            `'${kind}' of ${called(connection)} has no method createNatsJetStreamOptions(). Implement NatsJetStreamOptionsFactory.`,
          );
        return made(await maker.createNatsJetStreamOptions(), kind, connection);
      },
    },
  ];
}

/**
 * Checks the options that a factory returned.
 * @throws InvalidOptionError (`INVALID_OPTION`) unless they are an object
 */
function made(options: unknown, kind: string, connection: string | undefined): unknown {
  if (isOptionsObject(options)) return options;
  const method = kind === 'useFactory' ? kind : `createNatsJetStreamOptions() of ${kind}`;
  // A text may be an address with a password.
  throw InvalidOptionError.of(
    `${method} of ${called(connection)} returned ${typeOf(options)}. Return the options of the registration, such as { id: 'shop' }.`,
  );
}

function called(connection: string | undefined): string {
  return connection === undefined ? 'registerAsync()' : `registerAsync({ connection: ${JSON.stringify(connection)} })`;
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
