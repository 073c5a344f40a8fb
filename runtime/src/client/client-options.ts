import { NANOS_PER_MILLI } from '../errors/duration-text';
import { InvalidOptionError } from '../errors/configuration.errors';
import type { SessionOptions } from '../session/create-session';
import type { StreamRegistry } from '../stream/stream-registry';
import type { Duration } from '../util/duration';
import type { PublishDefaults } from './publish-options';

/** Options of a client, without those of its session, which it may share. */
export interface ClientSettings {
  /**
   * Defaults for every message: `headers`, `timeout`, `retries`, `ttl` and `expect.streamName`.
   * Default: none.
   */
  jetStreamPublishOptions?: PublishDefaults;
  /**
   * Maximum number of events in flight, which are waiting for their PubAck. Further events are
   * queued, and their `timeout` begins when they are sent. Each event of a batch counts. Default
   * 4,000.
   */
  maxInFlight?: number;
  /**
   * Time that `close()` and the application shutdown wait for outstanding PubAcks and replies: ms
   * or `'5s'`. Events and requests without an answer then fail with `PUBLISH_UNCONFIRMED` and
   * `REQUEST_UNANSWERED`. Default 5 s.
   */
  closeTimeout?: Duration;
}

/** Options of `new NatsJetStreamClientProxy()`, and the options of `register` for publishing. */
export interface NatsJetStreamClientOptions extends SessionOptions, ClientSettings {}

/**
 * Returns the checked option, or its default.
 * @throws InvalidOptionError (`INVALID_OPTION`)
 */
export function checkedMaxInFlight(max: number = 4_000): number {
  if (Number.isSafeInteger(max) && max > 0) return max;
  throw new InvalidOptionError('maxInFlight', max, 'pass a whole number above 0');
}

/**
 * Returns a warning for each declared stream whose duplicate window is shorter than all attempts of
 * an event.
 */
export function shortDuplicateWindows(streams: StreamRegistry, attemptsMs: number): string[] {
  return streams.all().flatMap(({ config }) => {
    const windowMs = (config.duplicate_window ?? 0) / NANOS_PER_MILLI;
    if (windowMs === 0 || windowMs >= attemptsMs) return [];
    return (
      `The duplicate window of stream '${config.name}' is ${windowMs} ms, but the attempts to publish an event take up to ${attemptsMs} ms. ` +
      `An event may be stored twice. Raise the duplicate window, or lower 'timeout' or 'retries'.`
    );
  });
}
