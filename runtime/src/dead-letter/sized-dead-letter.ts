import type { MsgHdrs } from '@nats-io/transport-node';
import { headersSize } from '../client/message-headers';
import { DEAD_LETTER_HEADERS, deadLetterHeaders, type DeadLetter } from './dead-letter';

/** A dead letter that the server accepts. */
export interface SizedDeadLetter {
  readonly data: Uint8Array;
  readonly headers: MsgHdrs;
  /** True if the bytes and headers of the message must be stored as a message of their own. */
  readonly isSplit: boolean;
}

/** Limit of nats-server, whatever `max_payload` is. */
const MAX_HEADER_BYTES = 65_535;
const SHORT_REASON_LENGTH = 200;
const EXPECTATION_BYTES = Buffer.byteLength('Nats-Expected-Last-Subject-Sequence: 9007199254740991\r\n');

/**
 * Fits a dead letter into `max_payload`. A message may be as large as the server allows, and its
 * dead letter has more headers. So the stack is left out first, then the reason is shortened, and
 * last the message itself is stored apart.
 */
export function sizedDeadLetter(deadLetter: DeadLetter, maxPayload: number): SizedDeadLetter {
  const { data } = deadLetter;
  const headers = deadLetterHeaders(deadLetter);
  const fits = (): boolean => {
    const size = headersSize(headers) + EXPECTATION_BYTES;
    return size <= MAX_HEADER_BYTES && size + data.length <= maxPayload;
  };
  if (fits()) return { data, headers, isSplit: false };
  headers.delete(DEAD_LETTER_HEADERS.stack);
  if (fits()) return { data, headers, isSplit: false };
  shortenReason(headers);
  if (fits()) return { data, headers, isSplit: false };
  return withoutMessage(deadLetter);
}

function withoutMessage(deadLetter: DeadLetter): SizedDeadLetter {
  const headers = deadLetterHeaders({ ...deadLetter, headers: undefined });
  const messageId = deadLetter.headers?.get('Nats-Msg-Id');
  if (messageId) headers.set(DEAD_LETTER_HEADERS.messageId, messageId);
  headers.delete(DEAD_LETTER_HEADERS.stack);
  shortenReason(headers);
  return { data: new Uint8Array(), headers, isSplit: true };
}

function shortenReason(headers: MsgHdrs): void {
  const reason = headers.get(DEAD_LETTER_HEADERS.reason);
  if (reason.length > SHORT_REASON_LENGTH)
    headers.set(DEAD_LETTER_HEADERS.reason, `${reason.slice(0, SHORT_REASON_LENGTH)}…`);
}
