import type { NodeConnectionOptions } from '@nats-io/transport-node';

const DEFAULT_WAIT_MS = 2_000;
const DEFAULT_JITTER_MS = 100;
const DEFAULT_JITTER_TLS_MS = 1_000;

/**
 * Returns a function for the delay before the next attempt to connect, in ms. The rule is that of
 * nats.js, and also applies before the first connection. The default replaces the result of a
 * `reconnectDelayHandler` that throws or returns an invalid value, which would end the attempts of
 * nats.js or remove their delay.
 */
export function reconnectDelay(options: NodeConnectionOptions, report: (problem: string) => void): () => number {
  const { reconnectDelayHandler: handler, tls } = options;
  const { reconnectTimeWait: waitMs = DEFAULT_WAIT_MS } = options;
  const { reconnectJitter = DEFAULT_JITTER_MS, reconnectJitterTLS = DEFAULT_JITTER_TLS_MS } = options;
  const jitterMs = tls ? reconnectJitterTLS : reconnectJitter;
  const defaultDelayMs = (): number => waitMs + Math.floor(Math.random() * (jitterMs + 1));
  if (!handler) return defaultDelayMs;
  return () => {
    try {
      const delayMs: unknown = handler();
      if (typeof delayMs === 'number' && Number.isFinite(delayMs) && delayMs >= 0) return delayMs;
      report(`reconnectDelayHandler returned ${String(delayMs)} instead of milliseconds.`);
    } catch (error) {
      report(`reconnectDelayHandler failed with "${String(error)}".`);
    }
    return defaultDelayMs();
  };
}
