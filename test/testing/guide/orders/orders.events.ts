import { subject } from '@nest-jetstream/transport';

export interface OrderCreatedEvent {
  id: number;
  product: string;
  quantity: number;
}

export const ORDER_CREATED = subject<OrderCreatedEvent>()('order.created');
