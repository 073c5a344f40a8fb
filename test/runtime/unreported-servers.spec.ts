import { Controller, Injectable, Module, type DynamicModule, type Provider, type Type } from '@nestjs/common';
import { ModulesContainer, NestFactory } from '@nestjs/core';
import {
  getJetStreamServerToken,
  JetStreamConsumer,
  NatsJetStreamTransport,
  type JetStreamConsumerOptions,
} from '@nest-jetstream/transport';
import { startTestServer, type TestServer } from '../support/nats-server';
import { ORDER_CREATED, OrdersStream } from '../support/orders';

const BILLING = 'billing';

@Module({})
class RootModule {}

function consumerOf(options: JetStreamConsumerOptions): Type {
  @Controller()
  class Consumer {
    @JetStreamConsumer(ORDER_CREATED, options)
    handle(): void {}
  }
  return Consumer;
}

@Injectable()
class Mailer {
  @JetStreamConsumer(ORDER_CREATED)
  handle(): void {}
}

describe('An application of Nest 11.0.0 to 11.1.3, which does not report its servers', () => {
  const registry = Object.getOwnPropertyDescriptor(ModulesContainer.prototype, 'getRpcTargetRegistry') ?? {};
  let server: TestServer;

  beforeEach(async () => {
    Reflect.deleteProperty(ModulesContainer.prototype, 'getRpcTargetRegistry');
    server = await startTestServer();
  });
  afterEach(() => {
    Object.defineProperty(ModulesContainer.prototype, 'getRpcTargetRegistry', registry);
  });

  const register = (connection?: string): DynamicModule =>
    NatsJetStreamTransport.register({
      id: 'test',
      ...(connection === undefined ? {} : { connection }),
      connectionOptions: { servers: server.url },
    });

  /** Connects the servers of both connections, or of the default connection. */
  async function start(controllers: Type[], { providers = [] as Provider[], connectsBoth = true } = {}): Promise<void> {
    const streams = NatsJetStreamTransport.forFeature({ streams: [OrdersStream] });
    const root = { module: RootModule, imports: [register(), register(BILLING), streams], controllers, providers };
    const app = await NestFactory.create(root, { logger: false, abortOnError: false });
    for (const name of connectsBoth ? [undefined, BILLING] : [undefined])
      app.connectMicroservice({ strategy: app.get(getJetStreamServerToken(name)) });
    try {
      await app.startAllMicroservices();
    } finally {
      await app.close();
    }
  }

  it('starts handlers of two connections', async () => {
    const handlers = [consumerOf({ durable: 'a' }), consumerOf({ durable: 'b', connection: BILLING })];
    await expect(start(handlers)).resolves.toBeUndefined();
  });

  it('fails startup for a handler whose server is not connected', async () => {
    const handlers = [consumerOf({ durable: 'a', connection: BILLING })];
    await expect(start(handlers, { connectsBoth: false })).rejects.toMatchObject({
      code: 'UNKNOWN_CONNECTION',
      value: BILLING,
    });
  });

  it('fails startup for a handler in a provider', async () => {
    await expect(start([], { providers: [Mailer] })).rejects.toMatchObject({ code: 'HANDLER_NOT_REGISTERED' });
  });
});
