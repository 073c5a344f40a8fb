import { headers as createHeaders, type MsgHdrs } from '@nats-io/transport-node';
import { failureStack, failureText } from '../errors/failure-text';

/** Reason of a message whose final attempt ended without an outcome. */
export const PROCESS_EXITED = 'The consumer process exited before acknowledging the final delivery';

/**
 * Headers that a dead letter adds to those of its message. The server's own `Nats-` headers are not
 * copied.
 */
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
   * Sequence, in the same stream, of the message's bytes and headers, if they did not fit beside
   * these headers.
   */
  content: 'Dead-Letter-Content',
} as const;

/** A message that is not delivered any more, and the reason. */
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
  /** The value that was thrown last, or a text if the process exited. */
  readonly failure: unknown;
}

/** Returns the headers of a dead letter. */
export function deadLetterHeaders(deadLetter: DeadLetter): MsgHdrs {
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
 * Copies the headers of the message itself, without those of dead letters and of the server, which
 * would steer a publish.
 */
export function ownHeaders(source: MsgHdrs | undefined): MsgHdrs {
  const headers = createHeaders();
  for (const key of source?.keys() ?? []) {
    if (/^(nats|dead-letter)-/i.test(key)) continue;
    for (const value of source?.values(key) ?? []) headers.append(key, value);
  }
  return headers;
}
