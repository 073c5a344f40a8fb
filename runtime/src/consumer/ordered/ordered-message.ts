import type { JsMsg } from '@nats-io/jetstream';
import type { EventCodec } from '../../codec/event-codec';
import { DeliveryReader } from '../../message/ack';
import { JetStreamMessage } from '../../message/jetstream-message';
import type { OpenSession } from '../../session/jetstream-session';

/** Creates a message without acknowledgements, so settling it sends nothing. */
export function orderedMessage(
  received: JsMsg,
  { connection }: OpenSession,
  timeoutMs: number,
  codec: EventCodec | undefined,
): JetStreamMessage {
  const { subject, sid, data, headers } = received;
  // Every message of nats.js has this property, but its type does not.
  const reply = 'reply' in received && typeof received.reply === 'string' ? received.reply : '';
  const silent = {
    subject,
    sid,
    data,
    reply,
    ...(headers ? { headers } : {}),
    respond: () => true,
    json: <T>(): T => received.json<T>(),
    string: () => received.string(),
  };
  return new JetStreamMessage(silent, {
    connection,
    codec,
    deliveries: new DeliveryReader(),
    consumerCreated: '',
    ackTimeoutMs: timeoutMs,
    acks: { write: () => undefined },
    inFlight: { settle: () => undefined },
    source: { release: () => undefined },
  });
}
