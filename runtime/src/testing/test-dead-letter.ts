import type { StoredMsg } from '@nats-io/jetstream';
import type { MsgHdrs } from '@nats-io/transport-node';
import type { EventCodec } from '../codec/event-codec';
import { DEAD_LETTER_HEADERS, ownHeaders } from '../message/dead-letter';

/** A dead letter in `<STREAM>_DEAD`. */
export interface TestDeadLetter<TEvent = unknown> {
  /** Original stream, consumer, subject and sequence of the message. */
  readonly stream: string;
  readonly consumer: string;
  readonly subject: string;
  readonly sequence: number;
  /** Number of deliveries. */
  readonly deliveries: number;
  /** Last error of the handler in one line, such as `Error: no stock`. */
  readonly reason: string;
  /** Original message id. Empty if the message had none. */
  readonly msgID: string;
  /** The original bytes. */
  readonly data: Uint8Array;
  /** The original headers. */
  readonly headers: MsgHdrs;
  /** The original event. @throws UndecodableEventError (`UNDECODABLE_EVENT`) */
  event(): Promise<TEvent>;
}

export function testDeadLetter<TEvent>({ header, data }: StoredMsg, codec: EventCodec): TestDeadLetter<TEvent> {
  const value = (name: keyof typeof DEAD_LETTER_HEADERS): string => header.get(DEAD_LETTER_HEADERS[name]);
  const subject = value('subject');
  const headers = ownHeaders(header);
  return {
    stream: value('stream'),
    consumer: value('consumer'),
    subject,
    sequence: Number(value('sequence')),
    deliveries: Number(value('deliveries')),
    reason: value('reason'),
    msgID: value('messageId'),
    data,
    headers,
    event: async () => (await codec.decode({ subject, headers }, data)) as TEvent,
  };
}
