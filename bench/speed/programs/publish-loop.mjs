import { Meter } from './meter.mjs';

/**
 * Publishes `warmUp + messages` events with `inFlight` of them at a time, and counts each when
 * `publish` resolves. If `inFlight` is 1, it also records latencies.
 */
export async function publishLoop(publish, given) {
  const { warmUp, messages, inFlight } = given;
  const latencies = [];
  const meter = new Meter({ ...given, figures: () => (inFlight === 1 ? percentiles(latencies) : {}) });
  let next = 0;
  const worker = async () => {
    while (next < warmUp + messages) {
      const id = next++;
      const startedAt = performance.now();
      await publish(id);
      if (id >= warmUp && inFlight === 1) latencies.push((performance.now() - startedAt) * 1_000);
      meter.count();
    }
  };
  await Promise.all(Array.from({ length: inFlight }, worker));
}

export function percentiles(latencies) {
  const sorted = latencies.toSorted((a, b) => a - b);
  const at = (share) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))];
  return { p50Us: at(0.5), p99Us: at(0.99) };
}
