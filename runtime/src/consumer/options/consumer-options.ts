import type { DeadLetter } from '../../message/dead-letter';
import type { Duration } from '../../util/duration';
import type { NatsJetStreamContext } from '../../message/nats-jetstream.context';
import type { RetryDelay } from './retry-delay';

type ErrorClass = abstract new (...args: never[]) => Error;

/** Start position of a new consumer, as nats.js writes it or as a name of the reference. */
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
/** Acknowledgement policy, as nats.js writes it or as a name of the reference. */
export type AckPolicyName = 'Explicit' | 'All' | 'None' | 'explicit' | 'all' | 'none';
/** Replay policy, as nats.js writes it or as a name of the reference. */
export type ReplayPolicyName = 'Instant' | 'Original' | 'instant' | 'original';

/** Options that the server stores with the consumer, and options of its delivery. */
export interface ServerConsumerOptions {
  /**
   * Start position of a new consumer. Implied by `startSequence`, `startTime` and
   * `startAtTimeDelta`.
   */
  deliverPolicy?: DeliverPolicyName;
  /** Alias of `deliverPolicy`. */
  deliveryPolicy?: DeliverPolicyName;
  /** First stream sequence to deliver. */
  startSequence?: number;
  /** Age of the oldest message to deliver, counted back from the creation of the consumer. */
  startAtTimeDelta?: Duration;
  /** Time of the oldest message to deliver. It cannot be in the future. */
  startTime?: Date;
  /**
   * Acknowledgement policy. `All` requires `manualAck`. With `None` nothing is redelivered, and a
   * failed message is dead-lettered at once.
   */
  ackPolicy?: AckPolicyName;
  /**
   * Maximum number of unacknowledged messages over all instances. Messages that wait for a delayed
   * retry count too. A lower `consumer_limits.max_ack_pending` of the stream replaces the default.
   */
  maxAckPending?: number;
  /**
   * Pace of delivery. `Original` delivers stored messages at the pace of their publication.
   */
  replayPolicy?: ReplayPolicyName;
  /** Part of the handler's subject to receive. */
  filterSubject?: string;
  /** Parts of the handler's subject to receive. They must not overlap. */
  filterSubjects?: readonly string[];
  /** Percentage of acknowledgements that the server publishes as samples, 0 to 100. */
  sample?: number;
  /**
   * Interval of the server's heartbeats while it has nothing to deliver. Two missed heartbeats
   * start a recovery.
   */
  idleHeartbeat?: Duration;
  /**
   * Push consumer with flow control: the server waits while this process has more than `prefetch`.
   * Single instance only.
   */
  flowControl?: boolean;
  /** Maximum number of pull requests that wait on the server. */
  maxWaiting?: number;
  /** Alias of `maxWaiting`. */
  maxwaiting?: number;
  /** Alias of `prefetch` for pull consumers. Also lowers the default of `concurrency`. */
  maxMessages?: number;
  /** Push consumer with a maximum delivery rate, in bits per second. */
  limit?: number;
  /** Text that the server stores with the consumer. */
  description?: string;
  /**
   * Push consumer that delivers to `<deliverTo>.<consumer>`, so that handlers do not share a
   * subject.
   */
  deliverTo?: string;
  /** Push consumer that delivers to this subject. One handler only. */
  deliverToSubject?: string;
  /** Push consumer with a queue group. Instances of the group share the messages. */
  deliverGroup?: string;
  /**
   * Ordered consumer: each process receives every message from `deliverPolicy` on, one at a time,
   * and again after each start. Nothing is acknowledged or redelivered. A failed message is logged,
   * and dead-lettered only if `deadLetter` is set.
   */
  orderedConsumer?: boolean;
  /** Deliver headers and `Nats-Msg-Size` only. The event is `undefined`. */
  headersOnly?: boolean;
  /** Redelivery delays of the server after missed acknowledgements, instead of `ackWait`. */
  backoff?: readonly Duration[];
  /** Idle time before the server deletes the consumer. */
  inactiveThreshold?: Duration;
  /** Number of servers that store the consumer. */
  numReplicas?: number;
  /** Store the consumer in memory. */
  memStorage?: boolean;
  /** Names and texts that the server stores with the consumer. Keys of others stay unchanged. */
  metadata?: Readonly<Record<string, string>>;
  /**
   * Thresholds that the server stores as metadata, so that `nats server check consumer` alerts
   * without flags.
   */
  monitor?: ConsumerMonitor;
}

/** Thresholds of `nats server check consumer`. The check is critical from each value up. */
export interface ConsumerMonitor {
  /** Number of unacknowledged messages. */
  outstandingAck?: number;
  /** Number of pull requests that wait on the server. */
  waiting?: number;
  /** Number of messages that are not delivered yet. */
  unprocessed?: number;
  /** Number of unacknowledged messages that were delivered more than once. */
  redelivery?: number;
  /** Time since the last delivery. */
  lastDelivery?: Duration;
  /** Time since the last acknowledgement. */
  lastAck?: Duration;
}

/**
 * Options of one consumer. In `NatsJetStreamTransport.register({ consumerOptions })` they are
 * defaults of all consumers.
 */
