// A library of contracts. Other projects see its declarations only.
import {
  defineStream,
  JetStreamConsumer,
  subject,
  subjectPattern,
  subjectTemplate,
  type NatsJetStreamClientProxy,
} from '@nest-jetstream/transport';

export interface OrderCreatedEvent {
  id: number;
  product: string;
}
export interface OrderUpdatedEvent {
  id: number;
  quantity: number;
}

export const orderEvent = subject<OrderCreatedEvent>();
export const shipment = subjectTemplate<{ carrier: string }>();
export const ORDER_CREATED = orderEvent('order.created');
export const ORDER_UPDATED = subject<OrderUpdatedEvent>()('order.updated');
export const ORDER_SHIPPED = shipment('order.:region.shipped');
export const Orders = defineStream({
  name: 'ORDERS',
  subjects: ['order.>'],
  events: { ORDER_CREATED, ORDER_UPDATED, ORDER_SHIPPED },
});
export const ANY_ORDER = subjectPattern(Orders, 'order.*');
export const shippedTo = (region: string) => ORDER_SHIPPED.for({ region });
export const OnOrderCreated = (durable: string) => JetStreamConsumer(ORDER_CREATED, { durable });

declare const client: NatsJetStreamClientProxy;
// Methods as values name the types of their parameters.
export const emit = client.emitAsync.bind(client);
export const publish = client.emitAsync;
export const shippedFor = ORDER_SHIPPED.for;
export class Publisher {
  readonly emit = client.emit;
}
