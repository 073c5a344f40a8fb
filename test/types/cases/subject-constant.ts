import { subject, type EventSubject, type SubjectOf } from '@nest-jetstream/transport';
import { ORDER_CREATED, type OrderCreatedEvent, type OrderUpdatedEvent } from './orders.events.js';
import type { Equal, Expect } from './type-equality.js';

export type IsNamed = Expect<Equal<typeof ORDER_CREATED, EventSubject<'order.created', OrderCreatedEvent>>>;

export const text: string = ORDER_CREATED;
export const upperCase: string = ORDER_CREATED.toUpperCase();
export const literal: 'order.created' = ORDER_CREATED;
export const byText: Record<string, number> = { [ORDER_CREATED]: 1 };
export const ofItsEvent: SubjectOf<OrderCreatedEvent> = ORDER_CREATED;
export const ofAnUnknownEvent: SubjectOf<OrderCreatedEvent> = 'order.plain';

export const otherLiteral: 'order.updated' = ORDER_CREATED; // error: not assignable to type '"order.updated"'
export const otherEvent: SubjectOf<OrderUpdatedEvent> = ORDER_CREATED; // error: 'OrderCreatedEvent'
subject<OrderCreatedEvent>('order.created'); // error: Pass a Standard Schema without a type argument, or write subject<OrderCreatedEvent>()('order.created').
subject<OrderCreatedEvent>()(1); // error: 'number' is not assignable to parameter of type 'string'
subject<OrderCreatedEvent>()(); // error: Expected 1 arguments, but got 0
