import { subject } from '@nest-jetstream/transport';

export interface OrderCreatedEvent {
  id: number;
  product: string;
}
export interface OrderUpdatedEvent {
  id: number;
  quantity: number;
}
export interface PaymentReceivedEvent {
  amount: number;
}

declare module '@nest-jetstream/transport' {
  interface JetStreamContracts {
    'order.created': OrderCreatedEvent;
    'order.updated': OrderUpdatedEvent;
    'payment.received': PaymentReceivedEvent;
  }
}

export const ORDER_CREATED = subject<OrderCreatedEvent>()('order.created');
export const OTHER = subject<{ other: true }>()('other.subject');

// A constant must have the event that is listed.
subject<OrderUpdatedEvent>()('order.created'); // error: JetStreamContracts lists another event for 'order.created'.
