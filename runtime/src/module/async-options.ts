import type { DynamicModule, FactoryProvider, ForwardReference, InjectionToken, Provider, Type } from '@nestjs/common';
import { HIDDEN, InvalidOptionError } from '../errors/configuration.errors';
import { assertOptionsObject, isOptionsObject, typeOf } from '../errors/options-object';
import { KNOWN_OPTIONS } from '../session/known-options';
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

/** Options of `registerAsync`. Set exactly one of `useFactory`, `useClass` and `useExisting`. */
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
 * Returns the providers of the options of a registration.
 * @throws InvalidOptionError (`INVALID_OPTION`) unless exactly one source of options is given, and
 * for an unknown option
 */
export function optionsProviders(options: NatsJetStreamTransportAsyncOptions): Provider[] {
  assertOptionsObject('registerAsync()', options, "{ useFactory: () => ({ id: 'shop' }) }");
  for (const [option, value] of Object.entries(options)) {
    if (value === undefined || Object.hasOwn(KNOWN, option)) continue;
    throw Object.hasOwn(KNOWN_OPTIONS, option)
      ? InvalidOptionError.of(`registerAsync() does not accept '${option}'. Return it from useFactory.`, HIDDEN)
      : InvalidOptionError.unknown(option, HIDDEN, Object.keys(KNOWN), { owner: 'registerAsync()' });
  }
  const { connection, useFactory, useClass, useExisting, inject = [] } = options;
  const sources = Object.entries({ useFactory, useClass, useExisting }).filter(([, source]) => source !== undefined);
  const [source, ...others] = sources;
  if (!source || others.length > 0)
    throw InvalidOptionError.of(
      `${nameOf(connection)} has ${sources.length} sources of options. ` +
        'Set exactly one of useFactory, useClass and useExisting.',
      HIDDEN,
    );
  const [kind, provider] = source;
  if (typeof provider !== 'function' && kind !== 'useExisting')
    throw InvalidOptionError.of(
      `'${kind}' of ${nameOf(connection)} is ${typeOf(provider)}. Pass a ${kind === 'useClass' ? 'class' : 'function'}.`,
    );
  if (useFactory) {
    const factory = useFactory as FactoryProvider['useFactory'];
    const create = async (...injected: unknown[]) => checked(await factory(...injected), kind, connection);
    return [{ provide: TRANSPORT_OPTIONS, inject: [...inject], useFactory: create }];
  }
  const factory = useClass ?? useExisting;
  if (!factory) return [];
  return [
    ...(useClass ? [useClass] : []),
    {
      provide: TRANSPORT_OPTIONS,
      inject: [factory],
      useFactory: async (optionsFactory: NatsJetStreamOptionsFactory) => {
        if (typeof optionsFactory.createNatsJetStreamOptions !== 'function')
          throw InvalidOptionError.of(
            `'${kind}' of ${nameOf(connection)} has no method createNatsJetStreamOptions(). Implement NatsJetStreamOptionsFactory.`,
          );
        return checked(await optionsFactory.createNatsJetStreamOptions(), kind, connection);
      },
    },
  ];
}

/**
 * Checks the options that a factory returned.
 * @throws InvalidOptionError (`INVALID_OPTION`) unless they are an object
 */
function checked(options: unknown, kind: string, connection: string | undefined): unknown {
  if (isOptionsObject(options)) return options;
  const method = kind === 'useFactory' ? kind : `createNatsJetStreamOptions() of ${kind}`;
  // Only the type is shown, because a string may be an address with a password.
  throw InvalidOptionError.of(
    `${method} of ${nameOf(connection)} returned ${typeOf(options)}. Return an object such as { id: 'shop' }.`,
  );
}

function nameOf(connection: string | undefined): string {
  return connection === undefined ? 'registerAsync()' : `registerAsync({ connection: ${JSON.stringify(connection)} })`;
}

/**
 * Returns the options of a registration.
 * @throws InvalidOptionError (`INVALID_OPTION`) if the factory returns an option of `registerAsync`
 * itself with another value, because the module already exists
 */
export function serviceOptions(
  options: NatsJetStreamTransportOptions,
  { connection, isGlobal }: RegistrationOptions,
): NatsJetStreamTransportOptions {
  assertSame('connection', options.connection, connection);
  assertSame('isGlobal', options.isGlobal, isGlobal);
  return connection === undefined ? options : { ...options, connection };
}

function assertSame<T>(option: string, returned: T | undefined, registered: T | undefined): void {
  if (returned === undefined || returned === registered) return;
  throw InvalidOptionError.of(
    `The factory cannot return '${option}', because the module already exists. ` +
      `Set it beside the factory, as in registerAsync({ ${option}: …, useFactory }).`,
    returned,
  );
}
