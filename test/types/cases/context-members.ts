import type { NatsJetStreamContext } from '@nest-jetstream/transport';
import type { Equal, Expect } from './type-equality.js';

declare const context: NatsJetStreamContext;

export type Members = [
  Expect<Equal<typeof context.subject, string>>,
  Expect<Equal<typeof context.stream, string>>,
  Expect<Equal<typeof context.sequence, number>>,
  Expect<Equal<typeof context.deliveryCount, number>>,
  Expect<Equal<typeof context.redelivered, boolean>>,
  Expect<Equal<typeof context.timestamp, Date>>,
  Expect<Equal<typeof context.pending, number>>,
];

export const traceId: string | undefined = context.headers?.get('trace-id');
export const redelivered: boolean = context.message.redelivered;
context.message.ack();
context.getArgByIndex(0).ack();

context.headers.get('trace-id'); // error: 'context.headers' is possibly 'undefined'
context.sequence = 1; // error: Cannot assign to 'sequence' because it is a read-only property
context.seq; // error: 'seq' does not exist on type 'NatsJetStreamContext<string, unknown
