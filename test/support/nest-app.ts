import {
  Module,
  type DynamicModule,
  type ForwardReference,
  type INestApplication,
  type INestApplicationContext,
  type LoggerService,
  type Provider,
  type Type,
} from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import {
  NatsJetStreamServer,
  NatsJetStreamTransport,
  type NatsJetStreamTransportOptions,
} from '@nest-jetstream/transport';
import type { StreamDefinition } from '@nest-jetstream/transport';

export interface TestAppOptions extends NatsJetStreamTransportOptions {
  controllers?: Type[];
  providers?: Provider[];
  streams?: StreamDefinition[];
  /** Receives the application's log. Default: nothing is logged. */
  logger?: LoggerService;
  /** Called before the server is connected. */
  configure?: (app: INestApplication) => void;
  /** Applies the global enhancers of the application to handlers. Default: as Nest, false. */
  inheritAppConfig?: boolean;
}

@Module({})
class TestModule {}

const running: INestApplicationContext[] = [];

// At the top level, so that applications created in a test are closed even if it fails.
afterEach(async () => {
  await Promise.all(running.splice(0).map(async (app) => app.close()));
});

/** Starts a Nest application wired as `nest add` does, without an HTTP port. */
export async function startTestApp(
  url: string,
  {
    controllers = [],
    providers = [],
    streams = [],
    logger,
    configure,
    inheritAppConfig = false,
    ...options
  }: TestAppOptions = {},
): Promise<INestApplicationContext> {
  const imports: (DynamicModule | ForwardReference)[] = [
    NatsJetStreamTransport.register({ id: 'test', connectionOptions: { servers: url }, ...options }),
    NatsJetStreamTransport.forFeature({ streams }),
  ];
  const app = await NestFactory.create(
    { module: TestModule, imports, controllers, providers },
    { logger: logger ?? false, abortOnError: false },
  );
  running.push(app);
  configure?.(app);
  app.connectMicroservice({ strategy: app.get(NatsJetStreamServer) }, { inheritAppConfig });
  await app.startAllMicroservices();
  await app.init();
  return app;
}