export interface ConsumerOptions<TEvent = never> extends ServerConsumerOptions {
  /** Maximum number of messages of this consumer that one process handles at a time. */
  concurrency?: number;
  /**
   * Maximum number of messages of this consumer that one process holds, running or waiting. A
   * declared number is fixed. The default rises to at most 512 while handlers are fast.
   */
  prefetch?: number;
  /**
   * Time that the server waits for an acknowledgement before it redelivers. This process extends it
   * while a message waits or runs, so it is the time until another instance takes over after a
   * crash.
   */
  ackWait?: Duration;
  /**
   * Maximum time that one message may run. After it the acknowledgement deadline is no longer
   * extended, and the message is redelivered. An ordered consumer does not redeliver, but its
   * health state becomes stalled.
   */
  maxProcessingTime?: Duration;
  /**
   * Maximum number of deliveries of one message, including the first, before it is dead-lettered.
   * -1 for no maximum.
   */
  maxDeliver?: number;
  /**
   * Destination of a message after `maxDeliver` deliveries, or after a failure that no retry can
   * fix. `'stream'` copies it to `<STREAM>_DEAD` with its headers and the reason. A function
   * receives it instead, and is retried until it succeeds. `'off'` leaves it in its stream, where
   * it is not delivered again.
   */
  deadLetter?: 'stream' | 'off' | ((letter: DeadLetter) => void | Promise<void>);
  /**
   * Failures that a retry cannot fix: error classes, or a function that returns true for them.
   * `TerminateError` is always one of them.
   */
  terminateOn?: readonly ErrorClass[] | ((failure: unknown) => boolean);
  /**
   * Let only the handler settle messages, with `context.ack()`, `context.retry()` or
   * `context.terminate()`. A thrown error is still a failure.
   */
  manualAck?: boolean;
  /** `'double'` waits for the server to confirm each acknowledgement. */
  ackMode?: 'single' | 'double';
  /**
   * Delay before a failed message is redelivered: a delay, a list by attempt (the last entry
   * repeats), or a function of the delivery count and the failure. The delays of a list have a
   * random jitter of 20 %.
   */
  retryDelay?: RetryDelay;
  /**
   * Maximum time of one run of the handler. After it the message has failed, and `context.signal`
   * is aborted. It also limits a `deserializer`.
   */
  timeout?: Duration;
  /**
   * Returns the key of a message. Messages of one key are handled one after the other, in stream
   * order. Retries wait in this process and delay only their own key. With
   * `orderAcross: 'instances'` the order also holds across instances.
   */
  orderBy?(event: TEvent, context: NatsJetStreamContext): string;
  /**
   * Scope of the order of `orderBy`. With `'process'` instances share the messages, and each keeps
   * its own order. With `'instances'` the server delivers to one instance at a time. Another one
   * takes over when it stops, or `ackWait` plus three `idleHeartbeat`s after a crash.
   * `maxAckPending` is then at most `prefetch`. Needs nats-server 2.11.
   */
  orderAcross?: 'process' | 'instances';
  /**
   * Call the handler for delete markers too, which the server writes when messages expire
   * (`subject_delete_marker_ttl`). Their event is `undefined`. By default they are acknowledged
   * without running the handler.
   */
  deliverMarkers?: boolean;
}

/** Size and timeout of a batch. */
export interface BatchOptions {
  /** Maximum number of events of one run of the handler. At most `prefetch` and `maxAckPending`. */
  size: number;
  /**
   * Maximum time that the first event of a batch waits for others. After it the handler runs with
   * the events so far. Default 1 s.
   */
  timeout?: Duration;
}

/** Options of one handler, of single events or of batches. */
export interface HandlerOptions<TEvent = never> extends ConsumerOptions<TEvent> {
  /**
   * Name of the consumer on the server, which stores its position under this name. By default, and
   * with `true`, it is derived from the service's `id`, the subject, the class and the method, so
   * renaming one of them starts a new position. `false` keeps no position: each instance has its
   * own consumer, which is deleted with it.
   */
  durable?: string | boolean;
  /**
   * Stream to read, such as a mirror or an aggregate. By default it is the stream that stores the
   * subject.
   */
  stream?: string;
  /** Connection that this handler consumes from. Default: the connection without a name. */
  connection?: string;
  /** Makes the handler one of batches. See {@link JetStreamBatchConsumerOptions}. */
  batch?: BatchOptions | undefined;
}

/** Options of a handler that receives one event at a time. */
export interface JetStreamConsumerOptions<TEvent = never> extends HandlerOptions<TEvent> {
  /** Belongs to {@link JetStreamBatchConsumerOptions}. */
  batch?: undefined;
}

/** Options of a handler that receives an array of events. */
export interface JetStreamBatchConsumerOptions extends Omit<
  HandlerOptions,
  'orderBy' | 'orderAcross' | 'orderedConsumer'
> {
  /**
   * Call the handler with an array: as soon as `size` events are there, or when the first of them
   * has waited for `timeout`. `concurrency` and `timeout` then count batches. All other options
   * still apply to each message.
   */
  batch: BatchOptions;
}
