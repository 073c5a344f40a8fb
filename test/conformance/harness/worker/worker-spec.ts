import type { JetStreamConsumerOptions, NatsJetStreamTransportOptions } from '@nest-jetstream/transport';
import type { Behaviour } from '../behaviour';

/** Settings of a worker as JSON. Flags represent options that are functions. */
export interface WorkerSpec {
  readonly name: string;
  /** Path of the journal file. */
  readonly journal: string;
  readonly transport: NatsJetStreamTransportOptions;
  readonly subject: string;
  readonly consumer: JetStreamConsumerOptions & { readonly durable: string };
  readonly behaviour: Behaviour;
  /** True sets `orderBy` to the product. */
  readonly orderByProduct: boolean;
  readonly bootMs: number;
  /** True makes the start hooks of its module fail. */
  readonly failsBoot: boolean;
  /** True sets `deadLetter` to a function that writes to the journal. */
  readonly journalsDeadLetters: boolean;
  /** Maximum batch size of its handler. */
  readonly batchSize: number | undefined;
}

/**
 * A request to a worker. `redrive` redrives all dead letters of the stream ORDERS. `close` closes
 * the application but keeps the process. `freeze` stops the process while no code of it runs.
 */
export type WorkerRequest = 'health' | 'usage' | 'release' | 'freeze' | 'redrive' | 'close';

/** Resource usage of a worker after a garbage collection. */
export interface Usage {
  readonly heapBytes: number;
  readonly timers: number;
  readonly sockets: number;
  readonly listeners: number;
}
