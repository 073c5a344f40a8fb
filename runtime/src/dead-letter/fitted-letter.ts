import type { MsgHdrs } from '@nats-io/transport-node';
import { headersSize } from '../client/message-headers';
import { DEAD_LETTER_HEADERS, deadLetterHeaders, type DeadLetter } from './dead-letter';

/** A dead letter as its stream can take it. */
export interface FittedLetter {
  readonly data: Uint8Array;
  readonly headers: MsgHdrs;
  /** False: it only says where the message is, which must stay there. */
  readonly isWhole: boolean;
}

/** Server rule, whatever `max_payload` is. */
const MOST_HEADER_BYTES = 65_535;
const SHORT_REASON_LENGTH = 200;
const LEFT_IN_STREAM = 'left in its stream';
const EXPECTATION_BYTES = Buffer.byteLength('Nats-Expected-Last-Subject-Sequence: 0\r\n');

/**
 * A message may be as large as the server lets any be, and its copy has headers more: the stack is left out then, the reason
 * shortened, and where even that does not fit, the copy has none of the message.
 */
export function fittedLetter(letter: DeadLetter, maxPayload: number): FittedLetter {
  const { data } = letter;
  const headers = deadLetterHeaders(letter);
  const fits = (): boolean => {
    const size = headersSize(headers) + EXPECTATION_BYTES;
    return size <= MOST_HEADER_BYTES && size + data.length <= maxPayload;
  };
  if (fits()) return { data, headers, isWhole: true };
  headers.delete(DEAD_LETTER_HEADERS.stack);
  if (fits()) return { data, headers, isWhole: true };
  shortenReason(headers);
  if (fits()) return { data, headers, isWhole: true };
  return reference(letter);
}

/** Whether a stored dead letter only says where its message is. */
export function isReference(headers: MsgHdrs): boolean {
  return headers.get(DEAD_LETTER_HEADERS.content) === LEFT_IN_STREAM;
}

function reference(letter: DeadLetter): FittedLetter {
  const headers = deadLetterHeaders({ ...letter, headers: undefined });
  headers.delete(DEAD_LETTER_HEADERS.stack);
  shortenReason(headers);
  headers.set(DEAD_LETTER_HEADERS.content, LEFT_IN_STREAM);
  return { data: new Uint8Array(), headers, isWhole: false };
}

function shortenReason(headers: MsgHdrs): void {
  const reason = headers.get(DEAD_LETTER_HEADERS.reason);
  if (reason.length > SHORT_REASON_LENGTH)
    headers.set(DEAD_LETTER_HEADERS.reason, `${reason.slice(0, SHORT_REASON_LENGTH)}…`);
}
