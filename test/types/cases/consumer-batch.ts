import {
  BatchResult,
  JetStreamConsumer,
  NatsJetStreamBatchContext,
  NatsJetStreamContext,
  Outcome,
  type JetStreamBatchConsumerOptions,
} from '@nest-jetstream/transport';
import { Ctx, Payload } from '@nestjs/microservices';
import { ORDER_CREATED, type OrderCreatedEvent } from './orders.events.js';

const batch = { size: 100, timeout: '1s' } as const;
export const options: JetStreamBatchConsumerOptions = { durable: 'shop', concurrency: 2, maxDeliver: 3, batch };

export class BatchConsumer {
  @JetStreamConsumer(ORDER_CREATED, { batch: { size: 100, timeout: '1s' } })
  async handle(@Payload() events: OrderCreatedEvent[], @Ctx() context: NatsJetStreamBatchContext): Promise<void> {
    await context.messages[events.length - 1]?.retry({ delay: '1m' });
  }

  @JetStreamConsumer(ORDER_CREATED, options)
  result(@Payload() events: readonly OrderCreatedEvent[]): BatchResult {
    return BatchResult.of(events.map(({ id }) => (id > 0 ? Outcome.ack() : Outcome.terminate('no id'))));
  }

  @JetStreamConsumer(ORDER_CREATED, { batch })
  fewerFields(@Payload() events: { id: number }[]): void {
    console.log(events);
  }

  @JetStreamConsumer(ORDER_CREATED, { batch })
  quiet(): void {}

  @JetStreamConsumer(ORDER_CREATED, { batch })
  anything(@Payload() events: unknown): void {
    console.log(events);
  }

  @JetStreamConsumer<OrderCreatedEvent>('order.created', { batch })
  stated(@Payload() events: OrderCreatedEvent[]): void {
    console.log(events);
  }

  @JetStreamConsumer('order.created', { batch })
  plain(@Payload() events: OrderCreatedEvent[]): void {
    console.log(events);
  }

  // error: With 'batch', the first parameter must accept an array of the event.
  @JetStreamConsumer(ORDER_CREATED, { batch })
  one(@Payload() event: OrderCreatedEvent): void {
    console.log(event);
  }

  // error: With 'batch', the first parameter must accept an array of the event.
  @JetStreamConsumer(ORDER_CREATED, { batch })
  others(@Payload() events: { sku: string }[]): void {
    console.log(events);
  }

  // error: With 'batch', the context parameter must be a NatsJetStreamBatchContext.
  @JetStreamConsumer(ORDER_CREATED, { batch })
  contextOfOne(@Payload() events: OrderCreatedEvent[], @Ctx() context: NatsJetStreamContext): void {
    console.log(events, context);
  }

  // error: An array of events requires the option 'batch', such as { batch: { size: 100 } }.
  @JetStreamConsumer(ORDER_CREATED, { durable: 'shop' })
  forgotten(@Payload() events: OrderCreatedEvent[]): void {
    console.log(events);
  }

  // error: A NatsJetStreamBatchContext requires the option 'batch', such as { batch: { size: 100 } }.
  @JetStreamConsumer('order.created')
  forgottenPlain(@Payload() events: OrderCreatedEvent[], @Ctx() context: NatsJetStreamBatchContext): void {
    console.log(events, context);
  }
}
