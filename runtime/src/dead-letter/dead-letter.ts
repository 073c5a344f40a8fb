import { headers as createHeaders, type MsgHdrs, type MsgHdrsImpl } from '@nats-io/transport-node';
import { failureStack, failureText } from '../errors/thrown-value';
import type { DeadLetter } from '../message/dead-letter';

/** Reason for a message whose final attempt ended without an outcome. */
export const PROCESS_EXITED = 'The consumer process exited before acknowledging the final delivery';

/** Headers that a dead letter adds to those of its message. `Nats-` headers are not copied. */
export const DEAD_LETTER_HEADERS = {
  stream: 'Dead-Letter-Stream',
  consumer: 'Dead-Letter-Consumer',
  subject: 'Dead-Letter-Subject',
  sequence: 'Dead-Letter-Sequence',
  deliveries: 'Dead-Letter-Deliveries',
  reason: 'Dead-Letter-Reason',
  stack: 'Dead-Letter-Stack',
  messageId: 'Dead-Letter-Message-Id',
  storedAt: 'Dead-Letter-Stored-At',
  /**
   * Sequence of the separate message with the bytes and headers, if the dead letter was too large.
   */
  content: 'Dead-Letter-Content',
} as const;

/** Consumer and sequence of a dead-lettered message. */
interface DeadLetterKey {
  readonly stream: string;
  readonly consumer: string;
  readonly sequence: number;
}

/** Returns the subject of a dead letter. It is unique, so that the server refuses a second copy. */
export function deadLetterSubject({ stream, consumer, sequence }: DeadLetterKey): string {
  return `dead.${stream}.${consumer}.${sequence}`;
}

/** Returns the subject for the bytes of a message that did not fit into its dead letter. */
export function deadLetterContentSubject(key: DeadLetterKey): string {
  return `${deadLetterSubject(key)}.content`;
}

/** Returns the subject pattern of the dead letters of a stream, or of one of its consumers. */
export function deadLetterPattern(stream: string, consumer = '*'): string {
  return `dead.${stream}.${consumer}.*`;
}

/** Returns the headers of a dead letter. */
function deadLetterHeaders(deadLetter: DeadLetter): MsgHdrs {
  const headers = ownHeaders(deadLetter.headers);
  const set = (name: string, value: string): void => {
    if (value) headers.set(name, value);
  };
  set(DEAD_LETTER_HEADERS.stream, deadLetter.stream);
  set(DEAD_LETTER_HEADERS.consumer, deadLetter.consumer);
  set(DEAD_LETTER_HEADERS.subject, deadLetter.subject);
  set(DEAD_LETTER_HEADERS.sequence, String(deadLetter.sequence));
  set(DEAD_LETTER_HEADERS.deliveries, String(deadLetter.deliveries));
  set(DEAD_LETTER_HEADERS.storedAt, deadLetter.storedAt.toISOString());
  set(DEAD_LETTER_HEADERS.messageId, deadLetter.headers?.get('Nats-Msg-Id') ?? '');
  set(DEAD_LETTER_HEADERS.reason, failureText(deadLetter.failure));
  set(DEAD_LETTER_HEADERS.stack, failureStack(deadLetter.failure));
  return headers;
}

/**
 * Copies the headers of the original message, without those of dead letters and without `Nats-`
 * headers, which would control the publish.
 */
export function ownHeaders(source: MsgHdrs | undefined): MsgHdrs {
  const headers = createHeaders();
  for (const key of source?.keys() ?? []) {
    if (/^(nats|dead-letter)-/i.test(key)) continue;
    for (const value of source?.values(key) ?? []) headers.append(key, value);
  }
  return headers;
}

/** Returns the encoded size of headers in bytes, which counts towards the limits of the server. */
export function headersSize(headers: MsgHdrs): number {
  return (headers as MsgHdrsImpl).encode().length;
}

/** A dead letter that the server accepts. */
interface SizedDeadLetter {
  readonly data: Uint8Array;
  readonly headers: MsgHdrs;
  /** True if the bytes and headers of the message must be stored as a separate message. */
  readonly isSplit: boolean;
}

/** Limit of nats-server that does not depend on `max_payload`. */
const MAX_HEADER_BYTES = 65_535;
const SHORT_REASON_LENGTH = 200;
const EXPECTATION_BYTES = Buffer.byteLength('Nats-Expected-Last-Subject-Sequence: 9007199254740991\r\n');

/**
 * Fits a dead letter into `max_payload`. Its additional headers may exceed the limit, so it drops
 * the stack first, then truncates the reason, and finally stores the message separately.
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
