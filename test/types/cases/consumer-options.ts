import { JetStreamConsumer, type JetStreamConsumerOptions } from '@nest-jetstream/transport';
import { ORDER_CREATED } from './orders.events.js';

export const all: JetStreamConsumerOptions = {
  durable: 'shop-order-created',
  concurrency: 16,
  ackWait: '30s',
  retryDelay: ['1s', 10_000, '1m'],
};
const SHARED = ['1s', '10s'] as const;

JetStreamConsumer(ORDER_CREATED, {});
JetStreamConsumer(ORDER_CREATED, all);
JetStreamConsumer(ORDER_CREATED, { retryDelay: SHARED });

JetStreamConsumer(ORDER_CREATED, { durable: false });
JetStreamConsumer(ORDER_CREATED, { durable: 1 }); // error: Type 'number' is not assignable to type 'string | boolean
JetStreamConsumer(ORDER_CREATED, { concurrency: '16' }); // error: Type 'string' is not assignable to type 'number'
JetStreamConsumer(ORDER_CREATED, { retryDelay: '50ms' });
JetStreamConsumer(ORDER_CREATED, { retryDelay: 50 });
JetStreamConsumer(ORDER_CREATED, { retryDelay: '1 sec' }); // error: is not assignable to type 'RetryDelay
JetStreamConsumer(ORDER_CREATED, { ack_wait: 1 }); // error: 'ack_wait' does not exist in type 'JetStreamConsumerOptions
JetStreamConsumer(ORDER_CREATED, { durabel: 'shop' }); // error: 'durabel' does not exist in type 'JetStreamConsumerOptions
JetStreamConsumer(ORDER_CREATED, 'shop-order-created'); // error: no properties in common with type 'JetStreamConsumerOptions
JetStreamConsumer({ durable: 'shop' }); // error: 'durable' does not exist in type 'JetStreamTypeError<"Pass a subject constant, such as subject<OrderCreatedEvent>()('order.created'), a string, a pattern or a template.">'

// `undefined` means the default, unless the project has `exactOptionalPropertyTypes`.
declare const wait: '30s' | undefined;
JetStreamConsumer(ORDER_CREATED, { ...(wait && { ackWait: wait }) });
JetStreamConsumer(ORDER_CREATED, { ackWait: wait }); // error(exact-optional): Type '"30s" | undefined' is not assignable to type 'Duration'
