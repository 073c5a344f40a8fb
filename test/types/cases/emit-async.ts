import type { NatsJetStreamClientProxy, NatsJetStreamPubAck } from '@nest-jetstream/transport';
import { ORDER_CREATED, type OrderCreatedEvent, type OrderUpdatedEvent } from './orders.events.js';
import type { Equal, Expect } from './type-equality.js';

declare const client: NatsJetStreamClientProxy;

export async function publish(order: OrderCreatedEvent): Promise<number> {
  const ack = await client.emitAsync(ORDER_CREATED, order);
  type Ack = Expect<Equal<typeof ack, NatsJetStreamPubAck>>;
  const proven: Ack = true;
  return proven && ack.duplicate ? 0 : ack.seq;
}

void client.emitAsync<OrderCreatedEvent>(ORDER_CREATED, { id: 1, product: 'Socks', quantity: 1 });
void client.emitAsync('order.plain', { whatever: 1 });

void client.emitAsync(ORDER_CREATED, { id: 1 }); // error: missing the following properties from type 'OrderCreatedEvent'
void client.emitAsync(ORDER_CREATED, { id: 1, product: 'Socks', quantity: 1, extra: 1 }); // error: 'extra' does not exist in type
void client.emitAsync(ORDER_CREATED, { id: 1, product: 2, quantity: 1 }); // error: Type 'number' is not assignable to type 'string'
void client.emitAsync<OrderUpdatedEvent>(ORDER_CREATED, { id: 1, quantity: 1 }); // error: 'OrderCreatedEvent'
void client.emitAsync(ORDER_CREATED); // error: Expected 2-3 arguments, but got 1
client.emitAsync(ORDER_CREATED, { id: 1, product: 'Socks', quantity: 1 }).subscribe(); // error: 'subscribe' does not exist on type 'Promise<NatsJetStreamPubAck>'
