import type { JetStreamManager } from '@nats-io/jetstream';

/** Longer than a request takes: a date that is past on arrival wakes nobody. */
const UNTIL_RESUMED_MS = 1_000;

/**
 * Lets a pause run out. A server that is told to end one takes pulls up again with its next
 * heartbeat only, and leaves a push consumer without heartbeats silent; at the date that was set it
 * delivers at once.
 */
export async function resumePausedConsumer(
  { consumers }: JetStreamManager,
  stream: string,
  durable: string,
): Promise<void> {
  const { paused, ts } = await consumers.info(stream, durable);
  // The server's clock counts, not this machine's.
  const now = ts === undefined ? Date.now() : Date.parse(ts);
  if (paused) await consumers.pause(stream, durable, new Date(now + UNTIL_RESUMED_MS));
}
