import { type DynamicModule, Module, type Provider } from '@nestjs/common';
import { ModulesContainer } from '@nestjs/core';
import { JetStreamAdmin } from '../admin/jetstream-admin';
import { NatsJetStreamClientProxy } from '../client/nats-jetstream-client.proxy';
import { assertConnectionName } from '../consumer/from-connection';
import { InvalidOptionError } from '../errors/configuration.errors';
import { assertOptionsObject, typeOf } from '../errors/options-object';
import { NatsJetStreamHealth } from '../health/nats-jetstream.health';
import { introduceServer } from '../server/connected-servers';
import { NatsJetStreamServer } from '../server/nats-jetstream.server';
import { toStreamDeclarations } from '../stream/declared-stream';
import type { StreamDefinition } from '../stream/define-stream';
import type { DisjointStreams } from '../stream/disjoint-streams';
import { type NatsJetStreamTransportAsyncOptions, optionsProviders, TRANSPORT_OPTIONS } from './async-options';
import { DECLARED_FEATURE, type DeclaredFeature, type Registration, registrationToken } from './registration';
import { SessionModule } from './session-module';
import {
  getJetStreamAdminToken,
  getJetStreamClientToken,
  getJetStreamHealthToken,
  getJetStreamServerToken,
} from './tokens';
import type { NatsJetStreamTransportOptions, RegistrationOptions } from './transport-options';
import { NotRegisteredError } from '../errors/registration.errors';
import type { StreamDeclaration } from '../stream/stream-config';

/** Options of `forFeature`. */
export interface NatsJetStreamFeatureOptions<
  Streams extends readonly StreamDefinition[] = readonly StreamDefinition[],
> {
  /**
   * Streams of this service. Startup creates them, and updates them unless messages would be lost.
   * Two streams with a common subject do not compile.
   */
  streams: DisjointStreams<Streams>;
  /** Name of the registered connection that stores them. Default: the connection without a name. */
  connection?: string;
}

/**
 * Nest module for JetStream. Call `register` in the root module, and again with a `connection` for
 * each further NATS system. Call `forFeature` in the module of each stream. The client and the
 * server are injectable everywhere, and share one connection.
 */
@Module({})
export class NatsJetStreamTransport {
  /**
   * Configures the connection and this service. Without `servers`, NATS_URL is read when the module
   * is created. A second registration of one connection fails startup with RegisteredTwiceError
   * (`REGISTERED_TWICE`).
   * @throws InvalidOptionError (`INVALID_OPTION`), StreamDeclaredTwiceError
   * (`STREAM_DECLARED_TWICE`)
   */
  static register(options: NatsJetStreamTransportOptions = {}): DynamicModule {
    assertOptionsObject('register()', options, "{ id: 'shop' }");
    return transportModule(options, [{ provide: TRANSPORT_OPTIONS, useValue: options }]);
  }

  /**
   * Like {@link register}, with options from other providers, such as a configuration service. Pass
   * `connection` and `isGlobal` beside `useFactory`.
   * @throws InvalidOptionError (`INVALID_OPTION`) unless exactly one of `useFactory`, `useClass`
   * and `useExisting` is given
   */
  static registerAsync(options: NatsJetStreamTransportAsyncOptions): DynamicModule {
    return transportModule(options, optionsProviders(options), options.imports);
  }

  /**
   * Declares streams of the importing module. Without a `register` of this connection, startup
   * fails with NotRegisteredError (`NOT_REGISTERED`).
   * @throws InvalidOptionError (`INVALID_OPTION`)
   */
  static forFeature<const Streams extends readonly StreamDefinition[]>(
    options: NatsJetStreamFeatureOptions<Streams>,
  ): DynamicModule {
    assertOptionsObject('forFeature()', options, '{ streams: [OrdersStream] }');
    const { streams, connection } = options;
    if (!Array.isArray(streams))
      throw InvalidOptionError.of(
        `'streams' of forFeature() is ${typeOf(streams)}. Pass a list, such as [OrdersStream].`,
      );
    return StreamFeature.create((streams as Streams).flatMap(toStreamDeclarations), connection);
  }
}

function transportModule(
  registration: RegistrationOptions,
  options: readonly Provider[],
  imports?: NatsJetStreamTransportAsyncOptions['imports'],
): DynamicModule {
  const { connection, isGlobal = true } = registration;
  if (connection !== undefined) assertConnectionName(connection);
  const providers = connectionProviders(connection);
  return {
    module: NatsJetStreamTransport,
    global: isGlobal,
    imports: [SessionModule.create(registration, options, imports)],
    providers,
    exports: providers.map(({ provide }) => provide),
  };
}

function connectionProviders(connection: string | undefined) {
  const registration = registrationToken(connection);
  const server = getJetStreamServerToken(connection);
  return [
    {
      provide: getJetStreamClientToken(connection),
      inject: [registration],
      useFactory: ({ session, options }: Registration) => new NatsJetStreamClientProxy(session, options),
    },
    {
      provide: server,
      inject: [registration, ModulesContainer],
      useFactory: ({ session, options }: Registration, modules: ModulesContainer) => {
        const instance = new NatsJetStreamServer(options, session);
        introduceServer(instance, modules);
        return instance;
      },
    },
    {
      provide: getJetStreamAdminToken(connection),
      inject: [registration],
      useFactory: ({ session }: Registration) => new JetStreamAdmin(session),
    },
    {
      provide: getJetStreamHealthToken(connection),
      inject: [server],
      useFactory: (instance: NatsJetStreamServer) => new NatsJetStreamHealth(instance),
    },
  ];
}

const DECLARED_STREAMS = Symbol('nest-jetstream:declared-streams');

/** Passes the streams of one `forFeature` to the session before anything connects. */
@Module({})
class StreamFeature {
  static create(streams: readonly StreamDeclaration[], connection: string | undefined): DynamicModule {
    return {
      module: StreamFeature,
      providers: [
        { provide: DECLARED_FEATURE, useValue: { streams, connection } satisfies DeclaredFeature },
        {
          provide: DECLARED_STREAMS,
          inject: [DECLARED_FEATURE, { token: registrationToken(connection), optional: true }],
          useFactory: (feature: DeclaredFeature, registration?: Registration) => {
            if (!registration) throw new NotRegisteredError(connection);
            feature.streams.forEach((stream) => registration.session.streams.declare(stream));
          },
        },
      ],
    };
  }
}
