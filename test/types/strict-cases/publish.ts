import {
  NatsJetStreamRecordBuilder,
  type JetStreamContracts,
  type NatsJetStreamClientProxy,
  type NatsJetStreamPubAck,
  type SubjectOf,
} from '@nest-jetstream/transport';
import { ORDER_CREATED, OTHER, type OrderCreatedEvent, type OrderUpdatedEvent } from './contracts.js';

declare const client: NatsJetStreamClientProxy;
declare const region: string;
declare const anything: string;

client.emit('order.created', { id: 1, product: 'Socks' });
client.emit<NatsJetStreamPubAck, OrderCreatedEvent>('order.created', { id: 1, product: 'Socks' });
client.emit(ORDER_CREATED, { id: 1, product: 'Socks' });
client.emit<NatsJetStreamPubAck, OrderCreatedEvent>(ORDER_CREATED, { id: 1, product: 'Socks' });
client.emit(OTHER, { other: true });
client.emit(anything, { whatever: 1 });
client.emit(`order.${region}`, { whatever: 1 });
void client.emitAsync('payment.received', { amount: 1 });
void client.emitAsync('order.created', new NatsJetStreamRecordBuilder({ id: 1, product: 'Socks' }).build());
client.send('order.updated', { id: 1, quantity: 1 });
void client.request('order.updated', { id: 1, quantity: 1 });

client.emit('order.craeted', { id: 1 }); // error: 'order.craeted' is not a subject of JetStreamContracts.
void client.emitAsync('order', { id: 1 }); // error: 'order' is not a subject of JetStreamContracts.
client.send('order.deleted', { id: 1 }); // error: 'order.deleted' is not a subject of JetStreamContracts.
void client.request('stock.check', { id: 1 }); // error: 'stock.check' is not a subject of JetStreamContracts.
client.emit('order.*', { id: 1 }); // error: 'order.*' is a pattern. Use a subject without '*' and '>'.
client.emit('order.created', { id: 1 }); // error: Property 'product' is missing in type
client.emit('order.created', { id: 1, product: 'Socks', extra: 1 }); // error: 'extra' does not exist in type
client.emit('payment.received', { amount: '1' }); // error: Type 'string' is not assignable to type 'number'
client.emit<NatsJetStreamPubAck, OrderUpdatedEvent>('order.created', { id: 1, quantity: 1 }); // error: Argument of type '"order.created"' is not assignable to parameter of type
client.emit<NatsJetStreamPubAck, OrderUpdatedEvent>(ORDER_CREATED, { id: 1, quantity: 1 }); // error: is not assignable to parameter of type
client.emit<NatsJetStreamPubAck, OrderUpdatedEvent>('order.other', { id: 1, quantity: 1 }); // error: Argument of type '"order.other"' is not assignable to parameter of type

// Code that is generic over the subject, which is checked at the call, or over the event, whose
// type argument is left out.
export const publish = <Subject extends keyof JetStreamContracts>(name: Subject, event: JetStreamContracts[Subject]) =>
  client.emitAsync(name as string, event);
export const publishOf = <Event>(name: SubjectOf<Event>, event: Event) => client.emitAsync(name, event);

void publish('order.updated', { id: 1, quantity: 1 });
void publishOf(ORDER_CREATED, { id: 1, product: 'Socks' });
void publish('order.updated', { id: 1 }); // error: Property 'quantity' is missing in type '{ id: number; }' but required in type 'OrderUpdatedEvent'
void publish('order.deleted', { id: 1 }); // error: Argument of type '"order.deleted"' is not assignable to parameter of type 'keyof JetStreamContracts'
void publishOf(ORDER_CREATED, { id: 1 }); // error: Property 'product' is missing in type '{ id: number; }' but required in type 'OrderCreatedEvent'

void client.emitAll([
  ['order.created', { id: 1, product: 'Socks' }],
  [ORDER_CREATED, { id: 2, product: 'Shirt' }],
  ['order.updated', { id: 1, quantity: 1 }],
]);
// prettier-ignore
void client.emitAll([
  ['order.created', { id: 1, product: 'Socks' }],
  ['order.craeted', { id: 1 }], // error: 'order.craeted' is not a subject of JetStreamContracts.
  ['order.updated', { id: 1 }], // error: is missing in type '{ id: number; }' but required in type 'OrderUpdatedEvent'
]);

client.emit<void>('order.created', { id: 1, product: 'Socks' });
client.emit<void>(ORDER_CREATED, { id: 1, product: 'Socks' });
client.emit<void>(OTHER, { other: true });
client.emit<void>('order.craeted', { id: 1 }); // error: is not assignable to parameter of type
