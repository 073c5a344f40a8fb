import { defineStream, JetStreamConsumer, NatsJetStreamTransport, type Duration } from '@nest-jetstream/transport';

export const right: Duration[] = [250, '250ms', '30s', '2m', '1h', '7d', '1.5h'];
defineStream({ name: 'ORDERS', subjects: ['order.>'], maxAge: '7d', duplicateWindow: 120_000 });
JetStreamConsumer('order.created', { ackWait: '30s', retryDelay: ['1s', 500] });
NatsJetStreamTransport.register({ gracePeriod: '15s', consumerOptions: { ackWait: 30_000 } });

// `${number}` accepts these, and computed durations need it. They are refused at run time.
export const space: Duration = '30 s';
export const negative: Duration = '-5s';
export const zero: Duration = 0;

declare const seconds: number;
export const computed: Duration = `${seconds}s`;

export const noUnit: Duration = '30'; // error: is not assignable to type 'Duration'
export const longUnit: Duration = '30 sec'; // error: is not assignable to type 'Duration'
export const capital: Duration = '30S'; // error: is not assignable to type 'Duration'
export const weeks: Duration = '1w'; // error: is not assignable to type 'Duration'
export const nothing: Duration = ''; // error: is not assignable to type 'Duration'
export const date: Duration = new Date(); // error: is not assignable to type 'Duration'
defineStream({ name: 'ORDERS', subjects: ['order.>'], maxAge: '7 days' }); // error: is not assignable to type 'Duration
JetStreamConsumer('order.created', { ackWait: '30 sec' }); // error: is not assignable to type 'Duration
JetStreamConsumer('order.created', { retryDelay: ['1s', '10 sec'] }); // error: is not assignable to type 'Duration
NatsJetStreamTransport.register({ gracePeriod: '15 sec' }); // error: is not assignable to type 'Duration
