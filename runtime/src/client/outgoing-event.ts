import type { MsgHdrs, NatsConnection } from '@nats-io/transport-node';
import type { EventBody } from '../codec/event-codec';

/** An event as it goes to the server, once for each attempt. */
export interface OutgoingEvent {
  readonly subject: string;
  readonly body: EventBody;
  /** As they are on the wire. */
  readonly headers: string;
}

const LINE = '\r\n';
const VERSION = 'NATS/1.0';

/** The headers of an event that has no others than its message id. */
export function onlyMessageId(messageId: string): string {
  return `${VERSION}${LINE}Nats-Msg-Id: ${messageId.trim()}${LINE}${LINE}`;
}

export function headerText(headers: MsgHdrs): string {
  let text = VERSION;
  for (const [name, values] of headers) for (const value of values) text += `${LINE}${name}: ${value}`;
  return `${text}${LINE}${LINE}`;
}

/** Bytes of an event with its headers, which count towards the server's limits. */
export function sizeOf({ body, headers }: OutgoingEvent): number {
  return Buffer.byteLength(body) + Buffer.byteLength(headers);
}

/** Whether the server would end the connection over it. */
export function isTooLarge(size: number, connection: NatsConnection): boolean {
  const limit = connection.info?.max_payload;
  return limit !== undefined && size > limit;
}
