// A schema has two types: its input is published, and its output is what a handler receives.
import {
  defineStream,
  JetStreamConsumer,
  NatsJetStreamRecordBuilder,
  subject,
  subjectPattern,
  subjectTemplate,
  type ContextOf,
  type EventArgument,
  type EventOf,
  type NatsJetStreamClientProxy,
  type NatsJetStreamPubAck,
  type PublishedEventOf,
  type SchemaSubject,
  type StandardSchema,
  type SubjectOf,
} from '@nest-jetstream/transport';
import { Ctx, Payload } from '@nestjs/microservices';
import { ORDER_UPDATED } from './orders.events.js';
import type { Equal, Expect } from './type-equality.js';

declare const client: NatsJetStreamClientProxy;

type OrderId = string & { readonly brand: 'order' };
interface Written {
  id: string;
  at: string;
  note?: string | undefined;
}
interface Read {
  id: OrderId;
  at: Date;
  note: string;
}
declare const schema: StandardSchema<Written, Read>;
declare const textToNumber: StandardSchema<string, number>;
declare const coerced: StandardSchema<unknown, { at: Date }>;
declare const dated: StandardSchema<{ at: Date }, { at: string }>;

export const ORDER_PLACED = subject(schema)('order.placed');
export const ORDER_COUNTED = subject(textToNumber)('order.counted');
export const ORDER_COERCED = subject(coerced)('order.coerced');
export const ORDER_SHIPPED = subjectTemplate(schema)('order.:region.shipped');
export const Orders = defineStream({
  name: 'ORDERS',
  subjects: ['order.>'],
  events: { ORDER_PLACED, ORDER_COUNTED, ORDER_SHIPPED, ORDER_UPDATED },
});
export const PLACED = subjectPattern(Orders, 'order.placed');
export const ANY = subjectPattern(Orders, '*.*.shipped');

export type Types = [
  Expect<Equal<typeof ORDER_PLACED, SchemaSubject<'order.placed', Read, Written>>>,
  Expect<Equal<EventOf<typeof ORDER_PLACED>, Read>>,
  Expect<Equal<PublishedEventOf<typeof ORDER_PLACED>, Written>>,
  Expect<Equal<EventArgument<typeof ORDER_PLACED>, Written>>,
  Expect<Equal<ContextOf<typeof ORDER_PLACED>['event'], Read>>,
  Expect<Equal<EventOf<typeof ORDER_SHIPPED>, Read>>,
  Expect<Equal<PublishedEventOf<typeof ORDER_SHIPPED>, Written>>,
  Expect<Equal<EventOf<typeof PLACED>, Read>>,
  Expect<Equal<EventOf<typeof ANY>, Read>>,
  Expect<Equal<PublishedEventOf<typeof ORDER_COERCED>, unknown>>,
];

client.emit(ORDER_PLACED, { id: '1', at: '2026-11-28' });
client.emit<NatsJetStreamPubAck, Written>(ORDER_PLACED, { id: '1', at: '2026-11-28' });
void client.emitAsync(ORDER_PLACED, { id: '1', at: '2026-11-28', note: 'mine' }, { validate: true });
void client.emitAsync(ORDER_PLACED, new NatsJetStreamRecordBuilder({ id: '1', at: '2026-11-28' }).build());
void client.emitAsync(ORDER_COUNTED, '7');
void client.emitAsync(ORDER_COERCED, { at: '2026-11-28' });
void client.emitAsync(ORDER_SHIPPED.for({ region: 'eu' }), { id: '1', at: '2026-11-28' });
void client.emitAll([[ORDER_PLACED, { id: '1', at: '2026-11-28' }]]);

export async function publishOf<Event>(one: SubjectOf<Event>, event: Event): Promise<void> {
  await client.emitAsync<Event>(one, event);
}
void publishOf(ORDER_PLACED, { id: '1', at: '2026-11-28' });
void publishOf<Written>(ORDER_PLACED, { id: '1', at: '2026-11-28' });

declare const read: Read;
client.emit(ORDER_PLACED, read); // error: Types of property 'at' are incompatible. Type 'Date' is not assignable to type 'string'.
client.emit(ORDER_PLACED, { id: '1' }); // error: Property 'at' is missing in type '{ id: string; }' but required in type 'Written'.
client.emit(ORDER_COUNTED, 7); // error: Argument of type 'number' is not assignable to parameter of type 'string | NatsJetStreamRecord<string>'.
client.emit<NatsJetStreamPubAck, Read>(ORDER_PLACED, read); // error: Argument of type 'SchemaSubject<"order.placed", Read, Written>' is not assignable to parameter of type 'JetStreamTypeError<"Pass a subject of the stated event type, or leave out the type arguments."> | StatedSubject<Read>'.
client.emit(ORDER_SHIPPED.for({ region: 'eu' }), read); // error: Types of property 'at' are incompatible. Type 'Date' is not assignable to type 'string'.
void client.emitAll([[ORDER_PLACED, read]]); // error: Types of property 'at' are incompatible. Type 'Date' is not assignable to type 'string'.
void publishOf<Read>(ORDER_PLACED, read); // error: Argument of type 'SchemaSubject<"order.placed", Read, Written>' is not assignable to parameter of type 'SubjectOf<Read>'.
subject(dated)('order.dated'); // error: JSON changes the type of 'at', so no message matches this schema. Use a type of JSON, such as string.

export class SidesConsumer {
  @JetStreamConsumer(ORDER_PLACED, { orderBy: (event) => event.id })
  placed(@Payload() event: Read, @Ctx() context: ContextOf<typeof ORDER_PLACED>): void {
    console.log(event.at.getTime(), context.event.note.length);
  }

  @JetStreamConsumer(ORDER_SHIPPED)
  shipped(@Payload() event: EventOf<typeof ORDER_SHIPPED>): void {
    console.log(event.at.getTime());
  }

  @JetStreamConsumer<Read>(ORDER_PLACED)
  stated(@Payload() event: Read): void {
    console.log(event);
  }

  // error: The first parameter must accept the event of this subject, EventOf<typeof SUBJECT>.
  @JetStreamConsumer(ORDER_PLACED)
  written(@Payload() event: Written): void {
    console.log(event);
  }

  // error: The first parameter must accept the event of this subject, EventOf<typeof SUBJECT>.
  @JetStreamConsumer(ORDER_COUNTED)
  text(@Payload() event: string): void {
    console.log(event);
  }
}

JetStreamConsumer<Written>(ORDER_PLACED); // error: Argument of type 'SchemaSubject<"order.placed", Read, Written>' is not assignable to parameter of type 'StatedHandlerSubject<Written>'.
