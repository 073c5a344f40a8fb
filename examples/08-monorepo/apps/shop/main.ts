import {
  JetStreamConsumer,
  NatsJetStreamClientProxy,
  NatsJetStreamServer,
  NatsJetStreamTransport,
} from '@nest-jetstream/transport';
import { Controller, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { Payload } from '@nestjs/microservices';
import { ORDER_BILLED, ORDER_CREATED, OrdersStream, type OrderBilledEvent } from '../../libs/events/index.js';

@Controller()
class OrderBilledConsumer {
  @JetStreamConsumer(ORDER_BILLED, { durable: 'shop-order-billed' })
  handle(@Payload() event: OrderBilledEvent): void {
    console.log(`shop: order ${event.id} has invoice ${event.invoice}`);
  }
}

@Module({
  imports: [
    NatsJetStreamTransport.register({ id: 'shop' }),
    NatsJetStreamTransport.forFeature({ streams: [OrdersStream] }),
  ],
  controllers: [OrderBilledConsumer],
})
class ShopModule {}

const app = await NestFactory.create(ShopModule);
app.connectMicroservice({ strategy: app.get(NatsJetStreamServer) });
app.enableShutdownHooks();
await app.startAllMicroservices();
await app.init();

await app.get(NatsJetStreamClientProxy).emitAsync(ORDER_CREATED, { id: 1, total: 42 });
