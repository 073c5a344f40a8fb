import type { DeadLetter } from '../dead-letter/dead-letter';
import { durationMillis, type Duration } from '../duration/duration';
import { InvalidOptionError } from '../errors/configuration.errors';
import type { NatsJetStreamContext } from '../message/nats-jetstream.context';
import { retryPause, type RetryDelay, type RetryPause } from './retry-delay';

type ErrorClass = abstract new (...args: never[]) => Error;

/** Options of one consumer; of `NatsJetStreamTransport.register({ consumerOptions })`, the defaults of all but `durable`. */
export interface ConsumerOptions<TEvent = never> {
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
   * Pause before a failed message is delivered again, by attempt; the last one repeats; ±20 % at random. Or a function of how
   * often it was delivered and what was thrown, taken as it is. Default 1 s, 5 s, 30 s, 2 m.
   */
  retryDelay?: RetryDelay;
  /** How long a handler may take before its message counts as failed and `context.signal` is aborted. Default: no limit. */
  timeout?: Duration;
  /**
   * Key of a message: those of one key are handled one after the other, in the order of the stream, also through retries, which
   * then happen in this process and hold up their own key only. Across instances there is no such order.
   */
  orderBy?(event: TEvent, context: NatsJetStreamContext): string;
}

export interface ConsumerSettings {
  readonly concurrency: number;
  readonly prefetch: number;
  readonly ackWaitMs: number;
  readonly maxProcessingTimeMs: number;
  readonly retryPause: RetryPause;
  readonly timeoutMs: number | undefined;
  readonly orderBy: ConsumerOptions['orderBy'] | undefined;
  readonly maxDeliver: number;
  readonly deadLetter: Exclude<ConsumerOptions['deadLetter'], undefined>;
  readonly terminateOn: (failure: unknown) => boolean;
  readonly manualAck: boolean;
  readonly ackMode: 'single' | 'double';
}

const PREFETCH_FACTOR = 4;
const DEFAULTS = {
  concurrency: 16,
  ackWait: '30s',
  maxProcessingTime: '10m',
  retryDelay: ['1s', '5s', '30s', '2m'],
  maxDeliver: 5,
  deadLetter: 'stream',
  terminateOn: [],
  manualAck: false,
  ackMode: 'single',
} as const satisfies ConsumerOptions;

/** The names of all options, for the check that none is misspelt. */
export const CONSUMER_OPTIONS: readonly string[] = [...Object.keys(DEFAULTS), 'prefetch', 'timeout', 'orderBy'];

type WithoutDefault = 'prefetch' | 'timeout' | 'orderBy';
type WithDefaults = Required<Omit<ConsumerOptions, WithoutDefault>> & Pick<ConsumerOptions, WithoutDefault>;

/** @throws InvalidOptionError (`INVALID_OPTION`) */
export function consumerSettings(...layers: readonly ConsumerOptions[]): ConsumerSettings {
  const options: WithDefaults = Object.assign({}, DEFAULTS, ...layers);
  const { concurrency, prefetch = PREFETCH_FACTOR * concurrency, retryDelay, maxDeliver } = options;
  assertCount('concurrency', concurrency, 1);
  assertCount('prefetch', prefetch, concurrency);
  if (maxDeliver !== -1) assertCount('maxDeliver', maxDeliver, 1);
  return {
    concurrency,
    prefetch,
    ackWaitMs: durationMillis(options.ackWait, 'ackWait'),
    maxProcessingTimeMs: durationMillis(options.maxProcessingTime, 'maxProcessingTime'),
    retryPause: retryPause(retryDelay),
    timeoutMs: options.timeout === undefined ? undefined : durationMillis(options.timeout, 'timeout'),
    orderBy: options.orderBy,
    maxDeliver,
    deadLetter: options.deadLetter,
    terminateOn: failureTest(options.terminateOn),
    manualAck: options.manualAck,
    ackMode: options.ackMode,
  };
}

function assertCount(option: string, value: number, least: number): void {
  if (Number.isSafeInteger(value) && value >= least) return;
  throw new InvalidOptionError(option, value, `give a whole number from ${least} up`);
}

function failureTest(terminateOn: Exclude<ConsumerOptions['terminateOn'], undefined>): (failure: unknown) => boolean {
  if (typeof terminateOn === 'function') return terminateOn;
  return (failure) => terminateOn.some((errorClass) => failure instanceof errorClass);
}
