import { JetStreamConsumer, NatsJetStreamContext } from '@nest-jetstream/transport';
import { Ctx, Payload } from '@nestjs/microservices';
import type { OrderCreatedEvent } from './orders.events.js';

export class PlainConsumer {
  @JetStreamConsumer('order.created', { durable: 'shop-order-created' })
  handle(@Payload() event: OrderCreatedEvent, @Ctx() context: NatsJetStreamContext): void {
    console.log(event, context);
  }

  @JetStreamConsumer<OrderCreatedEvent>('order.created')
  handleStated(@Payload() event: OrderCreatedEvent): void {
    console.log(event);
  }

  // error: the handler's first parameter does not take this subject's event
  @JetStreamConsumer<OrderCreatedEvent>('order.created')
  handleOther(@Payload() event: { sku: string }): void {
    console.log(event);
  }

  @JetStreamConsumer(1) // error: name a subject: a constant, a string, a pattern or a template
  handleNumber(@Payload() event: OrderCreatedEvent): void {
    console.log(event);
  }
}
