// Nest's usual form states the result only. The event is then checked at run time only.
import {
  defineStream,
  subjectPattern,
  type NatsJetStreamClientProxy,
  type NatsJetStreamPubAck,
} from '@nest-jetstream/transport';
import type { Observable } from 'rxjs';
import { ORDER_CREATED, type OrderCreatedEvent } from './orders.events.js';
import type { Equal, Expect } from './type-equality.js';

declare const client: NatsJetStreamClientProxy;
const event: OrderCreatedEvent = { id: 1, product: 'Socks', quantity: 1 };
const Orders = defineStream({ name: 'ORDERS', subjects: ['order.*'], events: { ORDER_CREATED } });
const EVERY_ORDER = subjectPattern(Orders, 'order.*');

export const emitted = client.emit<void>(ORDER_CREATED, event);
export const acknowledged = client.emit<NatsJetStreamPubAck>(ORDER_CREATED, event);
export const sent = client.send<number>(ORDER_CREATED, event);
export const requested = client.request<{ cents: number }>(ORDER_CREATED, event, { timeout: '1s' });
export const plain = client.send<number>('sum', [1, 2]);
export type Results = [
  Expect<Equal<typeof emitted, Observable<void>>>,
  Expect<Equal<typeof acknowledged, Observable<NatsJetStreamPubAck>>>,
  Expect<Equal<typeof sent, Observable<number>>>,
  Expect<Equal<typeof requested, Promise<{ cents: number } | undefined>>>,
];

client.emit<void>(EVERY_ORDER, event); // error: is not assignable to parameter of type
