import type { NodeConnectionOptions } from '@nats-io/transport-node';

const DEFAULT_WAIT_MS = 2_000;
const DEFAULT_JITTER_MS = 100;
const DEFAULT_JITTER_TLS_MS = 1_000;

/**
 * The pause before the next attempt to connect, in ms: nats.js's rule, which holds for the first
 * connection as well here. A `reconnectDelayHandler` that throws or gives no number would end
 * nats.js's attempts, or make them without any pause: the default takes its place.
 */
export function reconnectDelay(options: NodeConnectionOptions, report: (problem: string) => void): () => number {
  const { reconnectDelayHandler: handler, tls } = options;
  const { reconnectTimeWait: waitMs = DEFAULT_WAIT_MS } = options;
  const { reconnectJitter = DEFAULT_JITTER_MS, reconnectJitterTLS = DEFAULT_JITTER_TLS_MS } = options;
  const jitterMs = tls ? reconnectJitterTLS : reconnectJitter;
  const usual = (): number => waitMs + Math.floor(Math.random() * (jitterMs + 1));
  if (!handler) return usual;
  return () => {
    try {
      const delayMs: unknown = handler();
      if (typeof delayMs === 'number' && Number.isFinite(delayMs) && delayMs >= 0) return delayMs;
      report(`reconnectDelayHandler gave ${String(delayMs)}, which is no delay in ms`);
    } catch (error) {
      report(`reconnectDelayHandler failed: ${String(error)}`);
    }
    return usual();
  };
}
