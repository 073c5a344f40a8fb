// Code that is generic over the event, with and without an explicit type argument.
import type {
  NatsJetStreamClientProxy,
  NatsJetStreamPubAck,
  NatsJetStreamRecord,
  SubjectOf,
} from '@nest-jetstream/transport';
import { ORDER_CREATED, ORDER_UPDATED } from './orders.events.js';

declare const client: NatsJetStreamClientProxy;

export async function stated<Event>(subject: SubjectOf<Event>, event: Event, record: NatsJetStreamRecord<Event>) {
  await client.emitAsync<Event>(subject, event);
  await client.emitAsync<Event>(subject, record);
  client.emit<NatsJetStreamPubAck, Event>(subject, event);
  client.send<NatsJetStreamPubAck, Event>(subject, event);
  await client.request<string, Event>(subject, event);
  await client.emitAsync<Event>(subject, 1); // error: 'number' is not assignable to parameter of type 'Event | NatsJetStreamRecord<Event>'
  await client.emitAsync<Event>(ORDER_CREATED, event); // error: Pass a subject of the stated event type, or leave out the type arguments.
}

export async function inferred<Event>(subject: SubjectOf<Event>, event: Event, record: NatsJetStreamRecord<Event>) {
  await client.emitAsync(subject, event);
  await client.emitAsync(subject, record);
  client.emit(subject, event);
  await client.emitAsync(subject, 1); // error: 'number' is not assignable to parameter of type 'Event | NatsJetStreamRecord<Event>'
  await client.emitAsync(ORDER_CREATED, event); // error: 'Event' is not assignable to parameter of type
}

export class Outbox<Event extends { id: number }> {
  constructor(private readonly subject: SubjectOf<Event>) {}

  async publish(event: Event): Promise<number> {
    return (await client.emitAsync<Event>(this.subject, event)).seq + event.id;
  }
}

void new Outbox(ORDER_CREATED).publish({ id: 1, product: 'Socks', quantity: 1 });
void new Outbox(ORDER_UPDATED).publish({ id: 1 }); // error: Property 'quantity' is missing
