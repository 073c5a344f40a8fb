import { headers as createHeaders, type MsgHdrs } from '@nats-io/transport-node';
import { failureStack, failureText } from '../errors/failure-text';

/** Headers of a dead letter; beside them are those of the message itself, without the server's own `Nats-…`. */
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
  /** Says where the message is when it was too large to copy. */
  content: 'Dead-Letter-Content',
} as const;

/** A message that is not delivered any more, and why. */
export interface DeadLetter {
  readonly stream: string;
  readonly consumer: string;
  readonly subject: string;
  readonly sequence: number;
  readonly deliveries: number;
  readonly storedAt: Date;
  /** The original bytes. */
  readonly data: Uint8Array;
  /** The original headers. */
  readonly headers: MsgHdrs | undefined;
  /** What was thrown last, or a text when no process lived to report it. */
  readonly failure: unknown;
}

export function deadLetterHeaders(letter: DeadLetter): MsgHdrs {
  const headers = ownHeaders(letter.headers);
  const set = (name: string, value: string): void => {
    if (value) headers.set(name, value);
  };
  set(DEAD_LETTER_HEADERS.stream, letter.stream);
  set(DEAD_LETTER_HEADERS.consumer, letter.consumer);
  set(DEAD_LETTER_HEADERS.subject, letter.subject);
  set(DEAD_LETTER_HEADERS.sequence, String(letter.sequence));
  set(DEAD_LETTER_HEADERS.deliveries, String(letter.deliveries));
  set(DEAD_LETTER_HEADERS.storedAt, letter.storedAt.toISOString());
  set(DEAD_LETTER_HEADERS.messageId, letter.headers?.get('Nats-Msg-Id') ?? '');
  set(DEAD_LETTER_HEADERS.reason, failureText(letter.failure));
  set(DEAD_LETTER_HEADERS.stack, failureStack(letter.failure));
  return headers;
}

/** A copy of the headers that are the message's own: neither those of its death, nor the server's, which would steer a publish. */
export function ownHeaders(source: MsgHdrs | undefined): MsgHdrs {
  const headers = createHeaders();
  for (const key of source?.keys() ?? []) {
    if (/^(nats|dead-letter)-/i.test(key)) continue;
    for (const value of source?.values(key) ?? []) headers.append(key, value);
  }
  return headers;
}
