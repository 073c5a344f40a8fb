import type { ConsumerOptions } from '../consumer/options/consumer-options';
import type { Duration } from '../util/duration';
import { InvalidOptionError } from '../errors/configuration.errors';
import type { SessionOptions } from '../session/create-session';

/** Defaults of consumers. */
export interface ConsumerDefaults extends ConsumerOptions {
  /**
   * `true` (default): each handler's consumer keeps its position, under a name derived from `id`,
   * subject and handler. A string takes the place of `id` in these names. `false`: no position is
   * kept, and each instance receives everything.
   */
  durable?: boolean | string;
}

/** Options of a server made by hand, and the part of `register` that is about consuming. */
export interface NatsJetStreamServerOptions extends SessionOptions {
  /** Connection whose handlers the server runs. Default: the handlers without a `connection`. */
  connection?: string;
  /** Defaults for every consumer of this service; a `@JetStreamConsumer` overrides them. */
  consumerOptions?: ConsumerDefaults;
  /** Another name of `consumerOptions`. */
  serverConsumerOptions?: ConsumerDefaults;
  /** How long a shutdown waits for handlers that run. Default 15 s. */
  gracePeriod?: Duration;
}

/** @throws InvalidOptionError (`INVALID_OPTION`) when both names are given. */
export function consumerDefaults({
  consumerOptions,
  serverConsumerOptions,
}: NatsJetStreamServerOptions): ConsumerDefaults | undefined {
  if (consumerOptions && serverConsumerOptions) {
    const remedy = "it says the same as 'consumerOptions': leave out one of them";
    throw new InvalidOptionError('serverConsumerOptions', serverConsumerOptions, remedy);
  }
  return consumerOptions ?? serverConsumerOptions;
}
