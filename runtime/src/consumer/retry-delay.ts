const JITTER = 0.2;

/**
 * The pause before the next delivery, in whole milliseconds: the server takes a fraction for an invalid delay and delivers
 * again at once.
 */
export function retryDelayMs(
  delaysMs: readonly number[],
  deliveryCount: number,
  random: () => number = Math.random,
): number {
  const at = Math.min(Math.max(deliveryCount, 1), delaysMs.length) - 1;
  return Math.max(1, Math.round((delaysMs[at] ?? 0) * (1 + JITTER * (2 * random() - 1))));
}
