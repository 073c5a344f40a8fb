import { JetStreamConsumer } from '@nest-jetstream/transport';
import { Payload } from '@nestjs/microservices';
import { ORDER_CREATED, type OrderCreatedEvent, type OrderUpdatedEvent } from './orders.events.js';

export class WiderConsumer {
  @JetStreamConsumer(ORDER_CREATED)
  fewerFields(@Payload() event: Pick<OrderCreatedEvent, 'id'>): void {
    console.log(event.id);
  }

  @JetStreamConsumer(ORDER_CREATED)
  eitherEvent(@Payload() event: OrderCreatedEvent | OrderUpdatedEvent): void {
    console.log(event.id);
  }

  @JetStreamConsumer(ORDER_CREATED)
  unknownEvent(@Payload() event: unknown): void {
    console.log(event);
  }

  @JetStreamConsumer(ORDER_CREATED)
  anyEvent(@Payload() event: any): void {
    console.log(event);
  }

  @JetStreamConsumer(ORDER_CREATED)
  optionalEvent(@Payload() event?: OrderCreatedEvent): void {
    console.log(event?.id);
  }
}
