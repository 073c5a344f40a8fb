import { JetStreamApiCodes, JetStreamApiError } from '@nats-io/jetstream';
import { AdminNotAllowedError } from '../errors/admin.errors';
import type { OpenSession } from '../session/jetstream-session';
import { attemptPattern } from './attempt-record';
import { ATTEMPT_STREAM } from './attempt-stream';

const PURGE_DENIED = 10_110;

/**
 * Drops the records of a consumer's messages. Must be called before the server restarts its
 * delivery counts, because the records count from the old ones. Keeps the records of redriven
 * messages, which another consumer delivers.
 * @param what completes "Not allowed to ..."
 * @throws AdminNotAllowedError (`ADMIN_NOT_ALLOWED`), or an error of nats.js
 */
export async function dropAttempts(
  { manager }: OpenSession,
  stream: string,
  consumer: string,
  what: string,
): Promise<void> {
  const { name } = ATTEMPT_STREAM;
  try {
    await manager.streams.purge(name, { filter: attemptPattern(stream, consumer) });
  } catch (error) {
    if (!(error instanceof JetStreamApiError)) throw error;
    // The account has no service that counts attempts.
    if (error.code === JetStreamApiCodes.StreamNotFound) return;
    if (error.code !== PURGE_DENIED) throw error;
    throw new AdminNotAllowedError(what, `Stream '${name}' has deny_purge, which cannot be changed`, error);
  }
}
