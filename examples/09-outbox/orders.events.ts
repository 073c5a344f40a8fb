import { defineStream, subject } from '@nest-jetstream/transport';

export interface OrderPlacedEvent {
  id: number;
  product: string;
  price: number;
}

export const ORDER_PLACED = subject<OrderPlacedEvent>()('order.placed');
export const OrdersStream = defineStream({
  name: 'ORDERS',
  subjects: ['order.>'],
  events: { ORDER_PLACED },
  // After a crash, a relay must publish the same rows again within this time.
  duplicateWindow: '1h',
});
