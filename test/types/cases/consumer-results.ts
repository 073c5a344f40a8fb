// Results that would not settle the messages as intended.
import { BatchResult, JetStreamConsumer, Outcome, RetryError, TerminateError } from '@nest-jetstream/transport';
import { Payload } from '@nestjs/microservices';
import { of, type Observable } from 'rxjs';
import { ORDER_CREATED, type OrderCreatedEvent } from './orders.events.js';

const batch = { size: 10 };

export class ResultConsumer {
  @JetStreamConsumer(ORDER_CREATED)
  outcome(@Payload() event: OrderCreatedEvent): Outcome | undefined {
    return event.id > 0 ? undefined : Outcome.terminate('no id');
  }

  @JetStreamConsumer(ORDER_CREATED)
  async event(@Payload() event: OrderCreatedEvent): Promise<OrderCreatedEvent> {
    return event;
  }

  @JetStreamConsumer(ORDER_CREATED)
  list(@Payload() event: OrderCreatedEvent): number[] {
    return [event.id];
  }

  @JetStreamConsumer(ORDER_CREATED)
  async empty(@Payload() _event: OrderCreatedEvent) {
    return [];
  }

  @JetStreamConsumer(ORDER_CREATED)
  generic<Event>(@Payload() event: Event): Event {
    return event;
  }

  @JetStreamConsumer(ORDER_CREATED)
  observable(@Payload() event: OrderCreatedEvent): Observable<number> {
    return of(event.id);
  }

  @JetStreamConsumer(ORDER_CREATED, { batch })
  async results(@Payload() events: OrderCreatedEvent[]): Promise<BatchResult | void> {
    if (events.length > 1) return BatchResult.of(events.map(() => Outcome.ack()));
  }

  @JetStreamConsumer<OrderCreatedEvent>('order.created', { batch })
  stated(@Payload() events: OrderCreatedEvent[]): BatchResult {
    return BatchResult.of(events.map(() => Outcome.ack()));
  }

  // error: A batch handler must return BatchResult.of(outcomes) instead of an array of outcomes.
  @JetStreamConsumer(ORDER_CREATED, { batch })
  outcomes(@Payload() events: OrderCreatedEvent[]): Outcome[] {
    return events.map(() => Outcome.ack());
  }

  // error: A batch handler must return BatchResult.of(outcomes) instead of an array of outcomes.
  @JetStreamConsumer(ORDER_CREATED, { batch })
  async awaited(@Payload() events: OrderCreatedEvent[]) {
    return Promise.all(events.map(async ({ id }) => (id > 0 ? undefined : Outcome.retry())));
  }

  // error: A handler of one event must return an Outcome instead of an array of outcomes.
  @JetStreamConsumer(ORDER_CREATED)
  several(@Payload() event: OrderCreatedEvent) {
    return event.id > 0 ? undefined : [Outcome.retry()];
  }

  // error: A handler of one event must return an Outcome instead of a BatchResult.
  @JetStreamConsumer(ORDER_CREATED)
  async batchResult(@Payload() _event: OrderCreatedEvent): Promise<BatchResult> {
    return BatchResult.of([Outcome.ack()]);
  }
}

declare function save(event: OrderCreatedEvent): Promise<void>;

export class ForgottenConsumer {
  @JetStreamConsumer(ORDER_CREATED)
  async parallel(@Payload() event: OrderCreatedEvent): Promise<void[]> {
    return Promise.all([save(event), save(event)]);
  }

  @JetStreamConsumer(ORDER_CREATED, { batch })
  awaited(@Payload() events: OrderCreatedEvent[]): Promise<void[]> {
    return Promise.all(events.map(save));
  }

  @JetStreamConsumer(ORDER_CREATED)
  async any(@Payload() event: OrderCreatedEvent): Promise<any> {
    return event;
  }

  @JetStreamConsumer(ORDER_CREATED)
  named(@Payload() event: OrderCreatedEvent): { name: string; message: string; delay: number } {
    return { name: event.product, message: '', delay: 1 };
  }

  // error: The handler returns an array of promises, which Nest does not await. Return Promise.all() of it.
  @JetStreamConsumer(ORDER_CREATED, { batch })
  promises(@Payload() events: OrderCreatedEvent[]): Promise<void>[] {
    return events.map(save);
  }

  // error: The handler returns an array of promises, which Nest does not await. Return Promise.all() of it.
  @JetStreamConsumer(ORDER_CREATED, { batch })
  async promisedOutcomes(@Payload() events: OrderCreatedEvent[]) {
    return events.map(async ({ id }) => (id > 0 ? Outcome.ack() : Outcome.retry()));
  }

  // error: The handler returns an array of promises, which Nest does not await. Return Promise.all() of it.
  @JetStreamConsumer<OrderCreatedEvent>('order.created')
  stated(@Payload() event: OrderCreatedEvent) {
    return [save(event), save(event)] as const;
  }

  // error: A handler of one event must return an Outcome instead of an array of outcomes.
  @JetStreamConsumer(ORDER_CREATED)
  observedOutcomes(@Payload() _event: OrderCreatedEvent): Observable<Outcome[]> {
    return of([Outcome.retry()]);
  }

  // error: The handler returns a function. Call it.
  @JetStreamConsumer(ORDER_CREATED)
  uncalled(@Payload() event: OrderCreatedEvent) {
    return event.id > 0 ? undefined : Outcome.retry;
  }

  // error: Throw a RetryError or a TerminateError instead of returning it.
  @JetStreamConsumer(ORDER_CREATED)
  returnedRetry(@Payload() event: OrderCreatedEvent) {
    return event.id > 0 ? undefined : new RetryError('later');
  }

  // error: Throw a RetryError or a TerminateError instead of returning it.
  @JetStreamConsumer(ORDER_CREATED, { batch })
  async returnedTermination(@Payload() events: OrderCreatedEvent[]) {
    if (events.length > 1) return new TerminateError('no id');
    return undefined;
  }
}

export class HeadersConsumer {
  @JetStreamConsumer(ORDER_CREATED, { headersOnly: true, deadLetter: 'off' })
  nothing(): void {}

  @JetStreamConsumer(ORDER_CREATED, { headersOnly: true, deadLetter: 'off' })
  none(@Payload() event: undefined): void {
    console.log(event);
  }

  @JetStreamConsumer(ORDER_CREATED, { headersOnly: true, deadLetter: 'off', batch })
  batched(@Payload() events: undefined[]): void {
    console.log(events.length);
  }

  @JetStreamConsumer(ORDER_CREATED, { headersOnly: false })
  whole(@Payload() event: OrderCreatedEvent): void {
    console.log(event);
  }

  // error: The first parameter must accept the event of this subject, which is undefined with 'headersOnly'.
  @JetStreamConsumer(ORDER_CREATED, { headersOnly: true, deadLetter: 'off' })
  event(@Payload() event: OrderCreatedEvent): void {
    console.log(event.product);
  }
}
