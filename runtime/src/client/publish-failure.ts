import { JetStreamApiError, JetStreamError, type StreamExpectations } from '@nats-io/jetstream';
import { errors } from '@nats-io/transport-node';
import { permissionDenied } from '../errors/permission.errors';
import { NoStreamForSubjectError, PublishRefusedError, PublishTimeoutError } from '../errors/publish.errors';
import { PayloadTooLargeError, StreamFullError, WrongLastSequenceError } from '../errors/publish-refusal.errors';
import type { OpenSession } from '../session/jetstream-session';
import { isUnanswered } from '../session/until-answered';
import { withDeadline } from '../util/deadline';
import { isNoResponders, type NatsJetStreamPubAck } from './pub-ack';

/** Details of an attempt for its error. */
export interface PublishAttempt {
  readonly subject: string;
  readonly messageId: string;
  /** Size of the event with its headers, in bytes. */
  readonly size: number;
  readonly waitedMs: number;
}

const MESSAGE_TOO_LARGE = 10_054;
// A stream that discards new messages answers "store failed". Accounts and servers without storage
// have their own codes.
const NO_ROOM: ReadonlySet<number> = new Set([10_002, 10_023, 10_028, 10_047, 10_077]);
const WRONG_LAST_SEQUENCE: ReadonlySet<number> = new Set([10_070, 10_071, 10_164]);

/** Returns the typed error for a failure of nats.js, or the failure itself if there is none. */
export async function toPublishError(error: unknown, session: OpenSession, attempt: PublishAttempt): Promise<unknown> {
  const { subject, messageId, size, waitedMs } = attempt;
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
    // The limit is only for the error message.
    return undefined;
  }
}

/** Pending lookups, so that many failed events of a subject share one. */
const lookups = new WeakMap<OpenSession, Map<string, Promise<boolean | undefined>>>();

/** Resolves to true if a stream stores the subject, or to undefined if the server does not say. */
export async function streamStores(open: OpenSession, subject: string): Promise<boolean | undefined> {
  const running = lookups.get(open) ?? new Map<string, Promise<boolean | undefined>>();
  lookups.set(open, running);
  const known = running.get(subject);
  if (known) return known;
  const lookup = lookUp(open, subject).finally(() => running.delete(subject));
  running.set(subject, lookup);
  return lookup;
}

/** Resolves to the name of the stream that stores a subject, or to undefined if there is none. */
export async function streamOf({ manager }: OpenSession, subject: string): Promise<string | undefined> {
  return (await manager.streams.names(subject).next())[0];
}

async function lookUp({ manager }: OpenSession, subject: string): Promise<boolean | undefined> {
  try {
    return (await manager.streams.names(subject).next()).length > 0;
  } catch (error) {
    // A cluster without a leader does not answer, but its streams may exist.
    return isUnanswered(error) || undefined;
  }
}

/**
 * Resolves to the PubAck of an event that an earlier attempt stored, or undefined. The server
 * checks expectations before message ids, so the event itself makes the expectation of its next
 * attempt fail.
 */
export async function findStored(
  { manager }: OpenSession,
  subject: string,
  messageId: string,
  { streamName, lastSequence, lastSubjectSequence }: Partial<StreamExpectations>,
): Promise<NatsJetStreamPubAck | undefined> {
  const stream = streamName ?? (await manager.streams.find(subject));
  const after = lastSequence ?? lastSubjectSequence;
  // The event is the first of its subject after the expected sequence, because later ones expected
  // this one.
  const query = after === undefined ? { last_by_subj: subject } : { next_by_subj: subject, seq: after + 1 };
  const message = await manager.streams.getMessage(stream, query);
  return message?.header.get('Nats-Msg-Id') === messageId ? { stream, seq: message.seq, duplicate: true } : undefined;
}

const SHORT_LOOKUP_MS = 1_000;

/** Resolves to the answer of a lookup, or to undefined if it fails or times out. */
export async function resultWithin<T>(lookup: Promise<T>, timeoutMs: number): Promise<T | undefined> {
  const limitMs = Math.min(SHORT_LOOKUP_MS, timeoutMs);
  return withDeadline(lookup, limitMs, () => new errors.TimeoutError()).catch(() => undefined);
}
