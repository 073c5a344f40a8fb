import { NANOS_PER_MILLI } from '../errors/duration-text';
import { InvalidOptionError } from '../errors/configuration.errors';
import type { SessionOptions } from '../session/create-session';
import type { StreamRegistry } from '../stream/stream-registry';
import type { Duration } from '../util/duration';
import type { PublishDefaults } from './publish-options';

/** Options of a client, besides those of the session that it may share. */
export interface ClientSettings {
  /**
   * Defaults for every message: `headers`, `timeout`, `retries`, `ttl` and `expect.streamName`.
   * Default: none.
   */
  jetStreamPublishOptions?: PublishDefaults;
  /**
   * Maximum number of events that wait for their PubAck at the same time. Further events wait, and
   * their `timeout` begins when they are sent. A batch counts as its events. Default 4,000.
   */
  maxInFlight?: number;
  /**
   * How long `close()` waits, as at the end of the application, for PubAcks and replies that are
   * underway: ms or `'5s'`. Default 5 s. Those that do not come in time end with
   * `PUBLISH_UNCONFIRMED` and `REQUEST_UNANSWERED`.
   */
  closeTimeout?: Duration;
}

/** Options of a client made by hand, and the part of `register` that is about publishing. */
export interface NatsJetStreamClientOptions extends SessionOptions, ClientSettings {}

/** @throws InvalidOptionError (`INVALID_OPTION`) */
export function checkedMaxInFlight(max: number = 4_000): number {
  if (Number.isSafeInteger(max) && max > 0) return max;
  throw new InvalidOptionError('maxInFlight', max, 'give a whole number above 0');
}

/**
 * Returns a warning for each declared stream that may forget a message id before the last attempt
 * of its event.
 */
export function shortDuplicateWindows(streams: StreamRegistry, attemptsMs: number): string[] {
  return streams.all().flatMap(({ config }) => {
    const windowMs = (config.duplicate_window ?? 0) / NANOS_PER_MILLI;
    if (windowMs === 0 || windowMs >= attemptsMs) return [];
    return (
      `Stream '${config.name}' recognises a message id for ${windowMs} ms, and the attempts of an event take up to ${attemptsMs} ms. ` +
      `An event may be stored twice. Raise its duplicate window, or lower 'timeout' or 'retries'.`
    );
  });
}
