import type { NatsJetStreamClientProxy, NatsJetStreamPubAck } from '@nest-jetstream/transport';
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
