// Nest calls a handler. Calling a generator does not run its body.
import { JetStreamConsumer } from '@nest-jetstream/transport';
import { Controller } from '@nestjs/common';
import { Payload } from '@nestjs/microservices';
import { Subject, type Observable } from 'rxjs';
import { ORDER_CREATED, type OrderCreatedEvent } from './orders.events.js';

@Controller()
export class GeneratorController {
  // error: The handler is a generator, so its body would not run. Make it an async function.
  @JetStreamConsumer(ORDER_CREATED)
  *generator(@Payload() event: OrderCreatedEvent): Generator<number> {
    yield event.id;
  }

  // error: The handler is a generator, so its body would not run. Make it an async function.
  @JetStreamConsumer(ORDER_CREATED, { durable: 'generators' })
  async *asyncGenerator(@Payload() event: OrderCreatedEvent): AsyncGenerator<number> {
    yield event.id;
  }

  @JetStreamConsumer(ORDER_CREATED)
  observable(@Payload() event: OrderCreatedEvent): Observable<number> {
    return new Subject<number>().asObservable().pipe(() => new Subject<number>());
  }

  @JetStreamConsumer(ORDER_CREATED)
  subject(@Payload() _event: OrderCreatedEvent): Subject<number> {
    return new Subject<number>();
  }

  @JetStreamConsumer(ORDER_CREATED)
  anything(@Payload() event: OrderCreatedEvent): ReturnType<typeof JSON.parse> {
    return event;
  }

  @JetStreamConsumer(ORDER_CREATED)
  never(@Payload() event: OrderCreatedEvent): never {
    throw new Error(`${event.id}`);
  }

  // error: The first parameter must accept the event of this subject, EventOf<typeof SUBJECT>.
  @JetStreamConsumer(ORDER_CREATED)
  anythingOfAnother(@Payload() event: { nothing: string }): ReturnType<typeof JSON.parse> {
    return event;
  }
}
