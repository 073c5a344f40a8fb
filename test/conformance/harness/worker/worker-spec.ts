import type { JetStreamConsumerOptions, NatsJetStreamTransportOptions } from '@nest-jetstream/transport';
import type { Behaviour } from '../behaviour';

/** What a worker is told when it starts, as JSON: options that are functions have a name here. */
export interface WorkerSpec {
  readonly name: string;
  /** The file that it appends its runs to. */
  readonly journal: string;
  readonly transport: NatsJetStreamTransportOptions;
  readonly subject: string;
  readonly consumer: JetStreamConsumerOptions & { readonly durable: string };
  readonly behaviour: Behaviour;
  /** `orderBy` the product of an order. */
  readonly orderByProduct: boolean;
  readonly bootMs: number;
  /** Its module's start hooks fail. */
  readonly failsBoot: boolean;
  /** `deadLetter` is a function, which writes to the journal. */
  readonly journalsDeadLetters: boolean;
  /** Its handler takes batches of up to so many. */
  readonly batchSize: number | undefined;
}

/** `close` ends the application, and leaves the process. */
export type WorkerRequest = 'health' | 'usage' | 'release' | 'close';

/** What a worker uses, after a garbage collection. */
export interface Usage {
  readonly heapBytes: number;
  readonly timers: number;
  readonly sockets: number;
  readonly listeners: number;
}
