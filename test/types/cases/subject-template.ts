import {
  defineStream,
  JetStreamConsumer,
  subjectTemplate,
  type ContextOf,
  type EventOf,
  type NatsJetStreamClientProxy,
  type NatsJetStreamContext,
  type SubjectLiteral,
} from '@nest-jetstream/transport';
import { Ctx, Payload } from '@nestjs/microservices';
import type { OrderCreatedEvent, OrderUpdatedEvent } from './orders.events.js';
import type { Equal, Expect } from './type-equality.js';

declare const client: NatsJetStreamClientProxy;

export const ORDER_CREATED = subjectTemplate<OrderCreatedEvent>()('order.:region.:id.created');

export type Types = [
  Expect<Equal<EventOf<typeof ORDER_CREATED>, OrderCreatedEvent>>,
  Expect<Equal<SubjectLiteral<typeof ORDER_CREATED>, 'order.*.*.created'>>,
  Expect<
    Equal<
      ContextOf<typeof ORDER_CREATED>,
      NatsJetStreamContext<
        `order.${string}.${string}.created`,
        OrderCreatedEvent,
        { readonly region: string; readonly id: string }
      >
    >
  >,
];

export const pattern: 'order.*.*.created' = ORDER_CREATED.pattern;
export const template: 'order.:region.:id.created' = ORDER_CREATED.template;
export const region: string | undefined = ORDER_CREATED.match('order.eu.7.created')?.region;

const subject = ORDER_CREATED.for({ region: 'eu', id: '7' });
client.emit(subject, { id: 7, product: 'Socks', quantity: 1 });
client.emit(ORDER_CREATED.for({ region: 'eu', id: '7' }), { id: 7, product: 'Socks', quantity: 1 });

export const Stream = defineStream({ name: 'ORDERS', subjects: ['order.*.*.created'], events: { ORDER_CREATED } });
export const Wider = defineStream({ name: 'ORDERS', subjects: ['order.>'], events: { ORDER_CREATED } });

export class TemplateConsumer {
  @JetStreamConsumer(ORDER_CREATED)
  handle(@Payload() event: OrderCreatedEvent, @Ctx() context: ContextOf<typeof ORDER_CREATED>): void {
    console.log(event.product, context.params.region, context.params.id);
  }

  @JetStreamConsumer(ORDER_CREATED)
  plainContext(@Payload() event: OrderCreatedEvent, @Ctx() context: NatsJetStreamContext): void {
    console.log(event.product, context.params['region']);
  }

  // error: The first parameter must accept the event of this subject, EventOf<typeof SUBJECT>.
  @JetStreamConsumer(ORDER_CREATED)
  otherEvent(@Payload() event: { sku: string }): void {
    console.log(event);
  }

  @JetStreamConsumer(ORDER_CREATED)
  unknownParam(@Payload() event: OrderCreatedEvent, @Ctx() context: ContextOf<typeof ORDER_CREATED>): void {
    console.log(event, context.params.country); // error: 'country' does not exist on type
  }
}

client.emit(subject, { id: 7 }); // error: missing the following properties from type 'OrderCreatedEvent'
ORDER_CREATED.for({ region: 'eu' }); // error: Property 'id' is missing
ORDER_CREATED.for({ region: 'eu', id: 7 }); // error: Type 'number' is not assignable to type 'string'
ORDER_CREATED.for({ region: 'eu', id: '7', shop: '1' }); // error: 'shop' does not exist in type
ORDER_CREATED.match('order.eu.7.created').region; // error: possibly 'undefined'
ORDER_CREATED.template = 'order.:id'; // error: because it is a read-only property

export const Narrow = defineStream({
  name: 'ORDERS',
  subjects: ['order.eu.*.created'],
  events: { ORDER_CREATED }, // error: Subject 'order.*.*.created' is not covered by the subjects of this stream.
});

subjectTemplate<OrderUpdatedEvent>()('order.updated'); // error: 'order.updated' captures no token. Use subject() instead of subjectTemplate().
subjectTemplate<OrderUpdatedEvent>()('order.:id.to.:id'); // error: ':id' of 'order.:id.to.:id' is captured twice. Give each captured token its own name.
subjectTemplate<OrderUpdatedEvent>()('order.:.updated'); // error: ':' of 'order.:.updated' has no valid name. Write a name, such as ':id'.
subjectTemplate<OrderUpdatedEvent>()('order.:id.*'); // error: 'order.:id.*' is a pattern. Use a subject without '*' and '>'.
subjectTemplate<OrderUpdatedEvent>()('order..:id'); // error: 'order..:id' has an empty token

client.emit(ORDER_CREATED.template, { id: 7 }); // error: 'order.:region.:id.created' is a template. Publish to a subject of its for(), and pass the template itself to a handler.
client.emit('order.:id', { id: 7 }); // error: 'order.:id' is a template. Publish to a subject of its for(), and pass the template itself to a handler.
void client.emitAsync(`order.${region}`, { id: 7 });
JetStreamConsumer(ORDER_CREATED.template); // error: 'order.:region.:id.created' is a template. Publish to a subject of its for(), and pass the template itself to a handler.
JetStreamConsumer('order.:id.*'); // error: 'order.:id.*' is
