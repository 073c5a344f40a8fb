import type { ConsumerOptions } from '../consumer/consumer-options';
import type { Duration } from '../duration/duration';
import type { SessionOptions } from '../session/create-session';

export interface NatsJetStreamServerOptions extends SessionOptions {
  /** Defaults for every consumer of this service; a `@JetStreamConsumer` overrides them. */
  consumerOptions?: ConsumerOptions;
  /** How long a shutdown waits for handlers that run. Default 15 s. */
  gracePeriod?: Duration;
}
