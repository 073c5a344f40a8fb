import { Controller, Module } from '@nestjs/common';
import { defineStream, JetStreamConsumer, NatsJetStreamTransport } from '@nest-jetstream/transport';
import { ORDER_CREATED, type OrderCreatedEvent } from './orders/orders.events';

const OrdersStream = defineStream({ name: 'ORDERS', subjects: ['order.>'], events: { ORDER_CREATED } });

@Controller()
class OrderCreatedConsumer {
  @JetStreamConsumer(ORDER_CREATED, { durable: 'shop-order-created' })
  handle(_event: OrderCreatedEvent): void {}
}

/** The application of the guide, in the layout of the generators. */
@Module({
  imports: [
    NatsJetStreamTransport.register({ id: 'shop' }),
    NatsJetStreamTransport.forFeature({ streams: [OrdersStream] }),
  ],
  controllers: [OrderCreatedConsumer],
})
export class AppModule {}
