import {
  JetStreamConsumer,
  subject,
  subjectTemplate,
  type EventOf,
  type NatsJetStreamClientProxy,
  type StandardSchema,
} from '@nest-jetstream/transport';
import { Payload } from '@nestjs/microservices';
import type { OrderCreatedEvent } from './orders.events.js';
import type { Equal, Expect } from './type-equality.js';

declare const client: NatsJetStreamClientProxy;
declare const orderSchema: StandardSchema<OrderCreatedEvent>;
declare const withDefault: StandardSchema<{ id: number; note?: string }, { id: number; note: string }>;

export const ORDER_CREATED = subject(orderSchema)('order.created');
export const ORDER_NOTED = subject(withDefault)('order.noted');
export const ORDER_SHIPPED = subjectTemplate(orderSchema)('order.:region.shipped');

export type Events = [
  Expect<Equal<EventOf<typeof ORDER_CREATED>, OrderCreatedEvent>>,
  Expect<Equal<EventOf<typeof ORDER_NOTED>, { id: number; note: string }>>,
  Expect<Equal<EventOf<typeof ORDER_SHIPPED>, OrderCreatedEvent>>,
];

client.emit(ORDER_CREATED, { id: 1, product: 'Socks', quantity: 1 });
void client.emitAsync(ORDER_CREATED, { id: 1, product: 'Socks', quantity: 1 }, { validate: true });

export class SchemaConsumer {
  @JetStreamConsumer(ORDER_CREATED)
  handle(@Payload() event: OrderCreatedEvent): void {
    console.log(event.product);
  }

  // error: The first parameter must accept the event of this subject, EventOf<typeof SUBJECT>.
  @JetStreamConsumer(ORDER_NOTED)
  other(@Payload() event: OrderCreatedEvent): void {
    console.log(event.product);
  }
}

client.emit(ORDER_CREATED, { id: 1 }); // error: missing the following properties from type 'OrderCreatedEvent'
void client.emitAsync(ORDER_CREATED, { id: 1, product: 'Socks', quantity: 1 }, { validate: 1 }); // error: Type 'number' is not assignable to type 'boolean | undefined'
subject({ parse: () => 1 })('order.parsed'); // error: Pass a Standard Schema without a type argument, or write subject<OrderCreatedEvent>()('order.created').
subject(orderSchema)('order.*'); // error: 'order.*' is a pattern. Use a subject without '*' and '>'.
subjectTemplate(orderSchema)('order.shipped'); // error: 'order.shipped' captures no token

// JSON does not carry these inputs, so no message would match their schemas.
interface Bill {
  id: number;
  paid: { at: Date; by: string };
}
class Money {
  constructor(readonly cents: number) {}

  plus(other: Money): Money {
    return new Money(this.cents + other.cents);
  }
}
type Json = string | number | boolean | null | Json[] | { [key: string]: Json };
type Tree = { name: string; children: Tree[] };
type DatedTree = { at: Date; children: DatedTree[] };
declare const kept: StandardSchema<{
  id: CustomerId;
  tree: Tree;
  at: string | Date;
  note?: string | undefined;
  pair: [string, number];
  rest: readonly [string, ...number[]];
  lists: readonly (readonly string[])[];
  json: Json;
  labels: Record<string, unknown>;
  any: any;
}>;
type CustomerId = string & { readonly brand: 'customer' };
declare const dated: StandardSchema<{ id: number; at: Date }>;
declare const optionalDate: StandardSchema<{ at?: Date | undefined }>;
declare const nested: StandardSchema<{ bill: Bill }>;
declare const date: StandardSchema<Date>;
declare const list: StandardSchema<{ times: Date[] }>;
declare const counted: StandardSchema<{ count: bigint }>;
declare const mapped: StandardSchema<Map<string, number>>;
declare const tags: StandardSchema<{ tags: Set<string> }>;
declare const money: StandardSchema<{ price: Money }>;
declare const later: StandardSchema<{ total: Promise<number> }>;
declare const mark: StandardSchema<{ mark: symbol }>;
declare const tree: StandardSchema<DatedTree>;
declare const either: StandardSchema<{ kind: 'paid'; at: Date } | { kind: 'open' }>;

subject(kept)('bill.kept');
subject(dated)('bill.dated'); // error: JSON changes the type of 'at', so no message matches this schema. Use a type of JSON, such as string.
subject(optionalDate)('bill.optional'); // error: JSON changes the type of 'at', so no message matches this schema. Use a type of JSON, such as string.
subject(nested)('bill.nested'); // error: JSON changes the type of 'bill', so no message matches this schema. Use a type of JSON, such as string.
subject(date)('bill.date'); // error: JSON changes the type of this event, so no message matches this schema. Use a type of JSON, such as string.
subject(list)('bill.list'); // error: JSON changes the type of 'times', so no message matches this schema. Use a type of JSON, such as string.
subject(counted)('bill.counted'); // error: JSON changes the type of 'count', so no message matches this schema. Use a type of JSON, such as string.
subject(mapped)('bill.mapped'); // error: JSON changes the type of this event, so no message matches this schema. Use a type of JSON, such as string.
subject(tags)('bill.tags'); // error: JSON changes the type of 'tags', so no message matches this schema. Use a type of JSON, such as string.
subject(money)('bill.money'); // error: JSON changes the type of 'price', so no message matches this schema. Use a type of JSON, such as string.
subject(later)('bill.later'); // error: JSON changes the type of 'total', so no message matches this schema. Use a type of JSON, such as string.
subject(mark)('bill.mark'); // error: JSON changes the type of 'mark', so no message matches this schema. Use a type of JSON, such as string.
subject(tree)('bill.tree'); // error: so no message matches this schema. Use a type of JSON, such as string.
subject(either)('bill.either'); // error: JSON changes the type of this event, so no message matches this schema. Use a type of JSON, such as string.
subjectTemplate(dated)('bill.:id.dated'); // error: JSON changes the type of 'at', so no message matches this schema. Use a type of JSON, such as string.
