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

  // error: The first parameter must accept the event of this subject, EventOf<typeof SUBJECT>.
  @JetStreamConsumer<OrderCreatedEvent>('order.created')
  handleOther(@Payload() event: { sku: string }): void {
    console.log(event);
  }

  @JetStreamConsumer(1) // error: Pass a subject constant, such as subject<OrderCreatedEvent>()('order.created'), a string, a pattern or a template.
  handleNumber(@Payload() event: OrderCreatedEvent): void {
    console.log(event);
  }
}
