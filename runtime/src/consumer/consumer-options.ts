import { durationMillis, type Duration } from '../duration/duration';
import { InvalidOptionError } from '../errors/configuration.errors';

/** Options of one consumer; of `NatsJetStreamTransport.register({ consumerOptions })`, the defaults of all but `durable`. */
export interface ConsumerOptions {
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
  /** Pause before a failed message is delivered again, by attempt; the last one repeats; ±20 % at random. Default 1 s, 5 s, 30 s, 2 m. */
  retryDelay?: readonly Duration[];
}

export interface ConsumerSettings {
  readonly concurrency: number;
  readonly prefetch: number;
  readonly ackWaitMs: number;
  readonly maxProcessingTimeMs: number;
  readonly retryDelaysMs: readonly number[];
}

const PREFETCH_FACTOR = 4;
const DEFAULTS = {
  concurrency: 16,
  ackWait: '30s',
  maxProcessingTime: '10m',
  retryDelay: ['1s', '5s', '30s', '2m'],
} as const satisfies ConsumerOptions;

type WithDefaults = Required<Omit<ConsumerOptions, 'prefetch'>> & Pick<ConsumerOptions, 'prefetch'>;

/** @throws InvalidOptionError (`INVALID_OPTION`) */
export function consumerSettings(...layers: readonly ConsumerOptions[]): ConsumerSettings {
  const options: WithDefaults = Object.assign({}, DEFAULTS, ...layers);
  const { concurrency, prefetch = PREFETCH_FACTOR * concurrency, retryDelay } = options;
  assertCount('concurrency', concurrency, 1);
  assertCount('prefetch', prefetch, concurrency);
  if (!Array.isArray(retryDelay) || retryDelay.length === 0) {
    throw new InvalidOptionError('retryDelay', retryDelay, "give a list of at least one pause, such as ['1s', '10s']");
  }
  return {
    concurrency,
    prefetch,
    ackWaitMs: durationMillis(options.ackWait, 'ackWait'),
    maxProcessingTimeMs: durationMillis(options.maxProcessingTime, 'maxProcessingTime'),
    retryDelaysMs: retryDelay.map((pause: Duration) => durationMillis(pause, 'retryDelay')),
  };
}

function assertCount(option: string, value: number, least: number): void {
  if (Number.isSafeInteger(value) && value >= least) return;
  throw new InvalidOptionError(option, value, `give a whole number from ${least} up`);
}
