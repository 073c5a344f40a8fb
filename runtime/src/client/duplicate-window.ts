import { NANOS_PER_MILLI } from '../errors/duration-text';
import type { StreamRegistry } from '../stream/stream-registry';

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
