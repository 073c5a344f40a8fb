import { setTimeout as delay } from 'node:timers/promises';
import { JetStreamApiError } from '@nats-io/jetstream';
import { errors } from '@nats-io/transport-node';
import type { OpenSession } from '../session/jetstream-session';
import { isUnanswered } from '../session/until-answered';

/** JetStream is temporarily unavailable; duplicate message id is in process. */
const UNDECIDED: ReadonlySet<number> = new Set([10_008, 10_158]);
const PAUSE_MS = 250;
/** Who may not ask for streams does not learn whether there is one. */
const LOOKUPS = 2;

/** nats.js reports "no responders" as JetStreamNotEnabled, which it does not export: its cause tells. */
export function isNoResponders(error: unknown): boolean {
  if (error instanceof errors.RequestError) return error.isNoResponders();
  const cause = error instanceof Error ? error.cause : undefined;
  return cause instanceof errors.RequestError && cause.isNoResponders();
}

/**
 * What a leader answers that the others do not follow any more, or not yet: the second is about an earlier attempt with the same message id, which
 * may still be stored.
 */
function isUndecided(error: unknown): boolean {
  return error instanceof JetStreamApiError && UNDECIDED.has(error.code);
}

/**
 * Publishes again while nobody takes the event although a stream stores its subject: between two leaders a stream does not
 * answer, for seconds, or answers that it cannot say yet. Where no stream stores it, that is said at once.
 * @throws what `publish` throws; `onTimeout()` when the stream has no leader for `millis`
 */
export async function publishToLeader<Ack>(
  publish: () => Promise<Ack>,
  session: OpenSession,
  subject: string,
  millis: number,
  onTimeout: (cause: unknown) => Error,
): Promise<Ack> {
  const deadline = performance.now() + millis;
  let failedLookups = 0;
  for (;;) {
    try {
      return await publish();
    } catch (error) {
      const isStreamThere = isUndecided(error);
      if (!isStreamThere && !isNoResponders(error)) throw error;
      const isStored = isStreamThere || (await mayBeStored(session, subject));
      if (isStored === undefined) failedLookups++;
      if (isStored === false || failedLookups === LOOKUPS) throw error;
      if (performance.now() >= deadline) throw onTimeout(error);
      await delay(PAUSE_MS);
    }
  }
}

/** Undefined when nobody will say so. */
async function mayBeStored({ manager }: OpenSession, subject: string): Promise<boolean | undefined> {
  try {
    return (await manager.streams.names(subject).next()).length > 0;
  } catch (error) {
    // The cluster has no leader either, which is no word about its streams.
    return isUnanswered(error) || undefined;
  }
}
