import type { NatsJetStreamPubAck } from '@nest-jetstream/transport';
import type { Equal, Expect } from './type-equality.js';

declare const ack: NatsJetStreamPubAck;

export type Members = [
  Expect<Equal<keyof NatsJetStreamPubAck, 'stream' | 'seq' | 'duplicate' | 'domain'>>,
  Expect<Equal<typeof ack.stream, string>>,
  Expect<Equal<typeof ack.seq, number>>,
  Expect<Equal<typeof ack.duplicate, boolean>>,
  Expect<Equal<typeof ack.domain, string | undefined>>,
];

ack.seq = 1; // error: Cannot assign to 'seq' because it is a read-only property
