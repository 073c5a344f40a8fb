import {
  JetStreamConsumer,
  subject,
  subjectTemplate,
  type EventOf,
  type NatsJetStreamClientProxy,
  type StandardSchema,
} from '@nest-jetstream/transport';
import { Payload } from '@nestjs/microservices';
import type { OrderCreatedEvent } from './orders.events.js';
import type { Equal, Expect } from './type-equality.js';

declare const client: NatsJetStreamClientProxy;
declare const orderSchema: StandardSchema<OrderCreatedEvent>;
declare const withDefault: StandardSchema<{ id: number; note?: string }, { id: number; note: string }>;
declare const textToNumber: StandardSchema<string, number>;

export const ORDER_CREATED = subject(orderSchema)('order.created');
export const ORDER_NOTED = subject(withDefault)('order.noted');
export const ORDER_SHIPPED = subjectTemplate(orderSchema)('order.:region.shipped');

export type Events = [
  Expect<Equal<EventOf<typeof ORDER_CREATED>, OrderCreatedEvent>>,
  Expect<Equal<EventOf<typeof ORDER_NOTED>, { id: number; note: string }>>,
  Expect<Equal<EventOf<typeof ORDER_SHIPPED>, OrderCreatedEvent>>,
];

client.emit(ORDER_CREATED, { id: 1, product: 'Socks', quantity: 1 });
void client.emitAsync(ORDER_CREATED, { id: 1, product: 'Socks', quantity: 1 }, { validate: true });

export class SchemaConsumer {
  @JetStreamConsumer(ORDER_CREATED)
  handle(@Payload() event: OrderCreatedEvent): void {
    console.log(event.product);
  }

  // error: The first parameter must accept the event of this subject, EventOf<typeof SUBJECT>.
  @JetStreamConsumer(ORDER_NOTED)
  other(@Payload() event: OrderCreatedEvent): void {
    console.log(event.product);
  }
}

client.emit(ORDER_CREATED, { id: 1 }); // error: missing the following properties from type 'OrderCreatedEvent'
void client.emitAsync(ORDER_CREATED, { id: 1, product: 'Socks', quantity: 1 }, { validate: 1 }); // error: Type 'number' is not assignable to type 'boolean | undefined'
subject(textToNumber)('order.counted'); // error: The output of this schema is not valid input for it. Transform events in the handler instead.
subject({ parse: () => 1 })('order.parsed'); // error: Pass a Standard Schema, or write subject<OrderCreatedEvent>()('order.created').
subject(orderSchema)('order.*'); // error: 'order.*' is a pattern. Use a subject without '*' and '>'.
subjectTemplate(orderSchema)('order.shipped'); // error: 'order.shipped' captures no token
