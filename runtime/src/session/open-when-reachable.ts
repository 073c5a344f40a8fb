import { setTimeout as delay } from 'node:timers/promises';
import type { Logger } from '@nestjs/common';
import { StreamProvisioningError } from '../errors/stream.errors';
import type { JetStreamSession, OpenSession } from './jetstream-session';
import { isUnanswered } from './until-answered';

const RETRY_DELAY_MS = 1_000;
/** Errors that were logged. A module and its server wait for the same session. */
const logged = new WeakSet<object>();

/**
 * Opens a session in the background after its server did not answer. Resolves to undefined if that
 * fails, and logs the reason. Retries while streams cannot be created, as on a server that just
 * started or in a cluster without a leader.
 */
export async function openWhenReachable(
  session: JetStreamSession,
  logger: Logger,
  stopping: AbortSignal,
): Promise<OpenSession | undefined> {
  let last: string | undefined;
  while (!stopping.aborted) {
    // An attempt while disconnected would wait for its timeout, even if the server is back earlier.
    await session.connection.untilReconnected(stopping);
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
