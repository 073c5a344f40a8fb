import { randomUUID } from 'node:crypto';
import type { MsgHdrs } from '@nats-io/transport-node';
import { withDeadline } from '../duration/deadline';
import { PublishTimeoutError } from '../errors/publish.errors';
import type { JetStreamSession, OpenSession } from '../session/jetstream-session';
import { assertPublishSubject } from '../subject/subject-syntax';
import { validatedEvent } from '../schema/validate-event';
import { onlyMessageId } from './outgoing-event';
import type { EventBody } from '../codec/event-codec';
import type { NatsJetStreamPubAck } from './pub-ack';
import { publishHeaders } from './publish-headers';
import { checkedPublish, type CheckedPublish, type PublishDefaults, type PublishOptions } from './publish-options';
import { Publication } from './publication';

/** What is needed of a session to publish. */
export type PublishSession = Pick<JetStreamSession, 'codec' | 'open' | 'ready' | 'timeoutMs'>;

/** Stores one event and resolves to the server's PubAck. See `NatsJetStreamClientProxy.emitAsync` for the errors. */
export function publishEvent(
  session: PublishSession,
  subject: string,
  event: unknown,
  options: PublishOptions,
  defaults: PublishDefaults,
): Promise<NatsJetStreamPubAck> {
  try {
    assertPublishSubject(subject);
    const checked = checkedPublish(options, defaults, session.timeoutMs);
    const { ready } = session;
    if (!ready || checked.validate) return publishWhenReady(session, subject, event, checked);
    const body = session.codec.encode(subject, event);
    return body instanceof Promise
      ? body.then((written) => publication(subject, written, checked).publish(ready))
      : publication(subject, body, checked).publish(ready);
  } catch (error) {
    return Promise.reject(error);
  }
}

async function publishWhenReady(
  session: PublishSession,
  subject: string,
  event: unknown,
  checked: CheckedPublish,
): Promise<NatsJetStreamPubAck> {
  if (checked.validate) await validatedEvent({ subject }, asRead(session, subject, event, checked.headers));
  const outgoing = publication(subject, await session.codec.encode(subject, event), checked);
  const { timeout } = checked;
  const late = (): Error => new PublishTimeoutError(subject, outgoing.messageId, timeout);
  const open: OpenSession = await withDeadline(session.open(), timeout, late);
  return outgoing.publish(open);
}

function publication(subject: string, body: EventBody, checked: CheckedPublish): Publication {
  const { msgID: messageId = randomUUID(), headers, expect, ttl } = checked;
  const isPlain = !headers && !expect && ttl === undefined;
  const event = { subject, body, headers: isPlain ? onlyMessageId(messageId) : publishHeaders(checked, messageId) };
  return new Publication(event, messageId, checked);
}

/** Bytes are published as they are: what a schema judges is what a consumer reads of them. */
function asRead({ codec }: PublishSession, subject: string, event: unknown, headers: MsgHdrs | undefined): unknown {
  return event instanceof Uint8Array ? codec.decode({ subject, headers }, event) : event;
}
