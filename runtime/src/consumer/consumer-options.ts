import { AckPolicy, type ConsumerConfig, type ReplayPolicy } from '@nats-io/jetstream';
import type { DeadLetter } from '../dead-letter/dead-letter';
import { durationMillis, type Duration } from '../duration/duration';
import type { NatsJetStreamContext } from '../message/nats-jetstream.context';
import { consumerStart, type ConsumerStart } from './consumer-start';
import { batchPrefetch, refuseWithBatch } from './batch/batch-limits';
import { batchSettings, type BatchOptions, type BatchSettings } from './batch/batch-options';
import { delivery, type Delivery } from './delivery';
import { OptionProblems } from '../errors/option-problems';
import { pinning, type Pinning } from './pull/pinning';
import { mergedOptions, refuseWithOrdered } from './ordered/ordered-options';
import { canonicalOptions } from './option-spelling';
import { ackPolicy, count, replayPolicy, serverConsumerConfig } from './server-consumer-config';
import { SERVER_CONSUMER_OPTIONS, type ServerConsumerOptions } from './server-consumer-options';
import { retryPause, USUAL_RETRY_DELAY, type RetryDelay, type RetryPause } from './retry-delay';

type ErrorClass = abstract new (...args: never[]) => Error;

/** Options of one consumer; of `NatsJetStreamTransport.register({ consumerOptions })`, the defaults of all. */
export interface ConsumerOptions<TEvent = never> extends ServerConsumerOptions {
  /** How many messages of this consumer one process handles at a time. Default 16. */
  concurrency?: number;
  /**
   * How many messages of this consumer one process has at a time, running or waiting for a free slot; what it does not have
   * stays available to other instances. Default 4 × concurrency.
   */
  prefetch?: number;
  /**
   * How long the server waits for an acknowledgement before it delivers again. It is extended while the message waits or its handler runs, so it
   * is how long a crash stays unnoticed. Default 30 s. nats.js `ConsumerConfig.ack_wait`.
   */
  ackWait?: Duration;
  /**
   * How long one message may wait and run before its acknowledgement deadline is extended no more: then the server delivers it
   * again. Default 10 min.
   */
  maxProcessingTime?: Duration;
  /**
   * How often one message is delivered, its first time included, before it goes to the dead letters; -1 for no end. Default 5.
   * nats.js `ConsumerConfig.max_deliver`.
   */
  maxDeliver?: number;
  /**
   * What becomes of a message after `maxDeliver` deliveries, or that no retry can help: `'stream'` (default) copies it, its
   * headers and the reason, to `<STREAM>_DEAD`; a function takes it instead, and is tried again until it succeeds; `'off'`
   * leaves it in its stream, where it is not delivered any more.
   */
  deadLetter?: 'stream' | 'off' | ((letter: DeadLetter) => void | Promise<void>);
  /** Failures that no retry can help: classes of errors, or a function that knows them. Default: none but `TerminateError`. */
  terminateOn?: readonly ErrorClass[] | ((failure: unknown) => boolean);
  /** True: only the handler settles, through `context.ack()` and its like, or `context.message`. A throw is still a failure. */
  manualAck?: boolean;
  /** `'double'` waits for the server to confirm each acknowledgement. Default `'single'`. */
  ackMode?: 'single' | 'double';
  /**
   * Pause before a failed message is delivered again, one or a list by attempt, of which the last repeats; ±20 % at random. Or a function of how
   * often it was delivered and what was thrown, taken as it is. Default 1 s, 5 s, 30 s, 2 m.
   */
  retryDelay?: RetryDelay;
  /**
   * How long a handler may take, and a `deserializer` before it, until the message counts as failed and `context.signal` is aborted.
   * Default: no limit for the handler, `maxProcessingTime` for the deserializer.
   */
  timeout?: Duration;
  /**
   * Key of a message: those of one key are handled one after the other, in the order of the stream, also through retries, which
   * then happen in this process and hold up their own key only. Across instances with `orderAcross: 'instances'`.
   */
  orderBy?(event: TEvent, context: NatsJetStreamContext): string;
  /**
   * How far the order of `orderBy` reaches. `'process'` (default): instances share the messages, each with an order of its own.
   * `'instances'`: the server gives all messages to one instance, and to another when that stops (at once) or is gone (after `ackWait` and
   * three `idleHeartbeat`s); the next begins when nothing is with the one before. Then `maxAckPending` is at most `prefetch`. Pull consumers
   * only; needs nats-server 2.11. nats.js `ConsumerConfig.priority_policy: 'pinned_client'`.
   */
  orderAcross?: 'process' | 'instances';
  /**
   * `['maxDeliver']` lets a start lower `maxDeliver` although messages are underway that were delivered before: those delivered more
   * often than it says are not delivered again: nats-server 2.15 reports them, and they become dead letters. Without it such a change
   * ends the start. Default: none.
   */
  allowDataLoss?: readonly 'maxDeliver'[];
}

