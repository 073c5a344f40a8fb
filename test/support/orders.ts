import { defineStream, subject } from '@nest-jetstream/transport';

export interface OrderCreatedEvent {
  id: number;
  product: string;
  quantity: number;
}

export interface OrderDeletedEvent {
  id: number;
}

export const ORDER_CREATED = subject<OrderCreatedEvent>()('order.created');
export const ORDER_DELETED = subject<OrderDeletedEvent>()('order.deleted');

export const OrdersStream = defineStream({
  name: 'ORDERS',
  subjects: ['order.>'],
  events: { ORDER_CREATED, ORDER_DELETED },
  duplicateWindow: '2m',
});

export function order(id: number): OrderCreatedEvent {
  return { id, product: 'Socks', quantity: 1 };
}
