import type { ConsumerOptions } from '../consumer/options/consumer-options';
import type { Duration } from '../util/duration';
import { InvalidOptionError } from '../errors/configuration.errors';
import type { SessionOptions } from '../session/create-session';

/** Defaults of consumers. */
export interface ConsumerDefaults extends ConsumerOptions {
  /**
   * `true` (default): each consumer keeps its position under a name that is derived from `id`,
   * subject and handler. A string replaces `id` in these names. `false`: consumers keep no
   * position, and each instance receives all messages.
   */
  durable?: boolean | string;
}

/** Options of a `NatsJetStreamServer`, which are also options of `register`. */
export interface NatsJetStreamServerOptions extends SessionOptions {
  /** Connection whose handlers the server runs. Default: the handlers without a `connection`. */
  connection?: string;
  /** Defaults of all consumers of this service. A `@JetStreamConsumer` overrides them. */
  consumerOptions?: ConsumerDefaults;
  /** Alias of `consumerOptions`. */
  serverConsumerOptions?: ConsumerDefaults;
  /** Maximum time that a shutdown waits for running handlers. Default 15 s. */
  gracePeriod?: Duration;
}

/** @throws InvalidOptionError (`INVALID_OPTION`) if both names are given */
export function consumerDefaults({
  consumerOptions,
  serverConsumerOptions,
}: NatsJetStreamServerOptions): ConsumerDefaults | undefined {
  if (consumerOptions && serverConsumerOptions) {
    throw InvalidOptionError.of(
      "'serverConsumerOptions' and 'consumerOptions' cannot be combined, because they are two names of one option. " +
        'Remove one of them.',
      serverConsumerOptions,
    );
  }
  return consumerOptions ?? serverConsumerOptions;
}
