import { JetStreamConsumer } from '@nest-jetstream/transport';
import { Controller } from '@nestjs/common';
import { Payload } from '@nestjs/microservices';
import {
  ORDER_CREATED,
  ORDER_DELETED,
  ORDER_UPDATED,
  type OrderCreatedEvent,
  type OrderDeletedEvent,
  type OrderUpdatedEvent,
} from './orders.events.js';

@Controller()
export class OrdersConsumers {
  @JetStreamConsumer(ORDER_CREATED, { durable: 'webshop-order-created' })
  created(@Payload() event: OrderCreatedEvent): void {
    console.log(`order ${event.id}: ${event.quantity} × ${event.product}`);
  }

  @JetStreamConsumer(ORDER_UPDATED, { durable: 'webshop-order-updated' })
  updated(@Payload() event: OrderUpdatedEvent): void {
    console.log(`order ${event.id}: now ${event.quantity}`);
  }

  @JetStreamConsumer(ORDER_DELETED, { durable: 'webshop-order-deleted' })
  deleted(@Payload() event: OrderDeletedEvent): void {
    console.log(`order ${event.id}: deleted`);
  }
}
