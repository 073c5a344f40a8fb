import { connect } from 'node:net';
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
import { NestFactory, type AbstractHttpAdapter } from '@nestjs/core';
import { ExpressAdapter } from '@nestjs/platform-express';
import {
  NatsJetStreamServer,
  NatsJetStreamTransport,
  type NatsJetStreamTransportOptions,
} from '@nest-jetstream/transport';
import type { StreamDefinition } from '@nest-jetstream/transport';
import { eventually } from './eventually';

export interface TestAppOptions extends NatsJetStreamTransportOptions {
  controllers?: Type[];
  providers?: Provider[];
  streams?: StreamDefinition[];
  /** Modules besides the transport. Default: none. */
  modules?: (DynamicModule | Type)[];
  /** Adapter of the HTTP server. Default: Express. */
  adapter?: AbstractHttpAdapter;
  /** Receives the application's log. Default: nothing is logged. */
  logger?: LoggerService;
  /** Called before the server is connected. */
  configure?: (app: INestApplication) => void;
  /**
   * False if the start cannot finish yet, although the server answers. Default: true, because a
   * loaded machine may delay the start.
   */
  waitsForStart?: boolean;
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
    modules = [],
    adapter = new ExpressAdapter(),
    logger,
    configure,
    waitsForStart = true,
    inheritAppConfig = false,
    ...options
  }: TestAppOptions = {},
): Promise<INestApplicationContext> {
  const imports: (DynamicModule | ForwardReference | Type)[] = [
    NatsJetStreamTransport.register({ id: 'test', connectionOptions: { servers: url }, ...options }),
    NatsJetStreamTransport.forFeature({ streams }),
    ...modules,
  ];
  const app = await NestFactory.create({ module: TestModule, imports, controllers, providers }, adapter, {
    logger: logger ?? false,
    abortOnError: false,
    forceCloseConnections: true,
  });
  running.push(app);
  configure?.(app);
  app.connectMicroservice({ strategy: app.get(NatsJetStreamServer) }, { inheritAppConfig });
  await app.startAllMicroservices();
  await app.init();
  if (waitsForStart && !isStarted(app) && (await greets(url)))
    await eventually('the application has started', () => isStarted(app));
  return app;
}

/**
 * Returns false if the start continues in the background, because the server did not answer in
 * time.
 */
function isStarted(app: INestApplicationContext): boolean {
  const { connection, consumers } = app.get(NatsJetStreamServer).health();
  return connection === 'connected' && Object.values(consumers).every((state) => state !== 'starting');
}

/** Returns true if a nats-server greets a new connection. A stopped or frozen one does not. */
async function greets(url: string): Promise<boolean> {
  if (!URL.canParse(url)) return false;
  const { hostname, port } = new URL(url);
  const socket = connect({ host: hostname, port: Number(port), signal: AbortSignal.timeout(5_000) });
  try {
    for await (const greeting of socket) return String(greeting).startsWith('INFO');
  } catch {
    // Refused, reset or silent.
  }
  return false;
}
