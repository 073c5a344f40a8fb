import { Controller, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { ClientProxyFactory, Ctx, EventPattern, Payload, Transport } from '@nestjs/microservices';
import {
  JetStreamConsumer,
  NatsJetStreamClientProxy,
  NatsJetStreamServer,
  NatsJetStreamTransport,
  type EventDeserializer,
  type NatsJetStreamContext,
} from '@nest-jetstream/transport';
import { lastValueFrom } from 'rxjs';
import { eventually } from '../support/eventually';
import { startTestServer } from '../support/nats-server';
import { runBlock } from './support/run-block';

/** Returns the deserializer of the page. */
function envelopeOpener(): EventDeserializer {
  const exported: { openEnvelope?: EventDeserializer } = runBlock(
    'docs/migrating-from-nest-nats.md',
    'src/open-envelope.ts',
  );
  if (!exported.openEnvelope) throw new Error('The block does not export openEnvelope.');
  return exported.openEnvelope;
}

it("reads events of the other transport's publishers while both are connected", async () => {
  const { url } = await startTestServer();
  const handled: string[] = [];
  @Controller()
  class Orders {
    @JetStreamConsumer('order.created')
    durable(@Payload() event: { id: number }, @Ctx() { subject }: NatsJetStreamContext): void {
      handled.push(`stream ${subject} ${event.id}`);
    }

    @EventPattern('order.created', Transport.NATS)
    old(@Payload() event: { id: number }): void {
      handled.push(`nats ${event.id}`);
    }
  }
  @Module({
    imports: [
      NatsJetStreamTransport.register({
        id: 'shop',
        connectionOptions: { servers: url },
        streamConfig: { name: 'ORDERS', subjects: ['order.>'] },
        deserializer: envelopeOpener(),
      }),
    ],
    controllers: [Orders],
  })
  class AppModule {}

  const app = await NestFactory.create(AppModule, { logger: false });
  const old = ClientProxyFactory.create({ transport: Transport.NATS, options: { servers: [url] } });
  try {
    app.connectMicroservice({ transport: Transport.NATS, options: { servers: [url] } });
    app.connectMicroservice({ strategy: app.get(NatsJetStreamServer) });
    await app.startAllMicroservices();
    await app.init();

    await lastValueFrom(old.emit('order.created', { id: 1 }), { defaultValue: undefined });
    await eventually('both handle the first event', () => handled.length === 2);
    await app.get(NatsJetStreamClientProxy).emitAsync('order.created', { id: 2 });
    await eventually('both handle the second event', () => handled.length === 4);
  } finally {
    await old.close();
    await app.close();
  }
  expect(handled.toSorted()).toEqual(['nats 1', 'nats 2', 'stream order.created 1', 'stream order.created 2']);
});
