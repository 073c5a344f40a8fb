import type { NatsJetStreamClientProxy, NatsJetStreamPubAck } from '@nest-jetstream/transport';
import type { Observable } from 'rxjs';
import { ORDER_CREATED, ORDER_DELETED, ORDER_UPDATED, type OrderCreatedEvent } from './orders.events.js';
import type { Equal, Expect } from './type-equality.js';

declare const client: NatsJetStreamClientProxy;
declare const order: OrderCreatedEvent;
declare const wider: OrderCreatedEvent & { note: string };

export const result = client.emit(ORDER_CREATED, { id: 1, product: 'Socks', quantity: 1 });
export type Result = Expect<Equal<typeof result, Observable<NatsJetStreamPubAck>>>;

result.subscribe((ack) => ack.seq.toFixed());
client.emit(ORDER_CREATED, order);
client.emit(ORDER_CREATED, wider);
client.emit(ORDER_DELETED, { id: 1 });
client.emit(ORDER_DELETED, { id: 1, reason: 'gone' });

client.emit(ORDER_UPDATED, order);
client.emit(ORDER_CREATED, { id: 1 }); // error: missing the following properties from type 'OrderCreatedEvent': product, quantity
client.emit(ORDER_CREATED, { id: 1, product: 'Socks', quantity: 1, extra: 1 }); // error: 'extra' does not exist in type
client.emit(ORDER_CREATED, { id: '1', product: 'Socks', quantity: 1 }); // error: Type 'string' is not assignable to type 'number'
client.emit(ORDER_CREATED, 'Socks'); // error: 'string' is not assignable to parameter of type
client.emit(ORDER_CREATED, [order]); // error: 'OrderCreatedEvent[]' is not assignable to parameter of type
client.emit(ORDER_CREATED, undefined); // error: 'undefined' is not assignable to parameter of type
client.emit(ORDER_CREATED, null); // error: 'null' is not assignable to parameter of type
client.emit(ORDER_CREATED); // error: Expected 2 arguments, but got 1
client.emit(ORDER_DELETED, { id: 1, reason: 2 }); // error: Type 'number' is not assignable to type 'string'
result.subscribe((ack) => ack.sequence); // error: 'sequence' does not exist on type 'NatsJetStreamPubAck'
