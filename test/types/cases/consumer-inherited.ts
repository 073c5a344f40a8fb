// Inherited handlers, and handlers of generic and abstract classes.
import { JetStreamConsumer, NatsJetStreamContext } from '@nest-jetstream/transport';
import { Ctx, Payload } from '@nestjs/microservices';
import { ORDER_CREATED, ORDER_UPDATED, type OrderCreatedEvent, type OrderUpdatedEvent } from './orders.events.js';

export abstract class AbstractConsumer {
  protected abstract store(event: OrderCreatedEvent): Promise<void>;

  @JetStreamConsumer(ORDER_CREATED)
  async created(@Payload() event: OrderCreatedEvent): Promise<void> {
    await this.store(event);
  }

  // error: The first parameter must accept the event of this subject, EventOf<typeof SUBJECT>.
  @JetStreamConsumer(ORDER_CREATED)
  wrong(@Payload() event: OrderUpdatedEvent & { reason: string }): void {
    console.log(event);
  }
}

export class InheritingConsumer extends AbstractConsumer {
  protected async store(event: OrderCreatedEvent): Promise<void> {
    await Promise.resolve(event);
  }

  @JetStreamConsumer(ORDER_CREATED, { durable: 'overridden' })
  override async created(@Payload() event: OrderCreatedEvent, @Ctx() context?: NatsJetStreamContext): Promise<void> {
    console.log(context?.subject);
    await super.created(event);
  }
}

export abstract class GenericConsumer<Event extends { id: number }> {
  abstract handle(event: Event): number;
}

export class OfGeneric extends GenericConsumer<OrderCreatedEvent> {
  @JetStreamConsumer(ORDER_CREATED)
  handle(@Payload() event: OrderCreatedEvent): number {
    return event.id;
  }
}

export class OfAnotherGeneric extends GenericConsumer<OrderUpdatedEvent & { reason: string }> {
  // error: The first parameter must accept the event of this subject, EventOf<typeof SUBJECT>.
  @JetStreamConsumer(ORDER_UPDATED)
  handle(@Payload() event: OrderUpdatedEvent & { reason: string }): number {
    return event.id;
  }
}

export class Several {
  @JetStreamConsumer(ORDER_CREATED)
  protected hidden(@Payload() event: OrderCreatedEvent): number {
    return event.id;
  }

  @JetStreamConsumer(ORDER_CREATED)
  generic<Event extends OrderUpdatedEvent>(@Payload() event: Event): number {
    return event.quantity;
  }
}
