import type { NatsJetStreamClientProxy, NatsJetStreamPubAck } from '@nest-jetstream/transport';
import type { Observable } from 'rxjs';
import { ORDER_CREATED, ORDER_DELETED, type OrderDeletedEvent, type OrderUpdatedEvent } from './orders.events.js';
import type { Equal, Expect } from './type-equality.js';

declare const client: NatsJetStreamClientProxy;

export const acknowledged = client.send<NatsJetStreamPubAck, OrderDeletedEvent>(ORDER_DELETED, { id: 1 });
export const unknownReply = client.send(ORDER_DELETED, { id: 1 });
export const total = client.send<number, number[]>('sum', [1, 2]);
export type Results = [
  Expect<Equal<typeof acknowledged, Observable<NatsJetStreamPubAck>>>,
  Expect<Equal<typeof unknownReply, Observable<unknown>>>,
  Expect<Equal<typeof total, Observable<number>>>,
];

client.send(ORDER_CREATED, { id: 1 }); // error: missing the following properties from type 'OrderCreatedEvent'
client.send<number, number[]>('sum', 1); // error: 'number' is not assignable to parameter of type
client.send<NatsJetStreamPubAck, OrderUpdatedEvent>(ORDER_DELETED, { id: 1, quantity: 1 }); // error: 'OrderDeletedEvent'
unknownReply.subscribe((reply) => reply.seq); // error: 'reply' is of type 'unknown'