/** A consumer's options as its handler has them. */
export type HandlerOptions = ConsumerOptions & { readonly batch?: BatchOptions | undefined };

export interface ConsumerSettings {
  /** Of a handler of many messages at once. */
  readonly batch: BatchSettings | undefined;
  readonly concurrency: number;
  readonly prefetch: number;
  readonly ackWaitMs: number;
  readonly maxProcessingTimeMs: number;
  readonly retryPause: RetryPause;
  readonly timeoutMs: number | undefined;
  /** How long a deserializer may take. */
  readonly decodeLimitMs: number;
  readonly orderBy: ConsumerOptions['orderBy'] | undefined;
  /** Undefined where instances share the messages. */
  readonly pinned: Pinning | undefined;
  readonly maxDeliver: number;
  readonly deadLetter: Exclude<ConsumerOptions['deadLetter'], undefined>;
  readonly terminateOn: (failure: unknown) => boolean;
  readonly manualAck: boolean;
  readonly ackMode: 'single' | 'double';
  readonly ackPolicy: AckPolicy;
  readonly replayPolicy: ReplayPolicy;
  readonly start: ConsumerStart;
  readonly delivery: Delivery;
  readonly metadata: Readonly<Record<string, string>>;
  /** What else the server keeps of the consumer: only what was said. */
  readonly serverConfig: Partial<ConsumerConfig>;
  readonly allowDataLoss: readonly 'maxDeliver'[];
}

const PREFETCH_FACTOR = 4;
const DEFAULTS = {
  concurrency: 16,
  ackWait: '30s',
  maxProcessingTime: '10m',
  retryDelay: USUAL_RETRY_DELAY,
  maxDeliver: 5,
  deadLetter: 'stream',
  terminateOn: [],
  manualAck: false,
  ackMode: 'single',
  allowDataLoss: [],
} as const satisfies ConsumerOptions;

/** The names of all options, for the check that none is misspelt. */
export const CONSUMER_OPTIONS: readonly string[] = [
  ...Object.keys(DEFAULTS),
  'prefetch',
  'timeout',
  'orderBy',
  'orderAcross',
  'batch',
  ...SERVER_CONSUMER_OPTIONS,
];

type WithoutDefault = 'prefetch' | 'timeout' | 'orderBy' | 'orderAcross' | keyof ServerConsumerOptions;
type WithDefaults = Required<Omit<ConsumerOptions, WithoutDefault>> & Pick<ConsumerOptions, WithoutDefault>;

