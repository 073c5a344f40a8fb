import type { MsgHdrs } from '@nats-io/transport-node';
import { assertNames, assertSequence } from '../admin/admin-arguments';
import { deadLetterEntry, type DeadLetterEntry } from '../dead-letter/dead-letter-entry';
import { MissingMessageError } from '../errors/admin.errors';
import { DEAD_LETTER_HEADERS, deadLetterContentSubject, deadLetterSubject, ownHeaders } from '../message/dead-letter';
import type { JetStreamSession } from '../session/jetstream-session';
import { deadLetterStreamName } from '../stream/dead-letter-stream';
import { storedAs } from '../stream/stored-message';
import { bodyOf, type MessageBody } from './message-body';
import { operate } from './with-session';

/** Options of {@link showDeadLetter}. */
export interface ShowDeadLetterOptions {
  readonly stream: string;
  readonly durable: string;
  /** Sequence of the message in `stream`. */
  readonly sequence: number;
  /** Returns the body. Default: true. */
  readonly body?: boolean | undefined;
}

export interface DeadLetterDetails extends DeadLetterEntry {
  /** Headers of the original message, in order. */
  readonly headers: readonly MessageHeader[];
  /** Stack of the last failure in one line. Empty if there is none. */
  readonly stack: string;
  /** Undefined with `body: false`, or if the separate message with the body is missing. */
  readonly body: MessageBody | undefined;
}

export interface MessageHeader {
  readonly name: string;
  readonly values: readonly string[];
}

/**
 * Reads one dead letter. Changes nothing.
 * @throws MissingMessageError (`MISSING_MESSAGE`), MissingStreamError (`MISSING_STREAM`),
 * AdminNotAllowedError (`ADMIN_NOT_ALLOWED`), AdminTimeoutError (`ADMIN_TIMEOUT`)
 */
export async function showDeadLetter(
  session: JetStreamSession,
  { stream, durable, sequence, body = true }: ShowDeadLetterOptions,
): Promise<DeadLetterDetails> {
  assertNames(stream, durable);
  assertSequence(sequence);
  const deadLetters = deadLetterStreamName(stream);
  const key = { stream, consumer: durable, sequence };
  const subject = deadLetterSubject(key);
  const what = `show sequence ${sequence} of consumer '${durable}' of stream '${stream}'`;
  return operate(session, { what, stream: deadLetters }, async ({ manager }) => {
    const stored = await manager.streams.getMessage(deadLetters, { last_by_subj: subject });
    if (!stored) throw new MissingMessageError(deadLetters, subject);
    const { header, seq, time, data } = stored;
    const read = (name: string): string => header.get(name);
    const entry = deadLetterEntry({ subject, seq, time, header: read, bodyBytes: data.length });
    const { contentSequence } = entry;
    const content =
      contentSequence === undefined
        ? stored
        : await storedAs(manager, deadLetters, contentSequence, deadLetterContentSubject(key));
    return {
      ...entry,
      headers: headersOf(ownHeaders(content?.header)),
      stack: header.get(DEAD_LETTER_HEADERS.stack),
      body: body && content ? bodyOf(content.data) : undefined,
    };
  });
}

function headersOf(headers: MsgHdrs): MessageHeader[] {
  return headers.keys().map((name) => ({ name, values: headers.values(name) }));
}
