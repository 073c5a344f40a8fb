import {
  JetStreamConsumer,
  NatsJetStreamClientProxy,
  NatsJetStreamServer,
  NatsJetStreamTransport,
} from '@nest-jetstream/transport';
import { Controller, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { Payload } from '@nestjs/microservices';
import { ORDER_BILLED, ORDER_CREATED, type OrderCreatedEvent } from '../../libs/events/index.js';

@Controller()
class OrderCreatedConsumer {
  constructor(private readonly client: NatsJetStreamClientProxy) {}

  @JetStreamConsumer(ORDER_CREATED, { durable: 'billing-order-created' })
  async handle(@Payload() event: OrderCreatedEvent): Promise<void> {
    console.log(`billing: order ${event.id} over ${event.total}`);
    await this.client.emitAsync(
      ORDER_BILLED,
      { id: event.id, invoice: `R-${event.id}` },
      // Stays the same if this handler runs again, so the stream stores the event once.
      { msgID: `billed-${event.id}` },
    );
  }
}

@Module({ imports: [NatsJetStreamTransport.register({ id: 'billing' })], controllers: [OrderCreatedConsumer] })
class BillingModule {}

const app = await NestFactory.create(BillingModule);
app.connectMicroservice({ strategy: app.get(NatsJetStreamServer) });
app.enableShutdownHooks();
await app.startAllMicroservices();
await app.init();
