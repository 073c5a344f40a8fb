import { JetStreamApiCodes, JetStreamApiError, type JetStreamPublishOptions, type PubAck } from '@nats-io/jetstream';
import { isNoResponders } from '../client/publish-to-leader';
import { MissingStreamError } from '../errors/admin.errors';
import { permissionDenied } from '../errors/permission.errors';
import type { OpenSession } from '../session/jetstream-session';

const WRONG_LAST_SEQUENCE: ReadonlySet<number> = new Set([
  JetStreamApiCodes.StreamWrongLastSequence,
  JetStreamApiCodes.StreamWrongLastSequenceUnknown,
]);

/**
 * Publishes to a stream of this package.
 * @throws MissingStreamError (`MISSING_STREAM`), PermissionDeniedError (`PERMISSION_DENIED`), else what nats.js throws
 */
export async function publishToStream(
  { client, manager }: OpenSession,
  stream: string,
  subject: string,
  data: Uint8Array,
  options: Partial<JetStreamPublishOptions>,
): Promise<PubAck> {
  try {
    return await client.publish(subject, data, options);
  } catch (error) {
    // A stream between two leaders does not answer either.
    if (isNoResponders(error) && (await isMissing(manager, stream))) throw missingStream(stream, error);
    throw permissionDenied(error) ?? error;
  }
}

/** Returns the error for a stream of this package that does not exist. */
export function missingStream(stream: string, cause: unknown): MissingStreamError {
  return new MissingStreamError(stream, cause, `Create it, or start this service once with provisioning: 'apply'.`);
}

/** Tells whether the server refused a publish because another message of the subject was stored first. */
export function isWrongLastSequence(error: unknown): boolean {
  return error instanceof JetStreamApiError && WRONG_LAST_SEQUENCE.has(error.code);
}

/** Tells whether the server says that there is no such stream. */
export function isStreamNotFound(error: unknown): boolean {
  return error instanceof JetStreamApiError && error.code === JetStreamApiCodes.StreamNotFound;
}

/** Asks by reading, since every user of these streams may read them. */
async function isMissing({ streams }: OpenSession['manager'], stream: string): Promise<boolean> {
  return streams.getMessage(stream, { seq: 1 }).then(() => false, isStreamNotFound);
}
