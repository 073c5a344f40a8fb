import {
  NatsJetStreamRecordBuilder,
  subject,
  type EventPair,
  type NatsJetStreamBatchAck,
  type NatsJetStreamClientProxy,
} from '@nest-jetstream/transport';
import { ORDER_CREATED, ORDER_UPDATED, type OrderCreatedEvent, type OrderUpdatedEvent } from './orders.events.js';
import type { Equal, Expect } from './type-equality.js';

const ORDER_PACKED = subject<{ id: number; lines: { sku: string }[] }>()('order.packed');
declare const client: NatsJetStreamClientProxy;
declare const created: OrderCreatedEvent;
declare const updated: OrderUpdatedEvent;
declare const orders: OrderCreatedEvent[];
declare const mixed: EventPair<typeof ORDER_CREATED | typeof ORDER_UPDATED>;
declare const either: typeof ORDER_CREATED | typeof ORDER_UPDATED;
declare const pairs: EventPair<typeof ORDER_CREATED>[];

export async function publish(): Promise<number> {
  const ack = await client.emitAll([
    [ORDER_CREATED, created],
    [ORDER_UPDATED, { id: 1, quantity: 2 }],
  ]);
  type Ack = Expect<Equal<typeof ack, NatsJetStreamBatchAck>>;
  const proven: Ack = true;
  return proven && ack.duplicate ? 0 : ack.firstSeq + ack.count;
}

void client.emitAll([[ORDER_CREATED, created]], { msgID: 'sale-1', expect: { lastSequence: 7 }, timeout: '2s' });
void client.emitAll([[ORDER_CREATED, new NatsJetStreamRecordBuilder(created).build()]]);
void client.emitAll([
  [ORDER_CREATED, created],
  ['order.plain', { whatever: 1 }],
] as const);
void client.emitAll(orders.map((order) => [ORDER_CREATED, order] as const));
void client.emitAll([...orders.map((order) => [ORDER_CREATED, order] as const), [ORDER_UPDATED, updated]]);
void client.emitAll(pairs);
// Lists of several subjects, whose length is not known.
void client.emitAll(
  orders.flatMap(
    (order) =>
      [
        [ORDER_CREATED, order],
        [ORDER_UPDATED, { id: order.id, quantity: 1 }],
      ] as const,
  ),
);
void client.emitAll(orders.map((order) => (order.id > 1 ? ([ORDER_CREATED, order] as const) : mixed)));
void client.emitAll([[ORDER_PACKED, { id: 1, lines: [{ sku: 'a' }] }]]);

// prettier-ignore
void client.emitAll([
  [ORDER_CREATED, created],
  [ORDER_CREATED, updated], // error: Type 'OrderUpdatedEvent' is not assignable to type '
  [ORDER_CREATED, { id: 1 }], // error: is missing the following properties from type 'OrderCreatedEvent': product, quantity
  [ORDER_UPDATED, { id: 1, quantity: '2' }], // error: Type 'string' is not assignable to type 'number'
  [ORDER_CREATED, { id: 1, product: 'Socks', quantity: 1, extra: 1 }], // error: 'extra' does not exist in type
  [ORDER_CREATED, new NatsJetStreamRecordBuilder(updated).build()], // error: Type 'NatsJetStreamRecord<OrderUpdatedEvent>' is not assignable to type
  ['order.*', created], // error: 'order.*' is a pattern. Use a subject without '*' and '>'.
  ['order created', created], // error: 'order created' contains white space. Remove it.
]);
void client.emitAll([[either, { ...created, ...updated }]]);
void client.emitAll([[either, updated]]); // error: is not assignable to type
const wrong = orders.map(({ id }) =>
  id > 1 ? ([ORDER_CREATED, created] as const) : ([ORDER_UPDATED, { id }] as const),
);
void client.emitAll(wrong); // error: is not assignable to parameter of type 'readonly EventPair<
void client.emitAll([[ORDER_CREATED]]); // error: Source has 1 element(s) but target requires 2
const ids = orders.map(({ id }) => [ORDER_CREATED, { id }] as const);
void client.emitAll(ids); // error: missing the following properties from type 'OrderCreatedEvent'
void client.emitAll([[ORDER_CREATED, created]], { retries: '2' }); // error: Type 'string' is not assignable to type 'number'
void client.emitAll([[ORDER_CREATED, created]], { schedule: { specification: '@hourly' } }); // error: 'schedule' does not exist in type 'BatchPublishOptions'
void client.emitAll([[ORDER_CREATED, created]], { expect: { lastMsgID: 'sale' } }); // error: 'lastMsgID' does not exist in type
void client.emitAll(); // error: Expected 1-2 arguments, but got 0
