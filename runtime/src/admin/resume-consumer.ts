import type { JetStreamManager } from '@nats-io/jetstream';

/**
 * Must be longer than a request takes. The server does not resume if the date is in the past when
 * it arrives.
 */
const UNTIL_RESUMED_MS = 1_000;

/**
 * Ends a pause by moving its end to the next second. If a pause is cleared instead, the server
 * serves pulls only after its next heartbeat, and never resumes a push consumer without heartbeats.
 * When a pause expires, the server delivers at once.
 */
export async function resumePausedConsumer(
  { consumers }: JetStreamManager,
  stream: string,
  durable: string,
): Promise<void> {
  const { paused, ts } = await consumers.info(stream, durable);
  // Use the clock of the server, not of this machine.
  const now = ts === undefined ? Date.now() : Date.parse(ts);
  if (paused) await consumers.pause(stream, durable, new Date(now + UNTIL_RESUMED_MS));
}
