import {
  defineStream,
  JetStreamConsumer,
  NatsJetStreamContext,
  subjectPattern,
  subjectTemplate,
  type ContextOf,
  type EventOf,
  type NatsJetStreamClientProxy,
} from '@nest-jetstream/transport';
import { Ctx, Payload } from '@nestjs/microservices';
import {
  ORDER_CREATED,
  ORDER_DELETED,
  ORDER_UPDATED,
  type OrderCreatedEvent,
  type OrderDeletedEvent,
  type OrderUpdatedEvent,
} from './orders.events.js';
import type { Equal, Expect } from './type-equality.js';

interface Shipped {
  carrier: string;
}
const ORDER_SHIPPED = subjectTemplate<Shipped>()('order.:region.shipped');
const Orders = defineStream({
  name: 'ORDERS',
  subjects: ['order.>'],
  events: { ORDER_CREATED, ORDER_UPDATED, ORDER_DELETED, ORDER_SHIPPED },
});

export const TWO_TOKENS = subjectPattern(Orders, 'order.*');
export const ALL = subjectPattern(Orders, 'order.>');
export const SHIPPED = subjectPattern(Orders, '*.*.shipped');
export const ONE = subjectPattern(Orders, 'order.updated');

export type Events = [
  Expect<Equal<EventOf<typeof TWO_TOKENS>, OrderCreatedEvent | OrderUpdatedEvent | OrderDeletedEvent>>,
  Expect<Equal<EventOf<typeof ALL>, OrderCreatedEvent | OrderUpdatedEvent | OrderDeletedEvent | Shipped>>,
  Expect<Equal<EventOf<typeof SHIPPED>, Shipped>>,
  Expect<Equal<EventOf<typeof ONE>, OrderUpdatedEvent>>,
];

export const text: 'order.*' = TWO_TOKENS.pattern;
export const subjects: readonly string[] = TWO_TOKENS.subjects;

export class OrdersAudit {
  @JetStreamConsumer(TWO_TOKENS)
  union(@Payload() event: OrderCreatedEvent | OrderUpdatedEvent | OrderDeletedEvent): void {
    console.log(event.id);
  }

  @JetStreamConsumer(TWO_TOKENS)
  discriminated(@Payload() event: EventOf<typeof TWO_TOKENS>, @Ctx() context: ContextOf<typeof TWO_TOKENS>): number {
    if (context.subject === ORDER_CREATED) return context.event.product.length;
    if (context.subject === ORDER_UPDATED) return context.event.quantity;
    return event.id;
  }

  @JetStreamConsumer(TWO_TOKENS)
  switched(@Payload() _event: EventOf<typeof TWO_TOKENS>, @Ctx() context: ContextOf<typeof TWO_TOKENS>): string {
    switch (context.subject) {
      case 'order.created':
        return context.event.product;
      case 'order.updated':
        return context.event.quantity.toFixed();
      case 'order.deleted':
        return context.event.reason ?? '';
    }
  }

  @JetStreamConsumer(TWO_TOKENS)
  forgotten(@Payload() _event: EventOf<typeof TWO_TOKENS>, @Ctx() context: ContextOf<typeof TWO_TOKENS>): string {
    switch (context.subject) {
      case 'order.created':
        return context.event.product;
      case 'order.updated':
        return context.event.quantity.toFixed();
      default:
        return context.subject satisfies never; // error: Type '"order.deleted"' does not satisfy the expected type 'never'
    }
  }

  @JetStreamConsumer(ALL)
  plainContext(@Payload() event: object, @Ctx() context: NatsJetStreamContext): void {
    console.log(event, context.subject);
  }

  @JetStreamConsumer<OrderCreatedEvent | OrderUpdatedEvent | OrderDeletedEvent>(TWO_TOKENS)
  stated(@Payload() event: OrderCreatedEvent | OrderUpdatedEvent | OrderDeletedEvent): void {
    console.log(event.id);
  }

  // The pattern as a plain string also receives subjects that the stream does not list.
  @JetStreamConsumer(TWO_TOKENS.pattern)
  open(@Payload() event: unknown, @Ctx() context: ContextOf<'order.*'>): void {
    console.log(event, context.subject satisfies string);
    context.event.id; // error: 'context.event' is of type 'unknown'.
  }

  // error: The first parameter must accept the event of this subject, EventOf<typeof SUBJECT>.
  @JetStreamConsumer(TWO_TOKENS)
  onlyOne(@Payload() event: OrderCreatedEvent): void {
    console.log(event);
  }

  // error: The context parameter must accept the context of this subject, ContextOf<typeof SUBJECT>.
  @JetStreamConsumer(TWO_TOKENS)
  otherContext(@Payload() event: OrderDeletedEvent, @Ctx() context: ContextOf<typeof SHIPPED>): void {
    console.log(event, context);
  }

  // error: The context parameter must accept the context of this subject, ContextOf<typeof SUBJECT>.
  @JetStreamConsumer(TWO_TOKENS)
  partOfTheContexts(@Payload() event: OrderDeletedEvent, @Ctx() context: ContextOf<typeof ORDER_CREATED>): void {
    console.log(event, context);
  }

  @JetStreamConsumer(TWO_TOKENS)
  notNarrowed(@Payload() _event: EventOf<typeof TWO_TOKENS>, @Ctx() context: ContextOf<typeof TWO_TOKENS>): void {
    console.log(context.event.product); // error: Property 'product' does not exist on type
  }

  @JetStreamConsumer(TWO_TOKENS)
  unknownSubject(@Payload() _event: EventOf<typeof TWO_TOKENS>, @Ctx() context: ContextOf<typeof TWO_TOKENS>): boolean {
    return context.subject === 'order.craeted'; // error: have no overlap
  }
}

subjectPattern(Orders, 'payment.*'); // error: 'payment.*' matches no event of this stream.
subjectPattern(Orders, 'order'); // error: 'order' matches no event of this stream.
subjectPattern(Orders, 'order.*.*.*'); // error: 'order.*.*.*' matches no event of this stream.
subjectPattern(Orders, 'order.creatd'); // error: 'order.creatd' matches no event of this stream.
subjectPattern({}, 'order.*'); // error: Property 'events' is missing

declare const client: NatsJetStreamClientProxy;
client.emit(TWO_TOKENS, { id: 1 }); // error: 'order.*' is a pattern. Use a subject without '*' and '>'.
JetStreamConsumer<OrderCreatedEvent>(TWO_TOKENS); // error: is not assignable to parameter of type 'StatedHandlerSubject<OrderCreatedEvent>'.
