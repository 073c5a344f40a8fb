import type { Duration } from '../duration/duration';

/** Where a new consumer begins: the reference's names, or nats.js's values. */
export type DeliverPolicyName =
  | 'All'
  | 'Last'
  | 'New'
  | 'ByStartSequence'
  | 'ByStartTime'
  | 'LastPerSubject'
  | 'all'
  | 'last'
  | 'new'
  | 'by_start_sequence'
  | 'by_start_time'
  | 'last_per_subject';
/** What is acknowledged: the reference's names, or nats.js's values. */
export type AckPolicyName = 'Explicit' | 'All' | 'None' | 'explicit' | 'all' | 'none';
/** At which pace stored messages are delivered: the reference's names, or nats.js's values. */
export type ReplayPolicyName = 'Instant' | 'Original' | 'instant' | 'original';

/** What the server keeps of a consumer, and how it delivers. Each row of docs/options.md is one of these. */
export interface ServerConsumerOptions {
  /** Where a new consumer begins in its stream. Default `All`; implied by the start options. nats.js `deliver_policy`; not changeable. */
  deliverPolicy?: DeliverPolicyName;
  /** The reference's name of `deliverPolicy`. */
  deliveryPolicy?: DeliverPolicyName;
  /** First sequence of the stream to deliver. */
  startSequence?: number;
  /** How far back from the consumer's creation to begin. */
  startAtTimeDelta?: Duration;
  /** The first message to deliver is the first stored at or after it. */
  startTime?: Date;
  /** Default `Explicit`. `All` needs `manualAck`; with `None` nothing is delivered twice, and a failure is a dead letter at once. */
  ackPolicy?: AckPolicyName;
  /** How many messages may be unacknowledged, over all instances. Default: the server's, 1000. */
  maxAckPending?: number;
  /** `Original` delivers at the pace at which messages were stored. Default `Instant`. Not changeable. */
  replayPolicy?: ReplayPolicyName;
  /** The part of the handler's subject to receive. Default: all of it. */
  filterSubject?: string;
  /** As `filterSubject`, several that do not overlap. */
  filterSubjects?: readonly string[];
  /** Percentage of acknowledgements that the server publishes samples of, 0 to 100. */
  sample?: number;
  /** How often the server says that it is there when it has nothing to deliver. Default 2 s; ordered and with `flowControl` 1 s. */
  idleHeartbeat?: Duration;
  /** Push: the server waits for this process to catch up. Needs a single instance: not with `deliverGroup`. */
  flowControl?: boolean;
  /** Pull: how many requests may wait on the server. Default: the server's, 512. Not changeable. */
  maxWaiting?: number;
  /** The reference's spelling of `maxWaiting`. */
  maxwaiting?: number;
  /** Another name of `prefetch`, as nats.js has it. */
  maxMessages?: number;
  /** Push: bits a second that the server delivers at most. */
  limit?: number;
  description?: string;
  /** Push: prefix of the subject to deliver to, `<deliverTo>.<consumer>`, so that handlers do not share one. */
  deliverTo?: string;
  /** Push: the very subject to deliver to; for one handler only. */
  deliverToSubject?: string;
  /** Push: instances of this group share the messages. Default: the consumer's name. */
  deliverGroup?: string;
  /**
   * True: this process receives everything from where `deliverPolicy` says, in order and one at a time, at each start anew.
   * Nothing is acknowledged or delivered again: what fails is logged, and a dead letter only where `deadLetter` says so. Default false.
   */
  orderedConsumer?: boolean;
  /** Headers and `Nats-Msg-Size` only; the event is `undefined`. */
  headersOnly?: boolean;
  /** The server's own pauses after missed acknowledgements, instead of `ackWait`. */
  backoff?: readonly Duration[];
  /** How long the server keeps the consumer while nobody uses it. Default: for ever; 1 min with `durable: false`. */
  inactiveThreshold?: Duration;
  /** Servers that keep the consumer. Default: as many as its stream. */
  numReplicas?: number;
  /** True: the server keeps the consumer in memory. Not changeable. */
  memStorage?: boolean;
  metadata?: Readonly<Record<string, string>>;
}

/** The names of all, for the check that none is misspelt. */
export const SERVER_CONSUMER_OPTIONS = [
  'deliverPolicy',
  'deliveryPolicy',
  'startSequence',
  'startAtTimeDelta',
  'startTime',
  'ackPolicy',
  'maxAckPending',
  'replayPolicy',
  'filterSubject',
  'filterSubjects',
  'sample',
  'idleHeartbeat',
  'flowControl',
  'maxWaiting',
  'maxwaiting',
  'maxMessages',
  'limit',
  'description',
  'deliverTo',
  'deliverToSubject',
  'deliverGroup',
  'orderedConsumer',
  'headersOnly',
  'backoff',
  'inactiveThreshold',
  'numReplicas',
  'memStorage',
  'metadata',
] as const satisfies readonly (keyof ServerConsumerOptions)[];
