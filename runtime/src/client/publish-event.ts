import { JetStreamApiError, JetStreamError } from '@nats-io/jetstream';
import { errors } from '@nats-io/transport-node';
import { encodeEvent } from '../codec/json-codec';
import { withDeadline } from '../duration/deadline';
import { NoStreamForSubjectError, PublishRefusedError, PublishTimeoutError } from '../errors/publish.errors';
import type { JetStreamSession } from '../session/jetstream-session';
import { assertPublishSubject } from '../subject/subject-syntax';
import type { NatsJetStreamPubAck } from './pub-ack';

/** Attempts, all with one message id, so that a lost PubAck never stores an event twice. */
const PUBLISH_ATTEMPTS = 3;

/** Stores one event and resolves to the server's PubAck. See `NatsJetStreamClientProxy.emitAsync` for the errors. */
export async function publishEvent(
  session: JetStreamSession,
  subject: string,
  event: unknown,
  messageId: string,
): Promise<NatsJetStreamPubAck> {
  assertPublishSubject(subject);
  const body = encodeEvent(subject, event);
  const { timeoutMs } = session;
  const { client } = await withDeadline(
    session.open(),
    timeoutMs,
    () => new PublishTimeoutError(subject, messageId, timeoutMs),
  );
  try {
    const { stream, seq, duplicate, domain } = await client.publish(subject, body, {
      msgID: messageId,
      timeout: timeoutMs,
      retries: PUBLISH_ATTEMPTS,
    });
    return { stream, seq, duplicate, ...(domain === undefined ? {} : { domain }) };
  } catch (error) {
    throw toPublishError(error, subject, messageId, timeoutMs * PUBLISH_ATTEMPTS);
  }
}

function toPublishError(error: unknown, subject: string, messageId: string, waitedMs: number): unknown {
  // nats.js reports "no responders" as JetStreamNotEnabled, which it does not export: its cause tells.
  const cause = error instanceof Error ? error.cause : undefined;
  if (cause instanceof errors.RequestError && cause.isNoResponders())
    return new NoStreamForSubjectError(subject, error);
  if (error instanceof errors.TimeoutError) {
    return new PublishTimeoutError(subject, messageId, waitedMs, error);
  }
  if (error instanceof JetStreamApiError || error instanceof JetStreamError) {
    return new PublishRefusedError(subject, messageId, error);
  }
  return error;
}
