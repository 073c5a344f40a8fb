import { setTimeout as delay } from 'node:timers/promises';
import type { Logger } from '@nestjs/common';
import { StreamProvisioningError } from '../errors/stream.errors';
import type { JetStreamSession, OpenSession } from './jetstream-session';
import { isUnanswered } from './until-answered';

const RETRY_DELAY_MS = 1_000;
/** A module and its server wait for one session: what ends it is one error. */
const logged = new WeakSet<object>();

/**
 * Opens a session whose server did not answer yet, in the background: resolves to it, or, with the
 * reason logged, to undefined. A server that is just back, or a cluster without a leader, cannot
 * make streams yet: that is tried again.
 */
export async function openWhenReachable(
  session: JetStreamSession,
  logger: Logger,
  stopping: AbortSignal,
): Promise<OpenSession | undefined> {
  let last: string | undefined;
  while (!stopping.aborted) {
    // An attempt meanwhile would wait for an answer longer than the server is away.
    await session.connection.untilBack(stopping);
    if (stopping.aborted) return undefined;
    try {
      return await session.open();
    } catch (error) {
      if (stopping.aborted) return undefined;
      if (String(error) !== last && !wasLogged(error)) logger.error(error);
      last = String(error);
      if (!(error instanceof StreamProvisioningError) && !isUnanswered(error)) return undefined;
      await delay(RETRY_DELAY_MS, undefined, { signal: stopping }).catch(() => undefined);
    }
  }
  return undefined;
}

function wasLogged(error: unknown): boolean {
  if (typeof error !== 'object' || error === null) return false;
  if (logged.has(error)) return true;
  logged.add(error);
  return false;
}
