import { JetStreamConsumer, subject } from '@nest-jetstream/transport';
import { ORDER_CREATED, ORDER_UPDATED, type OrderCreatedEvent } from './orders.events.js';

// error: the decorator expects 3
@JetStreamConsumer(ORDER_CREATED)
export class OnAClass {}

export class OnMembers {
  // error: the decorator expects 3
  @JetStreamConsumer(ORDER_CREATED)
  field = 1;

  // error: the decorator expects 3
  @JetStreamConsumer(ORDER_CREATED)
  handle = (event: OrderCreatedEvent): void => console.log(event);

  // error: Type 'number' is not assignable to type 'HandlerMethod'.
  @JetStreamConsumer(ORDER_CREATED)
  get accessor(): number {
    return 1;
  }

  // error: Pass a subject constant, such as subject<OrderCreatedEvent>()('order.created'), a string, a pattern or a template.
  // error: Decorator function return type
  @JetStreamConsumer
  uncalled(event: OrderCreatedEvent): void {
    console.log(event);
  }

  // error: Expected 1-2 arguments, but got 0
  @JetStreamConsumer()
  withoutSubject(event: OrderCreatedEvent): void {
    console.log(event);
  }

  // error: Pass a subject constant, such as subject<OrderCreatedEvent>()('order.created'), a string, a pattern or a template.
  @JetStreamConsumer([ORDER_CREATED, ORDER_UPDATED])
  several(event: unknown): void {
    console.log(event);
  }

  // error: Pass a subject constant, such as subject<OrderCreatedEvent>()('order.created'), a string, a pattern or a template.
  @JetStreamConsumer(subject<OrderCreatedEvent>())
  withoutName(event: OrderCreatedEvent): void {
    console.log(event);
  }
}
