import { Module, type DynamicModule, type Provider } from '@nestjs/common';
import { JetStreamAdmin } from '../admin/jetstream-admin';
import { NatsJetStreamClientProxy } from '../client/nats-jetstream-client.proxy';
import { assertClusterName } from '../consumer/from-cluster';
import { NatsJetStreamHealth } from '../health/nats-jetstream.health';
import { NatsJetStreamServer } from '../server/nats-jetstream.server';
import { toStreamDeclaration } from '../stream/declared-stream';
import type { StreamDefinition } from '../stream/define-stream';
import type { DisjointStreams } from '../stream/disjoint-streams';
import { optionsProviders, TRANSPORT_OPTIONS, type NatsJetStreamTransportAsyncOptions } from './async-options';
import { registrationToken, type Registration } from './registration';
import { SessionModule } from './session-module';
import { StreamFeature } from './stream-feature';
import {
  getJetStreamAdminToken,
  getJetStreamClientToken,
  getJetStreamHealthToken,
  getJetStreamServerToken,
} from './tokens';
import type { NatsJetStreamTransportOptions, RegistrationOptions } from './transport-options';

/** What one feature module declares. */
export interface NatsJetStreamFeatureOptions<
  Streams extends readonly StreamDefinition[] = readonly StreamDefinition[],
> {
  /** Streams that this service owns: created at start, updated where that loses nothing. Two that store one subject do not compile. */
  streams: DisjointStreams<Streams>;
  /** The `name` of the registration on whose cluster they are. Default: the one without a name. */
  name?: string;
}

/**
 * Nest's module for JetStream: `register` once in the root module, and once more, with a `name`, for each further cluster;
 * `forFeature` in the module of each stream. The client and the server are then injectable everywhere, and share one connection.
 */
@Module({})
export class NatsJetStreamTransport {
  /**
   * Configures the connection and this service. Given no server, NATS_URL is read when the module is made. A second one of the same name ends
   * the start with RegisteredTwiceError (`REGISTERED_TWICE`).
   * @throws InvalidOptionError (`INVALID_OPTION`), StreamDeclaredTwiceError (`STREAM_DECLARED_TWICE`)
   */
  static register(options: NatsJetStreamTransportOptions = {}): DynamicModule {
    return transportModule(options, [{ provide: TRANSPORT_OPTIONS, useValue: options }]);
  }

  /**
   * As {@link register}, with options from other providers, such as a configuration service; `name` and `isGlobal` stand beside them.
   * @throws InvalidOptionError (`INVALID_OPTION`) unless exactly one of `useFactory`, `useClass` and `useExisting` is given
   */
  static registerAsync(options: NatsJetStreamTransportAsyncOptions): DynamicModule {
    return transportModule(options, optionsProviders(options), options.imports);
  }

  /**
   * Declares streams of the module that imports it. Without a `register` of that name, the start ends with
   * NotRegisteredError (`NOT_REGISTERED`).
   */
  static forFeature<const Streams extends readonly StreamDefinition[]>({
    streams,
    name,
  }: NatsJetStreamFeatureOptions<Streams>): DynamicModule {
    return StreamFeature.declaring((streams as Streams).map(toStreamDeclaration), name);
  }
}

function transportModule(
  registration: RegistrationOptions,
  options: readonly Provider[],
  imports?: NatsJetStreamTransportAsyncOptions['imports'],
): DynamicModule {
  const { name, isGlobal = true } = registration;
  if (name !== undefined) assertClusterName('name', name);
  const providers = clusterProviders(name);
  return {
    module: NatsJetStreamTransport,
    global: isGlobal,
    imports: [SessionModule.holding(registration, options, imports)],
    providers,
    exports: providers.map(({ provide }) => provide),
  };
}

function clusterProviders(name: string | undefined) {
  const registration = registrationToken(name);
  const server = getJetStreamServerToken(name);
  return [
    {
      provide: getJetStreamClientToken(name),
      inject: [registration],
      useFactory: ({ session, options }: Registration) => new NatsJetStreamClientProxy(session, options),
    },
    {
      provide: server,
      inject: [registration],
      useFactory: ({ session, options }: Registration) => new NatsJetStreamServer(options, session),
    },
    {
      provide: getJetStreamAdminToken(name),
      inject: [registration],
      useFactory: ({ session }: Registration) => new JetStreamAdmin(session),
    },
    {
      provide: getJetStreamHealthToken(name),
      inject: [server],
      useFactory: (of: NatsJetStreamServer) => new NatsJetStreamHealth(of),
    },
  ];
}
