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
  const imports = [NatsJetStreamTransport.register({ name: 'billing', connectionOptions: { servers: url } })];
  const root = { module: RootModule, imports, controllers: [controller] };
  const app = await NestFactory.create(root, { logger, abortOnError: false });
  app.connectMicroservice({ strategy: app.get(getJetStreamServerToken('billing')) });
  try {
    await app.startAllMicroservices();
  } finally {
    await app.close();
  }
}

describe('an application whose only cluster has a name', () => {
  it('does not start with a @JetStreamConsumer that names none', async () => {
    await expect(startWith(Typed)).rejects.toThrow(
      'Typed.handle belongs to the transport without a name, of which no server is connected: register it and call connectMicroservice() ' +
        "with its server, or name one of those that there are (\"billing\") in the handler's 'cluster'.",
    );
  });

  it('warns of a plain handler that names none: another transport may take it', async () => {
    await startWith(Plain);
    expect(warnings).toEqual([
      expect.stringContaining("Unless another transport takes it: the handler of 'order.deleted' belongs to"),
    ]);
  });
});
