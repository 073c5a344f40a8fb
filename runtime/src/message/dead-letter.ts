import { headers as createHeaders, type MsgHdrs, type MsgHdrsImpl } from '@nats-io/transport-node';
import { failureStack, failureText } from '../errors/thrown-value';

/** A message that is no longer delivered, and the reason. */
export interface DeadLetter {
  readonly stream: string;
  readonly consumer: string;
  readonly subject: string;
  readonly sequence: number;
  /** Number of attempts to handle it. */
  readonly deliveries: number;
  readonly storedAt: Date;
  /** The original bytes. */
  readonly data: Uint8Array;
  /** The original headers. */
  readonly headers: MsgHdrs | undefined;
  /** Number of times that it was redriven to this consumer. */
  readonly redrives: number;
  /** Reason of its first dead letter. Undefined if it was never redriven. */
  readonly firstReason: string | undefined;
  /** Last value that was thrown, or a text if the process exited. */
  readonly failure: unknown;
}

/** Reason for a message if its final attempt ended without an outcome. */
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
  /** Number of times that the message was redriven. Absent for 0. */
  redrives: 'Dead-Letter-Redrives',
  /** Reason of the first dead letter of a redriven message. */
  firstReason: 'Dead-Letter-First-Reason',
  /** Sequence of the dead letter that a redriven message was copied from. */
  redriveOf: 'Dead-Letter-Redrive-Of',
} as const;

/** Consumer and sequence of a dead-lettered message. */
export interface DeadLetterKey {
  readonly stream: string;
  readonly consumer: string;
  readonly sequence: number;
}

/** Reads the consumer and sequence from the subject of a dead letter or of its copy. */
export function deadLetterKey(subject: string): DeadLetterKey {
  const [, stream = '', consumer = '', sequence] = subject.split('.');
  return { stream, consumer, sequence: Number(sequence) };
}

/** Returns the subject of a dead letter. It is unique, so that the server refuses a second copy. */
export function deadLetterSubject({ stream, consumer, sequence }: DeadLetterKey): string {
  return `dead.${stream}.${consumer}.${sequence}`;
}

/** Returns the subject for the bytes of a message that did not fit into its dead letter. */
export function deadLetterContentSubject(key: DeadLetterKey): string {
  return `${deadLetterSubject(key)}.content`;
}

/** Returns the subject of the copy of a dead letter that its consumer receives again. */
export function redriveSubject(key: DeadLetterKey): string {
  return `${deadLetterSubject(key)}.redrive`;
}

/** Returns the subject pattern of the redriven messages of a consumer. */
export function redrivePattern(stream: string, consumer: string): string {
  return `${deadLetterPattern(stream, consumer)}.redrive`;
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
  set(DEAD_LETTER_HEADERS.redrives, deadLetter.redrives > 0 ? String(deadLetter.redrives) : '');
  set(DEAD_LETTER_HEADERS.firstReason, deadLetter.firstReason ?? '');
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

/** Returns the encoded size of headers in bytes. It counts towards the limits of the server. */
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
export const MAX_HEADER_BYTES = 65_535;
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
  if (reason) headers.set(DEAD_LETTER_HEADERS.reason, shortReason(reason));
}

export function shortReason(reason: string): string {
  return reason.length > SHORT_REASON_LENGTH ? `${reason.slice(0, SHORT_REASON_LENGTH)}…` : reason;
}
