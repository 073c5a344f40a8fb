import type { EventOf, EventSubject, SubjectLiteral } from '@nest-jetstream/transport';
import { ORDER_CREATED, type ORDER_UPDATED, type OrderCreatedEvent, type OrderUpdatedEvent } from './orders.events.js';
import type { Equal, Expect } from './type-equality.js';

export type Events = [
  Expect<Equal<EventOf<typeof ORDER_CREATED>, OrderCreatedEvent>>,
  Expect<Equal<EventOf<typeof ORDER_CREATED | typeof ORDER_UPDATED>, OrderCreatedEvent | OrderUpdatedEvent>>,
  Expect<Equal<EventOf<EventSubject<'order.created', 1>>, 1>>,
  Expect<Equal<EventOf<'order.created'>, unknown>>,
  Expect<Equal<EventOf<string>, unknown>>,
];

export type Literals = [
  Expect<Equal<SubjectLiteral<typeof ORDER_CREATED>, 'order.created'>>,
  Expect<Equal<SubjectLiteral<typeof ORDER_CREATED | typeof ORDER_UPDATED>, 'order.created' | 'order.updated'>>,
  Expect<Equal<SubjectLiteral<'order.plain'>, 'order.plain'>>,
  Expect<Equal<SubjectLiteral<string>, string>>,
];

export const event: EventOf<typeof ORDER_CREATED> = { id: 1, product: 'Socks', quantity: 1 };
export const other: EventOf<typeof ORDER_CREATED> = { id: 1 }; // error: missing the following properties from type 'OrderCreatedEvent'
export type OfANumber = SubjectLiteral<1>; // error: Type 'number' does not satisfy the constraint 'AnySubject'
