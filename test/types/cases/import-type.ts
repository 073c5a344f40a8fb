// Nest's starters emit decorator metadata for isolated modules, so an interface in a decorated
// signature needs `import type`.
import { JetStreamConsumer } from '@nest-jetstream/transport';
import { Payload } from '@nestjs/microservices';
import { ORDER_CREATED, ORDER_UPDATED, OrderCreatedEvent, type OrderUpdatedEvent } from './orders.events.js';

export class ImportingConsumer {
  @JetStreamConsumer(ORDER_CREATED)
  // error: must be imported with 'import type'
  imported(@Payload() event: OrderCreatedEvent): void {
    console.log(event);
  }

  @JetStreamConsumer(ORDER_UPDATED)
  importedAsType(@Payload() event: OrderUpdatedEvent): void {
    console.log(event);
  }
}
