import { JetStreamConsumer, NatsJetStreamContext } from '@nest-jetstream/transport';
import { Controller } from '@nestjs/common';
import { Ctx, Payload } from '@nestjs/microservices';
import { of, type Observable } from 'rxjs';
import { ORDER_CREATED, ORDER_DELETED, ORDER_UPDATED, type OrderCreatedEvent } from './orders.events.js';

@Controller()
export class OrdersConsumer {
  @JetStreamConsumer(ORDER_CREATED, { durable: 'shop-order-created' })
  async handle(@Payload() event: OrderCreatedEvent, @Ctx() context: NatsJetStreamContext): Promise<void> {
    console.log(event.product, context.sequence);
  }

  @JetStreamConsumer(ORDER_CREATED)
  handleInStep(@Payload() event: OrderCreatedEvent): number {
    return event.quantity;
  }

  @JetStreamConsumer(ORDER_CREATED)
  handleAsStream(@Payload() event: OrderCreatedEvent): Observable<string> {
    return of(event.product);
  }

  @JetStreamConsumer(ORDER_UPDATED)
  @JetStreamConsumer(ORDER_CREATED)
  handleTwo(@Payload() event: { id: number; quantity: number }): void {
    console.log(event.id);
  }

  @JetStreamConsumer(ORDER_DELETED)
  handleOptional(@Payload() { id, reason = 'none' }: { id: number; reason?: string }): void {
    console.log(id, reason);
  }
}
