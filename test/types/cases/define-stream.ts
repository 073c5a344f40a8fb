import {
  defineStream,
  subject,
  subjectPattern,
  subjectTemplate,
  type EventOf,
  type StreamDefinition,
} from '@nest-jetstream/transport';
import { ORDER_CREATED, ORDER_DELETED, ORDER_UPDATED, type OrderCreatedEvent } from './orders.events.js';
import type { Equal, Expect } from './type-equality.js';

const ORDER_SHIPPED = subjectTemplate<{ carrier: string }>()('order.:id.shipped');

export const OrdersStream = defineStream({
  name: 'ORDERS',
  subjects: ['order.>'],
  events: { ORDER_CREATED, ORDER_UPDATED, ORDER_DELETED },
  description: 'Orders of the shop',
  storage: 'file',
  retention: 'limits',
  discard: 'new',
  maxAge: '7d',
  maxMessages: 1_000_000,
  maxBytes: 1_000_000_000,
  maxMessageSize: 1_000_000,
  duplicateWindow: '2m',
  replicas: 3,
});

export type KeepsItsEvents = [
  Expect<Equal<typeof OrdersStream.events.ORDER_CREATED, typeof ORDER_CREATED>>,
  Expect<Equal<EventOf<typeof OrdersStream.events.ORDER_CREATED>, OrderCreatedEvent>>,
  Expect<Equal<keyof typeof OrdersStream.events, 'ORDER_CREATED' | 'ORDER_UPDATED' | 'ORDER_DELETED'>>,
];

export const WithoutEvents = defineStream({ name: 'LOGS', subjects: ['log.>'] });
export const NoEvents = defineStream({ name: 'LOGS', subjects: ['log.>'], events: {} });
export const BySeveralSubjects = defineStream({
  name: 'SHOP',
  subjects: ['payment.*', 'order.created', 'order.deleted'],
  events: { ORDER_CREATED, ORDER_DELETED },
});
export const OfConstants = defineStream({
  name: 'CONSTANTS',
  subjects: [ORDER_CREATED, ORDER_SHIPPED.pattern],
  events: { ORDER_CREATED, ORDER_SHIPPED },
});
export const NotCovered = defineStream({
  name: 'CONSTANTS',
  subjects: [ORDER_CREATED],
  events: { ORDER_DELETED }, // error: Subject 'order.deleted' is not covered by the subjects of this stream.
});
export const OfPlainSubjects = defineStream({ name: 'SHOP', subjects: ['shop.*'], events: { OPENED: 'shop.opened' } });
export const definitions: StreamDefinition[] = [OrdersStream, WithoutEvents, NoEvents, BySeveralSubjects];

OrdersStream.events.ORDER_SHIPPED; // error: 'ORDER_SHIPPED' does not exist on type
OrdersStream.name = 'OTHER'; // error: Cannot assign to 'name' because it is a read-only property

// One subject has one event type.
interface Created {
  reason: string;
}
const SAME = subject<OrderCreatedEvent>()('order.created');
const DUPLICATE = subject<Created>()('order.created');
const BY_ID = subjectTemplate<{ carrier: string }>()('order.:order.shipped');
export const SameTwice = defineStream({
  name: 'SAME',
  subjects: ['order.>'],
  events: { ORDER_CREATED, SAME, ORDER_SHIPPED, BY_ID },
});
export const Different = defineStream({
  name: 'DIFFERENT',
  subjects: ['order.>'],
  events: {
    ORDER_CREATED, // error: Subject 'order.created' has two event types in this stream. Remove one of them.
    DUPLICATE, // error: Subject 'order.created' has two event types in this stream. Remove one of them.
    ORDER_DELETED,
  },
});
export const WithPattern = defineStream({
  name: 'PATTERN',
  subjects: ['order.>'],
  events: {
    ORDER_CREATED,
    ANY: subjectPattern(OrdersStream, 'order.*'), // error: 'order.*' is a pattern. List its events instead.
  },
});
