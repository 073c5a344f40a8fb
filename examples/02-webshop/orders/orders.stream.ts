import { defineStream } from '@nest-jetstream/transport';
import { ORDER_CREATED, ORDER_DELETED, ORDER_UPDATED } from './orders.events.js';

export const OrdersStream = defineStream({
  name: 'ORDERS',
  subjects: ['order.>'],
  events: { ORDER_CREATED, ORDER_UPDATED, ORDER_DELETED },
  maxAge: '7d',
});
