import { Controller, type Type } from '@nestjs/common';
import { Ctx, Payload } from '@nestjs/microservices';
import { JetStreamConsumer, type JetStreamConsumerOptions, type NatsJetStreamContext } from '@nest-jetstream/transport';
import type { JetStreamProbe } from './jetstream-probe';
import { ORDER_CREATED, order, type OrderCreatedEvent } from './orders';

export const ORDER_DURABLE = 'order-created';

type HandleOrder = (event: OrderCreatedEvent, context: NatsJetStreamContext) => unknown;

/** Creates a controller that handles order.created with the durable of {@link ORDER_DURABLE}. */
export function orderHandler(handle: HandleOrder, options: JetStreamConsumerOptions<OrderCreatedEvent> = {}): Type {
  @Controller()
  class OrderCreatedConsumer {
    @JetStreamConsumer(ORDER_CREATED, { durable: ORDER_DURABLE, ...options })
    async handle(@Payload() event: OrderCreatedEvent, @Ctx() context: NatsJetStreamContext): Promise<void> {
      await handle(event, context);
    }
  }
  return OrderCreatedConsumer;
}

/** Publishes an order for each id, in order. */
export async function publishOrders({ client }: JetStreamProbe, ...ids: number[]): Promise<void> {
  for (const id of ids) await client.publish(ORDER_CREATED, JSON.stringify(order(id)));
}

/** Returns the ids from 1 to a count. */
export function orderIds(count: number): number[] {
  return Array.from({ length: count }, (_, at) => at + 1);
}
