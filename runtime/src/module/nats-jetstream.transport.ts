import { Module, type DynamicModule, type OnApplicationBootstrap } from '@nestjs/common';
import { NatsJetStreamClientProxy, type NatsJetStreamClientOptions } from '../client/nats-jetstream-client.proxy';
import { createSession, toDesiredStream } from '../session/create-session';
import { JetStreamSession } from '../session/jetstream-session';
import type { NatsJetStreamServerOptions } from '../server/nats-jetstream-server.options';
import { NatsJetStreamServer } from '../server/nats-jetstream.server';
import type { StreamDefinition } from '../stream/define-stream';
import { StreamFeature } from './stream-feature';

/** Options of the server and of the client, which share one connection. */
export type NatsJetStreamTransportOptions = NatsJetStreamServerOptions & NatsJetStreamClientOptions;

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
  constructor(private readonly session: JetStreamSession) {}

  /**
   * Configures the connection and this service. Given no server, NATS_URL is read when the module is made.
   * @throws InvalidOptionError (`INVALID_OPTION`), StreamDeclaredTwiceError (`STREAM_DECLARED_TWICE`)
   */
  static register(options: NatsJetStreamTransportOptions = {}): DynamicModule {
    return {
      module: NatsJetStreamTransport,
      global: true,
      providers: [
        { provide: JetStreamSession, useFactory: () => createSession(options) },
        {
          provide: NatsJetStreamClientProxy,
          inject: [JetStreamSession],
          useFactory: (session: JetStreamSession) =>
            new NatsJetStreamClientProxy(session, options.jetStreamPublishOptions),
        },
        {
          provide: NatsJetStreamServer,
          inject: [JetStreamSession],
          useFactory: (session: JetStreamSession) => new NatsJetStreamServer(options, session),
        },
      ],
      exports: [JetStreamSession, NatsJetStreamClientProxy, NatsJetStreamServer],
    };
  }

  /** Declares streams of the module that imports it; needs a `register` in the root module. */
  static forFeature({ streams }: NatsJetStreamFeatureOptions): DynamicModule {
    return StreamFeature.declaring(streams.map(toDesiredStream));
  }

  /** A service that only publishes has its streams from the start too; when no server answers yet, it starts all the same. */
  async onApplicationBootstrap(): Promise<void> {
    await this.session.openOrWait();
  }
}
