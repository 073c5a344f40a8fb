// Each context among the parameters of a handler is checked, wherever it is.
import {
  JetStreamConsumer,
  NatsJetStreamBatchContext,
  NatsJetStreamContext,
  subject,
  type ContextOf,
} from '@nest-jetstream/transport';
import { BaseRpcContext, Ctx, KafkaContext, NatsContext, Payload } from '@nestjs/microservices';
import { ORDER_CREATED, ORDER_UPDATED, type OrderCreatedEvent } from './orders.events.js';

const batch = { size: 10 };
const HEARTBEAT = subject<unknown>()('heart.beat');

export class ContextConsumer {
  @JetStreamConsumer(ORDER_CREATED)
  optional(@Payload() event: OrderCreatedEvent, @Ctx() context?: ContextOf<typeof ORDER_CREATED>): void {
    console.log(event, context);
  }

  @JetStreamConsumer(ORDER_CREATED)
  base(@Payload() event: OrderCreatedEvent, @Ctx() context: BaseRpcContext): void {
    console.log(event, context);
  }

  @JetStreamConsumer(ORDER_CREATED)
  third(@Payload() event: OrderCreatedEvent, @Payload('id') id: number, @Ctx() context: NatsJetStreamContext): void {
    console.log(event, id, context);
  }

  @JetStreamConsumer(ORDER_CREATED)
  unchecked(@Payload() event: OrderCreatedEvent, @Ctx() context: any, @Ctx() other: unknown, log = console): void {
    log.log(event, context, other);
  }

  @JetStreamConsumer(ORDER_CREATED, { durable: 'shop' })
  contextOnly(@Ctx() context: ContextOf<typeof ORDER_CREATED>): void {
    console.log(context.event.product);
  }

  @JetStreamConsumer(ORDER_CREATED, { durable: 'shop' })
  contextFirst(@Ctx() context: NatsJetStreamContext, @Payload() event: OrderCreatedEvent): void {
    console.log(context, event);
  }

  @JetStreamConsumer(ORDER_CREATED, { batch })
  batchContextFirst(@Ctx() context: NatsJetStreamBatchContext, @Payload() events: OrderCreatedEvent[]): void {
    console.log(context, events);
  }

  // error: The context parameter must be a NatsJetStreamContext, not the context of another transport.
  @JetStreamConsumer(ORDER_CREATED)
  nats(@Payload() event: OrderCreatedEvent, @Ctx() context: NatsContext): void {
    console.log(event, context);
  }

  // error: The context parameter must be a NatsJetStreamContext, not the context of another transport.
  @JetStreamConsumer(HEARTBEAT)
  kafka(@Payload() event: unknown, @Ctx() context: KafkaContext): void {
    console.log(event, context);
  }

  // error: The context parameter must accept the context of this subject, ContextOf<typeof SUBJECT>.
  @JetStreamConsumer(ORDER_CREATED)
  optionalOfAnother(@Payload() event: OrderCreatedEvent, @Ctx() context?: ContextOf<typeof ORDER_UPDATED>): void {
    console.log(event, context);
  }

  // error: The context parameter must accept the context of this subject, ContextOf<typeof SUBJECT>.
  @JetStreamConsumer(ORDER_CREATED)
  maybeOfAnother(
    @Payload() event: OrderCreatedEvent,
    @Ctx() context: ContextOf<typeof ORDER_UPDATED> | undefined,
  ): void {
    console.log(event, context);
  }

  // error: The context parameter must accept the context of this subject, ContextOf<typeof SUBJECT>.
  @JetStreamConsumer(ORDER_CREATED)
  thirdOfAnother(
    @Payload() event: OrderCreatedEvent,
    @Payload('id') id: number,
    @Ctx() context: ContextOf<typeof ORDER_UPDATED>,
  ): void {
    console.log(event, id, context);
  }

  // error: A NatsJetStreamBatchContext requires the option 'batch', such as { batch: { size: 100 } }.
  @JetStreamConsumer(ORDER_CREATED)
  thirdOfBatches(
    @Payload() event: OrderCreatedEvent,
    @Payload('id') id: number,
    @Ctx() context: NatsJetStreamBatchContext,
  ): void {
    console.log(event, id, context);
  }

  // error: With 'batch', the context parameter must be a NatsJetStreamBatchContext.
  @JetStreamConsumer(ORDER_CREATED, { batch })
  optionalOfOne(@Payload() events: OrderCreatedEvent[], @Ctx() context?: NatsJetStreamContext): void {
    console.log(events, context);
  }

  // error: With 'batch', the context parameter must be a NatsJetStreamBatchContext.
  @JetStreamConsumer(ORDER_CREATED, { batch })
  natsOfBatches(@Payload() events: OrderCreatedEvent[], @Ctx() context: NatsContext): void {
    console.log(events, context);
  }

  // error: The context parameter must accept the context of this subject, ContextOf<typeof SUBJECT>.
  @JetStreamConsumer(ORDER_CREATED)
  onlyOfAnother(@Ctx() context: ContextOf<typeof ORDER_UPDATED>): void {
    console.log(context);
  }

  // error: The parameter after the context must accept the event of this subject, EventOf<typeof SUBJECT>.
  @JetStreamConsumer(ORDER_CREATED)
  contextFirstOfAnother(@Ctx() context: NatsJetStreamContext, @Payload() event: { sku: string }): void {
    console.log(context, event);
  }

  // error: With 'batch', the parameter after the context must accept an array of the event.
  @JetStreamConsumer(ORDER_CREATED, { batch })
  batchContextFirstOfOne(@Ctx() context: NatsJetStreamBatchContext, @Payload() event: OrderCreatedEvent): void {
    console.log(context, event);
  }
}

declare const configured: string;
export class ConfiguredSubject {
  @JetStreamConsumer<OrderCreatedEvent>(configured)
  handle(@Payload() event: OrderCreatedEvent, @Ctx() context: NatsJetStreamContext): void {
    console.log(event, context);
  }
}
