import { durationMillis, type Duration } from '../duration/duration';
import { InvalidOptionError } from '../errors/configuration.errors';

/** Options of one consumer; of `NatsJetStreamTransport.register({ consumerOptions })`, the defaults of all but `durable`. */
export interface ConsumerOptions {
  /** How many messages of this consumer one process handles at a time. Default 16. */
  concurrency?: number;
  /**
   * How long the server waits for an acknowledgement before it delivers again. It is extended while a handler runs, so it
   * is how long a crash stays unnoticed. Default 30 s. nats.js `ConsumerConfig.ack_wait`.
   */
  ackWait?: Duration;
  /** Pause before a failed message is delivered again, by attempt; the last one repeats; ±20 % at random. Default 1 s, 5 s, 30 s, 2 m. */
  retryDelay?: readonly Duration[];
}

export interface ConsumerSettings {
  readonly concurrency: number;
  readonly ackWaitMs: number;
  readonly retryDelaysMs: readonly number[];
}

const DEFAULTS = {
  concurrency: 16,
  ackWait: '30s',
  retryDelay: ['1s', '5s', '30s', '2m'],
} as const satisfies ConsumerOptions;

/** @throws InvalidOptionError (`INVALID_OPTION`) */
export function consumerSettings(...layers: readonly ConsumerOptions[]): ConsumerSettings {
  const { concurrency, ackWait, retryDelay } = Object.assign({}, DEFAULTS, ...layers) as Required<ConsumerOptions>;
  if (!Number.isSafeInteger(concurrency) || concurrency < 1) {
    throw new InvalidOptionError('concurrency', concurrency, 'give a whole number from 1 up');
  }
  if (!Array.isArray(retryDelay) || retryDelay.length === 0) {
    throw new InvalidOptionError('retryDelay', retryDelay, "give a list of at least one pause, such as ['1s', '10s']");
  }
  return {
    concurrency,
    ackWaitMs: durationMillis(ackWait, 'ackWait'),
    retryDelaysMs: retryDelay.map((pause) => durationMillis(pause as Duration, 'retryDelay')),
  };
}
