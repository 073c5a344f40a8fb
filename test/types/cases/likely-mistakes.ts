// The most likely mistakes, with the line of the error to read.
import {
  BatchResult,
  defineStream,
  JetStreamConsumer,
  NatsJetStreamBatchContext,
  NatsJetStreamTransport,
  Outcome,
  subject,
  subjectPattern,
  subjectTemplate,
  type ContextOf,
  type NatsJetStreamClientProxy,
  type NatsJetStreamPubAck,
  type StandardSchema,
} from '@nest-jetstream/transport';
import { Ctx, NatsContext, Payload } from '@nestjs/microservices';

interface Created {
  id: number;
  product: string;
}
interface Updated {
  id: number;
  reason: string;
}
const CREATED = subject<Created>()('order.created');
const UPDATED = subject<Updated>()('order.updated');
const SHIPPED = subjectTemplate<Created>()('order.:id.shipped');
const Orders = defineStream({ name: 'ORDERS', subjects: ['order.>'], events: { CREATED, UPDATED, SHIPPED } });
const ANY = subjectPattern(Orders, 'order.*');
declare const client: NatsJetStreamClientProxy;
declare const dated: StandardSchema<{ at: Date }>;

client.emit(CREATED, { id: 1 }); // error: Property 'product' is missing in type '{ id: number; }' but required in type 'Created'.
client.emit(CREATED, { id: 1, product: 'Socks', prize: 1 }); // error: Object literal may only specify known properties, and 'prize' does not exist in type 'Created | NatsJetStreamRecord<Created>'.
client.emit(CREATED, { id: '1', product: 'Socks' }); // error: Type 'string' is not assignable to type 'number'.
client.emit(subject()('order.untyped'), { id: 1 }); // error: 'id' does not exist in type 'JetStreamTypeError<"State the event type, such as subject<OrderCreatedEvent>()('order.created').">
client.emit<NatsJetStreamPubAck, Updated>(CREATED, { id: 1, reason: '' }); // error: Argument of type 'EventSubject<"order.created", Created>' is not assignable to parameter of type 'JetStreamTypeError<"Pass a subject of the stated event type, or leave out the type arguments."> | StatedSubject<Updated>'.
client.emit(subject<Created>(), { id: 1, product: 'Socks' }); // error: Argument of type 'SubjectMaker<Created>' is not assignable to parameter of type 'JetStreamTypeError<"Pass a subject constant, such as subject<OrderCreatedEvent>()('order.created'), or a string.">'.
client.emit('order.*', {}); // error: Argument of type 'string' is not assignable to parameter of type 'JetStreamTypeError<"'order.*' is a pattern. Use a subject without '*' and '>'.">'.
client.emit(ANY, { id: 1, product: 'Socks' }); // error: but required in type 'JetStreamTypeError<"'order.*' is a pattern. Use a subject without '*' and '>'.">'.
client.emit(SHIPPED, { id: 1, product: 'Socks' }); // error: Property '[TYPE_ERROR]' is missing in type 'SubjectTemplate<"order.:id.shipped", Created, Created>' but required in type 'JetStreamTypeError<"'order.:id.shipped' is a template. Publish to a subject of its for(), and pass the template itself to a handler.">'.
SHIPPED.for({}); // error: Property 'id' is missing in type '{}' but required in type 'SubjectParams<"order.:id.shipped">'.
subject<Created>()('order..created'); // error: Argument of type 'string' is not assignable to parameter of type 'JetStreamTypeError<"'order..created' has an empty token. Write a name before and after each dot.">'.
subject<Created>()('order.:id'); // error: Argument of type 'string' is not assignable to parameter of type 'JetStreamTypeError<"':id' of 'order.:id' is a captured token. Use subjectTemplate() instead of subject().">'.
subject(dated)('order.dated'); // error: Argument of type 'StandardSchema<{ at: Date; }, { at: Date; }>' is not assignable to parameter of type '"JSON changes the type of 'at', so no message matches this schema. Use a type of JSON, such as string."'.
defineStream({ name: 'my.stream', subjects: ['order.>'] }); // error: Type 'string' is not assignable to type 'JetStreamTypeError<"'my.stream' is not a valid stream name. Remove white space, '.', '*', '>', '/' and '\\'.">'.
defineStream({ name: 'ORDERS', subjects: ['payment.>'], events: { CREATED } }); // error: Type 'EventSubject<"order.created", Created>' is not assignable to type '"Subject 'order.created' is not covered by the subjects of this stream."'.
defineStream({ name: 'ORDERS', subjects: ['order.>', 'order.created'] }); // error: Type 'string' is not assignable to type 'JetStreamTypeError<"Subjects 'order.>' and 'order.created' overlap. Remove or narrow one of them.">'.
NatsJetStreamTransport.forFeature({ streams: [Orders, defineStream({ name: 'ALL', subjects: ['*.created'] })] }); // error: Type 'StreamDefinition<{ readonly CREATED: EventSubject<"order.created", Created>; readonly UPDATED: EventSubject<"order.updated", Updated>; readonly SHIPPED: SubjectTemplate<...>; }, readonly [...], "ORDERS">' is not assignable to type '"Streams 'ORDERS' and 'ALL' overlap. Narrow the subjects of one of them."'.
JetStreamConsumer(CREATED, { durabel: 'shop' }); // error: Object literal may only specify known properties, but 'durabel' does not exist in type 'JetStreamConsumerOptions<Created>'. Did you mean to write 'durable'?
JetStreamConsumer(CREATED, { ackWait: '30 seconds' }); // error: Type '"30 seconds"' is not assignable to type 'Duration | undefined'.
JetStreamConsumer(CREATED, { backoff: ['1s'], ackWait: '30s' }); // error: Property '[TYPE_ERROR]' is missing in type 'string[]' but required in type 'JetStreamTypeError<"'backoff' and 'ackWait' cannot be combined, because backoff sets the redelivery delays itself. Remove one of them.">'.

