import { defineStream, NatsJetStreamTransport } from '@nest-jetstream/transport';
import { Module } from '@nestjs/common';
import type { Deserializer, Serializer } from '@nestjs/microservices';
import { ORDER_CREATED } from './orders.events.js';

const OrdersStream = defineStream({ name: 'ORDERS', subjects: ['order.>'], events: { ORDER_CREATED } });

@Module({ imports: [NatsJetStreamTransport.register({ id: 'shop' })] })
export class AppModule {}

NatsJetStreamTransport.register();
NatsJetStreamTransport.register({
  id: 'shop',
  connectionOptions: { servers: ['nats://127.0.0.1:4222'], user: 'shop', pass: 'secret', pingInterval: 5_000 },
  streamConfig: { name: 'ORDERS', subjects: ['order.>'], max_age: 1_000_000_000 },
  consumerOptions: { concurrency: 4, ackWait: '10s' },
  jetStreamOptions: { domain: 'hub', timeout: 5_000 },
  gracePeriod: '15s',
});
NatsJetStreamTransport.register({ streamConfig: OrdersStream });
NatsJetStreamTransport.register({ streamConfig: [OrdersStream, { name: 'LOGS', subjects: ['log.>'] }] });

NatsJetStreamTransport.register('shop'); // error: no properties in common with type 'NatsJetStreamTransportOptions'
NatsJetStreamTransport.register({ id: 1 }); // error: Type 'number' is not assignable to type 'string'
NatsJetStreamTransport.register({ servers: 'nats://127.0.0.1:4222' }); // error: 'servers' does not exist in type 'NatsJetStreamTransportOptions'
NatsJetStreamTransport.register({ connectionOptions: { server: 'nats://127.0.0.1:4222' } }); // error: 'server' does not exist in type
NatsJetStreamTransport.register({ connectionOptions: { servers: 4222 } }); // error: Type 'number' is not assignable to type 'string | string[]
NatsJetStreamTransport.register({ streamConfig: { subjects: ['order.>'] } });
NatsJetStreamTransport.register({ consumerOptions: { durable: 'shop' } });
NatsJetStreamTransport.register({ streamConfig: { name: 'ORDERS', maxAge: '7d' } }); // error: 'maxAge' does not exist in type
NatsJetStreamTransport.register({ streamConfig: { name: 'ORDERS', max_age: '7d' } });
NatsJetStreamTransport.register({ streamConfig: { name: 'ORDERS', max_age: '7 days' } }); // error: is not assignable to type 'Nanoseconds | undefined'
NatsJetStreamTransport.register({ streamConfig: 'ORDERS' }); // error: Type 'string' is not assignable to type
NatsJetStreamTransport.register({ consumerOptions: { durabel: 'shop' } }); // error: 'durabel' does not exist in type

export class LineSerializer implements Serializer<number[], string> {
  serialize = (numbers: number[]) => numbers.join(';');
}
export class LineDeserializer implements Deserializer<Uint8Array, string[]> {
  deserialize = (data: Uint8Array) => new TextDecoder().decode(data).split(';');
}
NatsJetStreamTransport.register({ deserializer: new LineDeserializer() });
NatsJetStreamTransport.register({ serializer: { serialize: (event) => JSON.stringify(event) } });
NatsJetStreamTransport.register({ serializer: { serialize: () => 7 } }); // error: Type 'number' is not assignable to type
NatsJetStreamTransport.register({ serializer: new LineSerializer() });

NatsJetStreamTransport.register({ id: 'shop', connection: 'billing', isGlobal: false });
NatsJetStreamTransport.registerAsync({ connection: 'billing', isGlobal: false, useFactory: () => ({ id: 'shop' }) });
NatsJetStreamTransport.register({ connection: 1 }); // error: Type 'number' is not assignable to type 'string'
NatsJetStreamTransport.registerAsync({ useFactory: () => ({ id: 1 }) }); // error: Type 'number' is not assignable to type 'string'
