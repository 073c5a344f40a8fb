import { defineStream, subject } from '@nest-jetstream/transport';

export interface OrderCreatedEvent {
  id: number;
  total: number;
}

export interface OrderBilledEvent {
  id: number;
  invoice: string;
}

export const ORDER_CREATED = subject<OrderCreatedEvent>()('order.created');
export const ORDER_BILLED = subject<OrderBilledEvent>()('order.billed');

export const OrdersStream = defineStream({
  name: 'ORDERS',
  subjects: ['order.>'],
  events: { ORDER_CREATED, ORDER_BILLED },
});