export class LikelyMistakes {
  // error: Decorator function return type 'JetStreamTypeError<"The first parameter must accept the event of this subject, EventOf<typeof SUBJECT>.">' is not assignable to type 'void | TypedPropertyDescriptor<(event: Updated) => void>'.
  @JetStreamConsumer(CREATED)
  event(@Payload() event: Updated): void {
    console.log(event);
  }

  // error: Decorator function return type 'JetStreamTypeError<"An array of events requires the option 'batch', such as { batch: { size: 100 } }.">' is not assignable to type 'void | TypedPropertyDescriptor<(events: Created[]) => void>'.
  @JetStreamConsumer(CREATED)
  array(@Payload() events: Created[]): void {
    console.log(events);
  }

  // error: Decorator function return type 'JetStreamTypeError<"With 'batch', the first parameter must accept an array of the event.">' is not assignable to type 'void | TypedPropertyDescriptor<(event: Created) => void>'.
  @JetStreamConsumer(CREATED, { batch: { size: 10 } })
  single(@Payload() event: Created): void {
    console.log(event);
  }

  // error: Decorator function return type 'JetStreamTypeError<"The context parameter must accept the context of this subject, ContextOf<typeof SUBJECT>.">' is not assignable to type 'void | TypedPropertyDescriptor<(event: Created, context: NatsJetStreamContext<"order.updated", Updated, Readonly<Record<string, never>>>) => void>'.
  @JetStreamConsumer(CREATED)
  context(@Payload() event: Created, @Ctx() context: ContextOf<typeof UPDATED>): void {
    console.log(event, context);
  }

  // error: Decorator function return type 'JetStreamTypeError<"The context parameter must be a NatsJetStreamContext, not the context of another transport.">' is not assignable to type 'void | TypedPropertyDescriptor<(event: Created, context: NatsContext) => void>'.
  @JetStreamConsumer(CREATED)
  transport(@Payload() event: Created, @Ctx() context: NatsContext): void {
    console.log(event, context);
  }

  // error: Decorator function return type 'JetStreamTypeError<"A batch handler must return BatchResult.of(outcomes) instead of an array of outcomes.">' is not assignable to type 'void | TypedPropertyDescriptor<(events: Created[], context: NatsJetStreamBatchContext) => Outcome[]>'.
  @JetStreamConsumer(CREATED, { batch: { size: 10 } })
  outcomes(@Payload() events: Created[], @Ctx() context: NatsJetStreamBatchContext): Outcome[] {
    console.log(context, BatchResult);
    return events.map(() => Outcome.ack());
  }
}
