import { setTimeout as delay } from 'node:timers/promises';
import { JetStreamApiError } from '@nats-io/jetstream';

const NO_SUITABLE_PEERS = 10_005;
const RETRY_DELAY_MS = 500;
const GIVE_UP_AFTER_MS = 10_000;

/**
 * Servers of a cluster that forms, or of which one is being restarted, count as offline for some seconds: until they are back
 * there is no place for all replicas. A placement that no server fits is refused the same way, so this ends.
 * @throws what the last attempt was refused with
 */
export async function whenPlaceable<Answer>(ask: () => Promise<Answer>): Promise<Answer> {
  const end = performance.now() + GIVE_UP_AFTER_MS;
  for (;;) {
    try {
      return await ask();
    } catch (error) {
      const passes = error instanceof JetStreamApiError && error.code === NO_SUITABLE_PEERS;
      if (!passes || performance.now() >= end) throw error;
      await delay(RETRY_DELAY_MS);
    }
  }
}
