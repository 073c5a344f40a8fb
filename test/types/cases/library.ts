// Exports of a library. These projects set `declaration`, so each type needs a name that a
// declaration can use (TS2742, TS4023).
import {
  defineStream,
  JetStreamConsumer,
  subject,
  subjectPattern,
  subjectTemplate,
  type EventOf,
} from '@nest-jetstream/transport';
import { Payload } from '@nestjs/microservices';
import { ORDER_CREATED, type OrderCreatedEvent } from './orders.events.js';

export { ORDER_UPDATED as RENAMED } from './orders.events.js';
export const SUBJECTS = { ORDER_CREATED, LISTED: subject<readonly string[]>()('order.listed') } as const;
export const ORDER_SHIPPED = subjectTemplate<{ carrier: string }>()('order.:region.shipped');
export const Orders = defineStream({ name: 'ORDERS', subjects: ['order.>'], events: { ...SUBJECTS, ORDER_SHIPPED } });
export const orderEvent = subject<OrderCreatedEvent>();
export const ORDER_PAID = orderEvent('order.paid');
export const shipmentEvent = subjectTemplate<{ carrier: string }>();
export const orderEventOf = (name: 'paid' | 'closed') => orderEvent(`order.${name}`);
export const ANY_ORDER = subjectPattern(Orders, 'order.*');
export const shippedTo = (region: string) => ORDER_SHIPPED.for({ region });
export const OnOrderCreated = (durable: string) => JetStreamConsumer(SUBJECTS.ORDER_CREATED, { durable });

export class LibraryConsumer {
  @OnOrderCreated('shop')
  created(@Payload() event: OrderCreatedEvent): number {
    return event.id;
  }

  @JetStreamConsumer(SUBJECTS.LISTED)
  listed(@Payload() names: EventOf<typeof SUBJECTS.LISTED>): number {
    return names.length;
  }

  // error: The first parameter must accept the event of this subject, EventOf<typeof SUBJECT>.
  @OnOrderCreated('shop')
  wrong(@Payload() event: { sku: string }): void {
    console.log(event);
  }

  // error: The first parameter must accept the event of this subject, EventOf<typeof SUBJECT>.
  @JetStreamConsumer(SUBJECTS.LISTED)
  writable(@Payload() names: string[]): void {
    names.push('Ada');
  }
}
