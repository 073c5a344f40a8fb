import { Controller, Module, type LoggerService, type Type } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { EventPattern } from '@nestjs/microservices';
import { getJetStreamServerToken, JetStreamConsumer, NatsJetStreamTransport } from '@nest-jetstream/transport';
import { startTestServer } from '../support/nats-server';
import { ORDER_CREATED, type OrderCreatedEvent } from '../support/orders';

@Controller()
class Typed {
  @JetStreamConsumer(ORDER_CREATED, { durable: 'typed' })
  handle(event: OrderCreatedEvent): number {
    return event.id;
  }
}

@Controller()
class Plain {
  @EventPattern<string>('order.deleted')
  handle(event: { id: number }): number {
    return event.id;
  }
}

@Module({})
class RootModule {}

const warnings: unknown[] = [];
const quiet = (): void => undefined;
const logger: LoggerService = { log: quiet, error: quiet, debug: quiet, warn: (text) => void warnings.push(text) };

async function startWith(controller: Type): Promise<void> {
  const { url } = await startTestServer();
  const imports = [NatsJetStreamTransport.register({ connection: 'billing', connectionOptions: { servers: url } })];
  const root = { module: RootModule, imports, controllers: [controller] };
  const app = await NestFactory.create(root, { logger, abortOnError: false });
  app.connectMicroservice({ strategy: app.get(getJetStreamServerToken('billing')) });
  try {
    await app.startAllMicroservices();
  } finally {
    await app.close();
  }
}

describe('Application whose only connection has a name', () => {
  it('fails startup with a @JetStreamConsumer of the default connection', async () => {
    await expect(startWith(Typed)).rejects.toThrow(
      'Typed.handle belongs to the default connection, which has no server in this application. ' +
        "Register the connection and call connectMicroservice() with its server, or change the handler's 'connection'. " +
        'Connections with a server: "billing".',
    );
  });

  it('warns about a plain handler of the default connection, which another transport may handle', async () => {
    await startWith(Plain);
    expect(warnings).toEqual([
      expect.stringMatching(
        /^The handler of 'order.deleted' belongs to the default connection, .* Ignore this if another transport handles it\.$/,
      ),
    ]);
  });
});
