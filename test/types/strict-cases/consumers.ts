import { JetStreamConsumer, type ContextOf, type EventOf } from '@nest-jetstream/transport';
import { Ctx, Payload } from '@nestjs/microservices';
import { OTHER, type OrderCreatedEvent, type OrderUpdatedEvent } from './contracts.js';

type Equal<One, Other> = (<T>() => T extends One ? 1 : 2) extends <T>() => T extends Other ? 1 : 2 ? true : false;
type Expect<T extends true> = T;

export type Events = [
  Expect<Equal<EventOf<'order.created'>, OrderCreatedEvent>>,
  Expect<Equal<EventOf<'order.*'>, OrderCreatedEvent | OrderUpdatedEvent>>,
];

export class StrictConsumers {
  @JetStreamConsumer('order.created')
  created(@Payload() event: OrderCreatedEvent): void {
    console.log(event.product);
  }

  @JetStreamConsumer('order.*')
  every(@Payload() _event: OrderCreatedEvent | OrderUpdatedEvent, @Ctx() context: ContextOf<'order.*'>): void {
    if (context.subject === 'order.created') console.log(context.event.product);
    else console.log(context.event.quantity);
  }

  @JetStreamConsumer(OTHER)
  other(@Payload() event: { other: true }): void {
    console.log(event);
  }

  // error: The first parameter must accept the event of this subject, EventOf<typeof SUBJECT>.
  @JetStreamConsumer('order.created')
  wrongEvent(@Payload() event: OrderUpdatedEvent): void {
    console.log(event);
  }

  // error: The first parameter must accept the event of this subject, EventOf<typeof SUBJECT>.
  @JetStreamConsumer('order.*')
  onlyOne(@Payload() event: OrderCreatedEvent): void {
    console.log(event);
  }

  // error: No subject of JetStreamContracts matches 'stock.*'.
  @JetStreamConsumer('stock.*')
  unknownPattern(@Payload() event: unknown): void {
    console.log(event);
  }

  // error: No subject of JetStreamContracts matches 'order.craeted'.
  @JetStreamConsumer('order.craeted')
  unknownSubject(@Payload() event: unknown): void {
    console.log(event);
  }

  // error: The context parameter must accept the context of this subject, ContextOf<typeof SUBJECT>.
  @JetStreamConsumer('order.created')
  wrongContext(@Payload() event: OrderCreatedEvent, @Ctx() context: ContextOf<'order.updated'>): void {
    console.log(event, context);
  }
}
