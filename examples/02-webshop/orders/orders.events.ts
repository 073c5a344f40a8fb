import { subject } from '@nest-jetstream/transport';

export interface OrderCreatedEvent {
  id: number;
  product: string;
  quantity: number;
}

export interface OrderUpdatedEvent {
  id: number;
  quantity: number;
}

export interface OrderDeletedEvent {
  id: number;
}

export const ORDER_CREATED = subject<OrderCreatedEvent>()('order.created');
export const ORDER_UPDATED = subject<OrderUpdatedEvent>()('order.updated');
export const ORDER_DELETED = subject<OrderDeletedEvent>()('order.deleted');
