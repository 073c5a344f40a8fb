// Functions that are generic over the subject.
import {
  handlerDecorators,
  JetStreamConsumer,
  subject,
  type EventArgument,
  type EventOf,
  type NatsJetStreamClientProxy,
  type NatsJetStreamPubAck,
  type PublishedEventOf,
  type SchemaSubject,
  type StatedHandlerSubject,
  type SubjectTemplate,
  type TypedSubjectOf,
} from '@nest-jetstream/transport';
import { applyDecorators, SetMetadata, UseGuards } from '@nestjs/common';
import { Payload } from '@nestjs/microservices';
import { ORDER_CREATED, ORDER_UPDATED, type OrderCreatedEvent } from './orders.events.js';

declare const client: NatsJetStreamClientProxy;
declare const NOTED: SchemaSubject<'order.noted', { note: string }, { note?: string }>;
declare const SHIPPED: SubjectTemplate<'order.:id.shipped', { carrier: string }>;

export function publish<Subject extends TypedSubjectOf<any>>(
  one: Subject,
  event: PublishedEventOf<Subject>,
): Promise<NatsJetStreamPubAck> {
  client.emit<NatsJetStreamPubAck, PublishedEventOf<Subject>>(one, event);
  void client.emitAsync<PublishedEventOf<Subject>>(one, 1); // error: Argument of type 'number' is not assignable to parameter of type
  return client.emitAsync<PublishedEventOf<Subject>>(one, event, { validate: true });
}
export async function publishAll<Subject extends TypedSubjectOf<any>>(
  one: Subject,
  events: readonly EventArgument<Subject>[],
): Promise<void> {
  for (const event of events) await client.emitAsync<EventArgument<Subject>>(one, event);
}

void publish(ORDER_CREATED, { id: 1, product: 'Socks', quantity: 1 });
void publish(NOTED, {});
void publish(SHIPPED.for({ id: '7' }), { carrier: 'Snail' });
void publishAll(ORDER_UPDATED, [{ id: 1, quantity: 1 }]);
void publish(ORDER_CREATED, { id: 1, quantity: 1 }); // error: Property 'product' is missing in type '{ id: number; quantity: number; }' but required in type 'OrderCreatedEvent'.
void publish('order.created', {}); // error: Argument of type 'string' is not assignable to parameter of type

const EVENTS = { ORDER_CREATED, ORDER_UPDATED };
export function publishNamed<Name extends keyof typeof EVENTS>(
  name: Name,
  event: PublishedEventOf<(typeof EVENTS)[Name]>,
): Promise<NatsJetStreamPubAck> {
  return publish<(typeof EVENTS)[Name]>(EVENTS[name], event);
}
void publishNamed('ORDER_UPDATED', { id: 1, quantity: 1 });
void publishNamed('ORDER_UPDATED', { id: 1 }); // error: Property 'quantity' is missing in type '{ id: number; }' but required in type 'OrderUpdatedEvent'.

export const prefixed = <Name extends string>(name: Name) => subject<OrderCreatedEvent>()<string>(`order.${name}`);

const GUARDED = SetMetadata('guarded', true);
class Guard {
  canActivate(): boolean {
    return true;
  }
}
export const On = <Event>(one: StatedHandlerSubject<Event>) => JetStreamConsumer<Event>(one);
export const Guarded = <Event>(one: StatedHandlerSubject<Event>) =>
  handlerDecorators(JetStreamConsumer<Event>(one, { durable: 'guarded' }), UseGuards(Guard), GUARDED);

applyDecorators(JetStreamConsumer(ORDER_CREATED), UseGuards(Guard)); // error: is not assignable to parameter of type

export class GenericConsumer {
  @On(ORDER_CREATED)
  created(@Payload() event: OrderCreatedEvent): void {
    console.log(event.product);
  }

  @Guarded(ORDER_UPDATED)
  updated(@Payload() event: EventOf<typeof ORDER_UPDATED>): void {
    console.log(event.quantity);
  }

  @handlerDecorators(JetStreamConsumer(ORDER_CREATED, { batch: { size: 10 } }), UseGuards(Guard))
  batch(@Payload() events: OrderCreatedEvent[]): void {
    console.log(events.length);
  }

  // error: The first parameter must accept the event of this subject, EventOf<typeof SUBJECT>.
  @On(ORDER_CREATED)
  wrong(@Payload() event: { sku: string }): void {
    console.log(event);
  }

  // error: The first parameter must accept the event of this subject, EventOf<typeof SUBJECT>.
  @Guarded(ORDER_CREATED)
  guardedWrong(@Payload() event: { sku: string }): void {
    console.log(event);
  }
}
