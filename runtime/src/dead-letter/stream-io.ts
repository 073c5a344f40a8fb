import {
  JetStreamApiCodes,
  JetStreamApiError,
  type DirectMsgRequest,
  type JetStreamPublishOptions,
  type MsgRequest,
  type PubAck,
  type StoredMsg,
} from '@nats-io/jetstream';
import { isNoResponders } from '../client/pub-ack';
import { MissingStreamError } from '../errors/admin.errors';
import { permissionDenied } from '../errors/permission.errors';
import type { OpenSession } from '../session/jetstream-session';

const WRONG_LAST_SEQUENCE: ReadonlySet<number> = new Set([
  JetStreamApiCodes.StreamWrongLastSequence,
  JetStreamApiCodes.StreamWrongLastSequenceUnknown,
]);

/**
 * Publishes to a stream of this package.
 * @throws MissingStreamError (`MISSING_STREAM`), PermissionDeniedError (`PERMISSION_DENIED`), or an
 * error of nats.js
 */
export async function publishToStream(
  open: OpenSession,
  stream: string,
  subject: string,
  data: Uint8Array,
  options: Partial<JetStreamPublishOptions>,
): Promise<PubAck> {
  try {
    return await open.client.publish(subject, data, options);
  } catch (error) {
    throw await publishFailure(open, stream, error);
  }
}

/**
 * Returns the error for a failed publish. nats.js reports any unanswered publish as "jetstream is
 * not enabled".
 */
export async function publishFailure({ manager }: OpenSession, stream: string, error: unknown): Promise<unknown> {
  if (!isNoResponders(error)) return permissionDenied(error) ?? error;
  // Reads a message, because all users of these streams have this permission.
  const isMissing = await manager.streams.getMessage(stream, { seq: 1 }).then(() => false, isStreamNotFound);
  if (isMissing) return missingStream(stream, error);
  const cause = error instanceof Error && error.cause ? error.cause : error;
  return new Error(`Stream '${stream}' does not answer. It may be electing a leader.`, { cause });
}

/**
 * Reads a message of a stream of this package.
 * @throws MissingStreamError (`MISSING_STREAM`), PermissionDeniedError (`PERMISSION_DENIED`), or an
 * error of nats.js
 */
export async function readFromStream(
  { manager }: OpenSession,
  stream: string,
  query: MsgRequest | DirectMsgRequest,
): Promise<StoredMsg | null> {
  try {
    // Reads from the leader, because a replica may not have the last message yet.
    return await manager.streams.getMessage(stream, query as MsgRequest);
  } catch (error) {
    if (isStreamNotFound(error)) throw missingStream(stream, error);
    throw permissionDenied(error) ?? error;
  }
}

/** Returns true if the server refused a publish because the subject has another message. */
export function isWrongLastSequence(error: unknown): boolean {
  return error instanceof JetStreamApiError && WRONG_LAST_SEQUENCE.has(error.code);
}

function missingStream(stream: string, cause: unknown): MissingStreamError {
  return new MissingStreamError(stream, cause, `Create it, or start this service once with provisioning: 'apply'.`);
}

function isStreamNotFound(error: unknown): boolean {
  return error instanceof JetStreamApiError && error.code === JetStreamApiCodes.StreamNotFound;
}
