import { JetStreamConsumer, NatsJetStreamContext } from '@nest-jetstream/transport';
import { Ctx, Payload } from '@nestjs/microservices';
import { ORDER_CREATED, ORDER_UPDATED, type OrderCreatedEvent } from './orders.events.js';

export class WrongConsumer {
  // error: The first parameter must accept the event of this subject, EventOf<typeof SUBJECT>.
  @JetStreamConsumer(ORDER_UPDATED)
  otherEvent(@Payload() event: OrderCreatedEvent): void {
    console.log(event);
  }

  // error: The first parameter must accept the event of this subject, EventOf<typeof SUBJECT>.
  @JetStreamConsumer(ORDER_CREATED)
  moreFields(@Payload() event: OrderCreatedEvent & { discount: number }): void {
    console.log(event);
  }

  // error: The first parameter must accept the event of this subject, EventOf<typeof SUBJECT>.
  @JetStreamConsumer(ORDER_CREATED)
  otherFieldType(@Payload() event: { id: string }): void {
    console.log(event);
  }

  // error: The first parameter must accept the event of this subject, EventOf<typeof SUBJECT>.
  @JetStreamConsumer(ORDER_CREATED)
  text(@Payload() event: string): void {
    console.log(event);
  }

  // error: The first parameter must accept the event of this subject, EventOf<typeof SUBJECT>.
  @JetStreamConsumer(ORDER_CREATED)
  contextFirst(@Ctx() context: NatsJetStreamContext, @Payload() event: OrderCreatedEvent): void {
    console.log(context, event);
  }

  // error: The first parameter must accept the event of this subject, EventOf<typeof SUBJECT>.
  @JetStreamConsumer(ORDER_CREATED)
  contextOnly(@Ctx() context: NatsJetStreamContext): void {
    console.log(context);
  }
}