/** @throws InvalidOptionError (`INVALID_OPTION`), or InvalidOptionsError (`INVALID_OPTIONS`) with all that is wrong. */
export function consumerSettings(...layers: readonly HandlerOptions[]): ConsumerSettings {
  const given = mergedOptions(layers.map(canonicalOptions));
  const ordered = given.orderedConsumer === true;
  const options: WithDefaults = { ...DEFAULTS, ...given };
  const concurrency = ordered
    ? 1
    : (given.concurrency ?? Math.min(DEFAULTS.concurrency, given.maxMessages ?? DEFAULTS.concurrency));
  const problems = new OptionProblems();
  const { batch: asked } = given;
  const batch = asked === undefined ? undefined : problems.try(() => batchSettings(asked));
  const wanted = PREFETCH_FACTOR * (ordered ? DEFAULTS.concurrency : concurrency) * (batch?.size ?? 1);
  const prefetch = given.prefetch ?? given.maxMessages ?? (batch ? batchPrefetch(batch, wanted, given) : wanted);
  const millis = (option: 'ackWait' | 'maxProcessingTime'): number =>
    problems.try(() => durationMillis(options[option], option)) ?? 0;
  const policy = ordered ? AckPolicy.None : (problems.try(() => ackPolicy(options.ackPolicy)) ?? AckPolicy.Explicit);
  problems.try(() => {
    count('concurrency', concurrency);
    count(given.prefetch === undefined ? 'maxMessages' : 'prefetch', prefetch, batch ? 1 : concurrency);
  });
  if (options.maxDeliver !== -1) problems.try(() => count('maxDeliver', options.maxDeliver));
  if (ordered) refuseWithOrdered(given, problems);
  else refuseCombinations(given, policy, options.maxDeliver, problems);
  refuseHeadersOnly(given, problems);
  const maxProcessingTimeMs = millis('maxProcessingTime');
  const { timeout } = options;
  const timeoutMs = timeout === undefined ? undefined : problems.try(() => durationMillis(timeout, 'timeout'));
  if (batch) refuseWithBatch(batch, given, { prefetch, maxProcessingTimeMs }, problems);
  const how = problems.try(() => delivery(given));
  const ackWaitMs = given.backoff ? shortest(given.backoff, problems) : millis('ackWait');
  const settings = {
    batch,
    concurrency,
    prefetch,
    ackWaitMs,
    maxProcessingTimeMs,
    retryPause: problems.try(() => retryPause(options.retryDelay)),
    timeoutMs,
    decodeLimitMs: timeoutMs ?? maxProcessingTimeMs,
    orderBy: options.orderBy,
    pinned: ordered ? undefined : problems.try(() => pinning(given, how, ackWaitMs)),
    // Nothing is delivered twice without acknowledgements, so the first failure is the last.
    maxDeliver: policy === AckPolicy.None ? 1 : options.maxDeliver,
    deadLetter: options.deadLetter,
    terminateOn: failureTest(options.terminateOn),
    manualAck: options.manualAck,
    ackMode: options.ackMode,
    ackPolicy: policy,
    replayPolicy: problems.try(() => replayPolicy(options.replayPolicy)),
    start: problems.try(() => consumerStart(given)),
    delivery: how,
    metadata: { ...given.metadata },
    serverConfig: problems.try(() => serverConsumerConfig(given)),
    allowDataLoss: options.allowDataLoss,
  };
  for (const name of options.allowDataLoss)
    problems.refuse(name !== 'maxDeliver', 'allowDataLoss', name, "of a consumer it can name 'maxDeliver' only");
  problems.throwIfAny();
  // Each of what was tried is there, since nothing was found wrong.
  return settings as ConsumerSettings;
}

function refuseCombinations(
  given: ConsumerOptions,
  policy: AckPolicy,
  maxDeliver: number,
  problems: OptionProblems,
): void {
  const { backoff, ackWait, manualAck, maxAckPending } = given;
  problems.refuse(
    backoff !== undefined && ackWait !== undefined,
    'backoff',
    backoff,
    'its pauses take the place of ackWait: leave out one of them',
  );
  problems.refuse(
    backoff !== undefined && (backoff.length === 0 || (maxDeliver !== -1 && backoff.length > maxDeliver)),
    'backoff',
    backoff,
    `give at least one pause, and no more than maxDeliver (${maxDeliver}) has deliveries`,
  );
  problems.refuse(
    policy === AckPolicy.All && !manualAck,
    'ackPolicy',
    'all',
    'an acknowledgement would settle earlier messages that still run or failed: use explicit, or set manualAck',
  );
  const unused = {
    maxDeliver: given.maxDeliver,
    ackWait,
    backoff,
    retryDelay: given.retryDelay,
    maxAckPending,
    manualAck,
    allowDataLoss: given.allowDataLoss,
  };
  for (const [option, value] of Object.entries(policy === AckPolicy.None ? unused : {})) {
    problems.refuse(
      value !== undefined,
      option,
      value,
      "nothing is acknowledged or delivered again with ackPolicy 'none': leave out one of them",
    );
  }
}

function refuseHeadersOnly(
  { headersOnly, deadLetter = DEFAULTS.deadLetter }: ConsumerOptions,
  problems: OptionProblems,
): void {
  problems.refuse(
    headersOnly === true && deadLetter === 'stream',
    'headersOnly',
    headersOnly,
    "a dead letter would be without its body: set deadLetter to 'off' or a function",
  );
}

function shortest(backoff: readonly Duration[], problems: OptionProblems): number {
  return Math.min(...backoff.map((pause) => problems.try(() => durationMillis(pause, 'backoff')) ?? 0));
}

function failureTest(terminateOn: Exclude<ConsumerOptions['terminateOn'], undefined>): (failure: unknown) => boolean {
  if (typeof terminateOn === 'function') return terminateOn;
  return (failure) => terminateOn.some((errorClass) => failure instanceof errorClass);
}
