import {
  defineStream,
  JetStreamConsumer,
  NatsJetStreamClientProxy,
  NatsJetStreamServer,
  NatsJetStreamTransport,
  subject,
} from '@nest-jetstream/transport';
import { Controller, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { Payload } from '@nestjs/microservices';

interface OrderCreatedEvent {
  id: number;
  product: string;
  quantity: number;
}

const ORDER_CREATED = subject<OrderCreatedEvent>()('order.created');
const OrdersStream = defineStream({ name: 'ORDERS', subjects: ['order.>'], events: { ORDER_CREATED } });

@Controller()
class OrderCreatedConsumer {
  @JetStreamConsumer(ORDER_CREATED, { durable: 'first-event' })
  handle(@Payload() event: OrderCreatedEvent): void {
    console.log(`handled: ${event.quantity} × ${event.product}`);
  }
}

@Module({
  imports: [
    NatsJetStreamTransport.register({ id: 'first-event' }),
    NatsJetStreamTransport.forFeature({ streams: [OrdersStream] }),
  ],
  controllers: [OrderCreatedConsumer],
})
class AppModule {}

const app = await NestFactory.create(AppModule);
app.connectMicroservice({ strategy: app.get(NatsJetStreamServer) });
app.enableShutdownHooks();
await app.startAllMicroservices();
await app.init();

const ack = await app.get(NatsJetStreamClientProxy).emitAsync(ORDER_CREATED, { id: 1, product: 'Socks', quantity: 2 });
console.log(`stored: ${ack.stream} #${ack.seq}`);
