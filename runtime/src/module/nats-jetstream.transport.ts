import { Logger, Module, type DynamicModule, type OnApplicationBootstrap, type Provider } from '@nestjs/common';
import { JetStreamAdmin } from '../admin/jetstream-admin';
import { NatsJetStreamClientProxy } from '../client/nats-jetstream-client.proxy';
import { NatsJetStreamHealth } from '../health/nats-jetstream.health';
import { ConnectionClosedError } from '../errors/connection.errors';
import { createSession } from '../session/create-session';
import { JetStreamSession } from '../session/jetstream-session';
import { NatsJetStreamServer } from '../server/nats-jetstream.server';
import { toStreamDeclaration } from '../stream/declared-stream';
import type { StreamDefinition } from '../stream/define-stream';
import { optionsProviders, TRANSPORT_OPTIONS, type NatsJetStreamTransportAsyncOptions } from './async-options';
import { StreamFeature } from './stream-feature';
import type { NatsJetStreamTransportOptions } from './transport-options';

export interface NatsJetStreamFeatureOptions {
  /** Streams that this service owns: created at start, updated where that loses nothing. */
  streams: readonly StreamDefinition[];
}

/**
 * Nest's module for JetStream: `register` once in the root module, `forFeature` in the module of each stream. The client
 * and the server are then injectable everywhere, and share one connection.
 */
@Module({})
export class NatsJetStreamTransport implements OnApplicationBootstrap {
  private readonly logger = new Logger('NatsJetStreamTransport');

  constructor(private readonly session: JetStreamSession) {}

  /**
   * Configures the connection and this service. Given no server, NATS_URL is read when the module is made.
   * @throws InvalidOptionError (`INVALID_OPTION`), StreamDeclaredTwiceError (`STREAM_DECLARED_TWICE`)
   */
  static register(options: NatsJetStreamTransportOptions = {}): DynamicModule {
    return transportModule([{ provide: TRANSPORT_OPTIONS, useValue: options }]);
  }

  /**
   * As {@link register}, with options from other providers, such as a configuration service.
   * @throws InvalidOptionError (`INVALID_OPTION`) unless exactly one of `useFactory`, `useClass` and `useExisting` is given
   */
  static registerAsync(options: NatsJetStreamTransportAsyncOptions): DynamicModule {
    return transportModule(optionsProviders(options), options.imports);
  }

  /** Declares streams of the module that imports it; needs a `register` in the root module. */
  static forFeature({ streams }: NatsJetStreamFeatureOptions): DynamicModule {
    return StreamFeature.declaring(streams.map(toStreamDeclaration));
  }

  /**
   * A service that only publishes has its streams from the start too, before its first event: consumers of other services
   * wait for them. When no server answers yet, it starts all the same, and its streams follow.
   */
  async onApplicationBootstrap(): Promise<void> {
    if (!(await this.session.openOrWait())) void this.openWhenReachable();
  }

  private async openWhenReachable(): Promise<void> {
    try {
      await this.session.open();
    } catch (error) {
      if (!(error instanceof ConnectionClosedError)) this.logger.error(error);
    }
  }
}

function transportModule(
  options: Provider[],
  imports: NatsJetStreamTransportAsyncOptions['imports'] = [],
): DynamicModule {
  return {
    module: NatsJetStreamTransport,
    global: true,
    imports: [...imports],
    providers: [
      ...options,
      {
        provide: JetStreamSession,
        inject: [TRANSPORT_OPTIONS],
        useFactory: (given: NatsJetStreamTransportOptions) => createSession(given),
      },
      {
        provide: NatsJetStreamClientProxy,
        inject: [JetStreamSession, TRANSPORT_OPTIONS],
        useFactory: (session: JetStreamSession, { jetStreamPublishOptions }: NatsJetStreamTransportOptions) =>
          new NatsJetStreamClientProxy(session, jetStreamPublishOptions),
      },
      {
        provide: NatsJetStreamServer,
        inject: [JetStreamSession, TRANSPORT_OPTIONS],
        useFactory: (session: JetStreamSession, given: NatsJetStreamTransportOptions) =>
          new NatsJetStreamServer(given, session),
      },
      {
        provide: JetStreamAdmin,
        inject: [JetStreamSession],
        useFactory: (session: JetStreamSession) => new JetStreamAdmin(session),
      },
      {
        provide: NatsJetStreamHealth,
        inject: [NatsJetStreamServer],
        useFactory: (server: NatsJetStreamServer) => new NatsJetStreamHealth(server),
      },
    ],
    exports: [JetStreamAdmin, JetStreamSession, NatsJetStreamClientProxy, NatsJetStreamServer, NatsJetStreamHealth],
  };
}
