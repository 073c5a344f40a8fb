import type { NatsJetStreamClientProxy, SubjectOf } from '@nest-jetstream/transport';
import { ORDER_CREATED, ORDER_UPDATED, type OrderCreatedEvent } from './orders.events.js';

declare const client: NatsJetStreamClientProxy;
declare const urgent: boolean;

export async function publishTwice<Event>(subject: SubjectOf<Event>, event: Event): Promise<void> {
  await client.emitAsync(subject, event);
}

export async function publishAll<Event>(subject: SubjectOf<Event>, events: readonly Event[]): Promise<void> {
  await Promise.all(events.map((event) => client.emitAsync(subject, event)));
}

void publishAll(ORDER_CREATED, [{ id: 1, product: 'Socks', quantity: 1 }]);
void publishAll<OrderCreatedEvent>(ORDER_UPDATED, []); // error: 'OrderUpdatedEvent'

const either = urgent ? ORDER_CREATED : ORDER_UPDATED;
void client.emitAsync(either, { id: 1 }); // error: OrderCreatedEvent & OrderUpdatedEvent
