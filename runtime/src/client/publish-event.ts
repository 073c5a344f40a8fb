import { randomUUID } from 'node:crypto';
import type { MsgHdrs } from '@nats-io/transport-node';
import { withDeadline } from '../duration/deadline';
import { PublishTimeoutError } from '../errors/publish.errors';
import { WrongLastSequenceError } from '../errors/publish-refusal.errors';
import type { JetStreamSession } from '../session/jetstream-session';
import { assertPublishSubject } from '../subject/subject-syntax';
import { validatedEvent } from '../schema/validate-event';
import { headersSize } from './message-headers';
import type { NatsJetStreamPubAck } from './pub-ack';
import { publishToLeader } from './publish-to-leader';
import { toPublishError } from './publish-failure';
import { storedBefore } from './stored-before';
import { checkedPublish, type PublishDefaults, type PublishOptions } from './publish-options';

/** What is needed of a session to publish. */
export type PublishSession = Pick<JetStreamSession, 'codec' | 'open' | 'timeoutMs'>;

/** Stores one event and resolves to the server's PubAck. See `NatsJetStreamClientProxy.emitAsync` for the errors. */
export async function publishEvent(
  session: PublishSession,
  subject: string,
  event: unknown,
  options: PublishOptions,
  defaults: PublishDefaults,
): Promise<NatsJetStreamPubAck> {
  assertPublishSubject(subject);
  const { msgID = randomUUID(), validate, ...checked } = checkedPublish(options, defaults, session.timeoutMs);
  if (validate) await validatedEvent({ subject }, asRead(session, subject, event, checked.headers));
  const body = await session.codec.encode(subject, event);
  const { timeout, retries, headers } = checked;
  const open = await withDeadline(session.open(), timeout, () => new PublishTimeoutError(subject, msgID, timeout));
  try {
    const { stream, seq, duplicate, domain } = await publishToLeader(
      () => open.client.publish(subject, body, { ...checked, msgID }),
      open,
      subject,
      retries === 1 ? 0 : timeout * retries,
      (cause) => new PublishTimeoutError(subject, msgID, timeout * retries, cause),
    );
    return { stream, seq, duplicate, ...(domain === undefined ? {} : { domain }) };
  } catch (error) {
    // nats.js has added its own headers by now, which count.
    const size = body.length + headersSize(headers);
    const attempt = { subject, messageId: msgID, size, waitedMs: timeout * retries };
    const failure = await toPublishError(error, open, attempt);
    if (!(failure instanceof WrongLastSequenceError) || retries === 1) throw failure;
    const earlier = await storedBefore(open, subject, msgID, checked.expect ?? {}).catch((cause: unknown) => {
      throw new PublishTimeoutError(subject, msgID, attempt.waitedMs, cause);
    });
    if (earlier) return earlier;
    throw failure;
  }
}

/** Bytes are published as they are: what a schema judges is what a consumer reads of them. */
function asRead({ codec }: PublishSession, subject: string, event: unknown, headers: MsgHdrs | undefined): unknown {
  return event instanceof Uint8Array ? codec.decode({ subject, headers }, event) : event;
}
