import { JetStreamConsumer } from '@nest-jetstream/transport';
import { Payload } from '@nestjs/microservices';
import { ORDER_CREATED, type OrderCreatedEvent } from './orders.events.js';

export class StaticConsumer {
  // error: but required in type 'JetStreamTypeError<"Nest does not call static methods. Remove static.">'.
  @JetStreamConsumer(ORDER_CREATED)
  static handle(@Payload() event: OrderCreatedEvent): void {
    console.log(event.product);
  }

  @JetStreamConsumer(ORDER_CREATED)
  handle(@Payload() event: OrderCreatedEvent): void {
    console.log(event.product);
  }
}
