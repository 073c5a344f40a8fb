import {
  defineStream,
  JetStreamConsumer,
  subject,
  subjectPattern,
  subjectTemplate,
  type NatsJetStreamClientProxy,
  type NatsJetStreamPubAck,
  type SubjectOf,
} from '@nest-jetstream/transport';
import type { Observable } from 'rxjs';
import { ORDER_CREATED, ORDER_UPDATED, type OrderCreatedEvent, type OrderUpdatedEvent } from './orders.events.js';
import type { Equal, Expect } from './type-equality.js';

declare const client: NatsJetStreamClientProxy;

export const acknowledged = client.emit<NatsJetStreamPubAck, OrderCreatedEvent>(ORDER_CREATED, {
  id: 1,
  product: 'Socks',
  quantity: 1,
});
export const ignored = client.emit<null, OrderUpdatedEvent>(ORDER_UPDATED, { id: 1, quantity: 10 });
export type Results = [
  Expect<Equal<typeof acknowledged, Observable<NatsJetStreamPubAck>>>,
  Expect<Equal<typeof ignored, Observable<null>>>,
];

client.emit<NatsJetStreamPubAck, OrderCreatedEvent>('order.created', { id: 1, product: 'Socks', quantity: 1 });

client.emit<NatsJetStreamPubAck, OrderUpdatedEvent>(ORDER_CREATED, { id: 1, quantity: 1 }); // error: 'StatedSubject<OrderUpdatedEvent>'
client.emit<NatsJetStreamPubAck, OrderCreatedEvent>(ORDER_UPDATED, { id: 1, product: 'Socks', quantity: 1 }); // error: 'StatedSubject<OrderCreatedEvent>'
client.emit<NatsJetStreamPubAck, OrderCreatedEvent>(ORDER_CREATED, { id: 1 }); // error: missing the following properties from type 'OrderCreatedEvent'
client.emit<NatsJetStreamPubAck, OrderCreatedEvent>('order.created', { id: 1 }); // error: missing the following properties from type 'OrderCreatedEvent'
client.emit<NatsJetStreamPubAck, Partial<OrderCreatedEvent>>(ORDER_CREATED, { id: 1 }); // error: 'StatedSubject<Partial<OrderCreatedEvent>>'
client.emit<NatsJetStreamPubAck, { id: number }>(ORDER_CREATED, { id: 1 }); // error: 'StatedSubject<{ id: number; }>'

// A stated event type does not make a pattern a subject.
const Orders = defineStream({ name: 'ORDERS', subjects: ['order.*'], events: { ORDER_CREATED } });
const EVERY_ORDER = subjectPattern(Orders, 'order.*');
declare function publishOf<Event>(subject: SubjectOf<Event>, event: Event): void;

publishOf(ORDER_CREATED, { id: 1, product: 'Socks', quantity: 1 });
publishOf(EVERY_ORDER, { id: 1, product: 'Socks', quantity: 1 }); // error: is not assignable to parameter of type 'SubjectOf<
client.emit<NatsJetStreamPubAck, OrderCreatedEvent>(EVERY_ORDER, { id: 1, product: 'Socks', quantity: 1 }); // error: 'StatedSubject<OrderCreatedEvent>'
JetStreamConsumer<OrderCreatedEvent>(EVERY_ORDER);

// Nothing fits a constant without an event type.
const UNTYPED = subject()('order.untyped');
const UNTYPED_TEMPLATE = subjectTemplate()('order.:id.untyped');
client.emit(UNTYPED, { id: 1 }); // error: State the event type, such as subject<OrderCreatedEvent>()('order.created').
client.emit(UNTYPED_TEMPLATE.for({ id: '1' }), { id: 1 }); // error: State the event type, such as subject<OrderCreatedEvent>()('order.created').
