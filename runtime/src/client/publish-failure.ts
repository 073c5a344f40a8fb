import { JetStreamApiError, JetStreamError } from '@nats-io/jetstream';
import { errors } from '@nats-io/transport-node';
import { permissionDenied } from '../errors/permission.errors';
import { NoStreamForSubjectError, PublishRefusedError, PublishTimeoutError } from '../errors/publish.errors';
import { PayloadTooLargeError, StreamFullError, WrongLastSequenceError } from '../errors/publish-refusal.errors';
import type { OpenSession } from '../session/jetstream-session';
import { isNoResponders } from './publish-to-leader';

/** What was tried, to say what became of it. */
export interface PublishAttempt {
  readonly subject: string;
  readonly messageId: string;
  /** Bytes of the event and its headers. */
  readonly size: number;
  readonly waitedMs: number;
}

const MESSAGE_TOO_LARGE = 10_054;
// A stream that discards new messages answers "store failed"; accounts and servers without room have codes of their own.
const NO_ROOM: ReadonlySet<number> = new Set([10_002, 10_023, 10_028, 10_047, 10_077]);
const WRONG_LAST_SEQUENCE: ReadonlySet<number> = new Set([10_070, 10_071, 10_164]);

/** The typed error for what nats.js threw; what is not known comes back as it is. */
export async function toPublishError(error: unknown, session: OpenSession, attempt: PublishAttempt): Promise<unknown> {
  const { subject, messageId, size, waitedMs } = attempt;
  // Whose cause is the last attempt's failure, which is not to be taken for the outcome.
  if (error instanceof PublishTimeoutError) return error;
  if (isNoResponders(error)) return new NoStreamForSubjectError(subject, error);
  const denied = permissionDenied(error);
  if (denied) return denied;
  if (error instanceof errors.TimeoutError) return new PublishTimeoutError(subject, messageId, waitedMs, error);
  const maxPayload = session.connection.info?.max_payload;
  if (error instanceof errors.InvalidArgumentError && maxPayload !== undefined && size > maxPayload)
    return new PayloadTooLargeError(subject, size, maxPayload, 'max_payload of the server', error);
  if (error instanceof JetStreamApiError) {
    if (NO_ROOM.has(error.code)) return new StreamFullError(subject, messageId, error);
    if (WRONG_LAST_SEQUENCE.has(error.code)) return new WrongLastSequenceError(subject, messageId, error);
    if (error.code === MESSAGE_TOO_LARGE) {
      const limit = await maxMessageSize(session, subject);
      return new PayloadTooLargeError(subject, size, limit, 'max_msg_size of the stream', error);
    }
  }
  if (error instanceof JetStreamApiError || error instanceof JetStreamError)
    return new PublishRefusedError(subject, messageId, error);
  return error;
}

async function maxMessageSize({ manager }: OpenSession, subject: string): Promise<number | undefined> {
  try {
    const { config } = await manager.streams.info(await manager.streams.find(subject));
    return config.max_msg_size;
  } catch {
    // It only completes the message: the refusal itself is what the caller must learn of.
    return undefined;
  }
}
