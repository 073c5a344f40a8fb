import { setTimeout as delay } from 'node:timers/promises';
import { JetStreamApiError } from '@nats-io/jetstream';
import { errors } from '@nats-io/transport-node';
import { StreamProvisioningError } from '../errors/stream.errors';

const RETRY_DELAY_MS = 1_000;
/** "JetStream system temporarily unavailable" */
const NOT_AVAILABLE = 10_008;

/**
 * Returns true if JetStream did not answer, as in a cluster without a leader. Such a failure is
 * temporary, unlike a refusal.
 */
export function isUnanswered(error: unknown): boolean {
  const cause = error instanceof StreamProvisioningError ? error.cause : error;
  return cause instanceof errors.TimeoutError || (cause instanceof JetStreamApiError && cause.code === NOT_AVAILABLE);
}

/**
 * Retries until JetStream answers or the application stops.
 * @throws any other failure of the attempt
 */
export async function retryUntilAnswered(attempt: () => Promise<void>, stopping: AbortSignal): Promise<void> {
  while (!stopping.aborted) {
    try {
      return await attempt();
    } catch (error) {
      if (stopping.aborted) return;
      if (!isUnanswered(error)) throw error;
      await delay(RETRY_DELAY_MS, undefined, { signal: stopping }).catch(() => undefined);
    }
  }
}
