import { setTimeout as delay } from 'node:timers/promises';
import { backoff, errors } from '@nats-io/transport-node';
import { isNoResponders } from './publish-to-leader';

/**
 * Tries until an attempt succeeds, at most `attempts` times, with the pauses that nats.js makes. Only what may be another time is
 * tried again: no answer, or nobody who answers.
 * @param failure what the first attempt ended with, where there was one
 */
export async function publishAttempts<Ack>(
  attempt: () => Promise<Ack>,
  attempts: number,
  failure?: { readonly error: unknown },
): Promise<Ack> {
  const pauses = backoff();
  let failed = failure;
  for (let made = failed ? 1 : 0; ; made++) {
    if (failed) {
      const mayHelp = failed.error instanceof errors.TimeoutError || isNoResponders(failed.error);
      if (!mayHelp || made >= attempts) throw failed.error;
      await delay(pauses.backoff(made - 1));
    }
    try {
      return await attempt();
    } catch (error) {
      failed = { error };
    }
  }
}
