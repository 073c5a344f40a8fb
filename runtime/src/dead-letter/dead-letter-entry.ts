import { DEAD_LETTER_HEADERS } from '../message/dead-letter';

/** A dead letter without its bytes, as plain data. */
export interface DeadLetterEntry {
  readonly stream: string;
  /** Consumer that dead-lettered the message. */
  readonly durable: string;
  /** Sequence of the message in `stream`. 0 if another client stored the dead letter. */
  readonly sequence: number;
  /** Sequence in the dead-letter stream. It changes if a redriven message fails again. */
  readonly deadLetterSequence: number;
  /** Sequence of a separate message with the body, if that was too large. */
  readonly contentSequence: number | undefined;
  /** Original subject. Empty if another client stored the dead letter. */
  readonly subject: string;
  /** Last failure in one line. */
  readonly reason: string;
  /** Number of attempts since the last redrive. */
  readonly attempts: number;
  /** Number of redrives. */
  readonly redrives: number;
  /** Reason of the first dead letter. Undefined if the message was never redriven. */
  readonly firstReason: string | undefined;
  readonly messageId: string | undefined;
  /** Time of the original message, as an ISO string. */
  readonly publishedAt: string | undefined;
  /** Time of the dead letter, as an ISO string. */
  readonly deadLetteredAt: string;
  /** Size of the body. Undefined if it is stored separately. */
  readonly bodyBytes: number | undefined;
}

/** A message of a dead-letter stream without its bytes. */
export interface StoredHeaders {
  readonly subject: string;
  readonly seq: number;
  readonly time: Date;
  /** Returns the first value of a header, or an empty text. */
  readonly header: (name: EntryHeader) => string;
  readonly bodyBytes: number;
}

/** Headers that {@link deadLetterEntry} reads. The others, such as the stack, may be long. */
export const ENTRY_HEADERS = [
  DEAD_LETTER_HEADERS.content,
  DEAD_LETTER_HEADERS.subject,
  DEAD_LETTER_HEADERS.reason,
  DEAD_LETTER_HEADERS.deliveries,
  DEAD_LETTER_HEADERS.redrives,
  DEAD_LETTER_HEADERS.firstReason,
  DEAD_LETTER_HEADERS.messageId,
  DEAD_LETTER_HEADERS.storedAt,
] as const;
type EntryHeader = (typeof ENTRY_HEADERS)[number];

/** Reads a dead letter from its subject and its headers. Another client may have stored it. */
export function deadLetterEntry({ subject, seq, time, header, bodyBytes }: StoredHeaders): DeadLetterEntry {
  const [, stream = '', durable = '', sequence] = subject.split('.');
  const contentSequence = positive(header(DEAD_LETTER_HEADERS.content)) || undefined;
  const publishedAt = new Date(header(DEAD_LETTER_HEADERS.storedAt));
  return {
    stream,
    durable,
    sequence: positive(sequence),
    deadLetterSequence: seq,
    contentSequence,
    subject: header(DEAD_LETTER_HEADERS.subject),
    reason: header(DEAD_LETTER_HEADERS.reason),
    attempts: positive(header(DEAD_LETTER_HEADERS.deliveries)),
    redrives: positive(header(DEAD_LETTER_HEADERS.redrives)),
    firstReason: header(DEAD_LETTER_HEADERS.firstReason) || undefined,
    messageId: header(DEAD_LETTER_HEADERS.messageId) || undefined,
    publishedAt: Number.isNaN(publishedAt.getTime()) ? undefined : publishedAt.toISOString(),
    deadLetteredAt: time.toISOString(),
    bodyBytes: contentSequence === undefined ? bodyBytes : undefined,
  };
}

/** Returns a whole number from 1, or 0 for any other text. */
function positive(text: string | undefined): number {
  const value = Number(text);
  return Number.isSafeInteger(value) && value > 0 ? value : 0;
}
