import type { StoredMsg } from '@nats-io/jetstream';
import { readPubAck } from '../client/pub-ack';
import type { OpenSession } from '../session/jetstream-session';
import { DEAD_LETTER_HEADERS, ownHeaders, type DeadLetter } from './dead-letter';
import { deadLetterContentSubject, deadLetterStreamName, deadLetterSubject } from './dead-letter-stream';
import { sizedDeadLetter } from './sized-dead-letter';
import { isWrongLastSequence, publishFailure, publishToStream, readFromStream } from './stream-io';

/** One clock, read as a double and as a text: the last of its milliseconds may differ. */
const CLOCK_TOLERANCE_MS = 1;

/**
 * Stores one dead letter of a message. Its subject is its own and must be empty, so the server
 * refuses a second copy of another instance, or of this one after a lost answer. A dead letter of
 * another message, which had this sequence before its stream was recreated, does not count as a
 * copy.
 * @throws MissingStreamError (`MISSING_STREAM`), PermissionDeniedError (`PERMISSION_DENIED`), else
 * what nats.js throws
 */
export async function storeDeadLetter(open: OpenSession, deadLetter: DeadLetter): Promise<void> {
  const stream = deadLetterStreamName(deadLetter.stream);
  const subject = deadLetterSubject(deadLetter);
  const lastStored = async (): Promise<StoredMsg | null> => readFromStream(open, stream, { last_by_subj: subject });
  const { data, headers, isSplit } = sizedDeadLetter(
    deadLetter,
    open.connection.info?.max_payload ?? Number.POSITIVE_INFINITY,
  );
  if (isSplit) {
    const last = await lastStored();
    if (last && isCopyOf(deadLetter, last)) return;
    headers.set(DEAD_LETTER_HEADERS.content, String(await storeContent(open, deadLetter)));
  }
  for (let lastSubjectSequence = 0; ;) {
    try {
      await publishToStream(open, stream, subject, data, { headers, expect: { lastSubjectSequence } });
      return;
    } catch (error) {
      if (!isWrongLastSequence(error)) throw error;
    }
    const last = await lastStored();
    if (last && isCopyOf(deadLetter, last)) return;
    lastSubjectSequence = last?.seq ?? 0;
  }
}

/**
 * Stores the bytes and headers of a message and returns their sequence. They fit, since the message
 * did.
 */
async function storeContent(open: OpenSession, deadLetter: DeadLetter): Promise<number> {
  const subject = deadLetterContentSubject(deadLetter);
  const headers = ownHeaders(deadLetter.headers);
  try {
    // nats.js's own publish always adds headers, for which there may be no room.
    const options = { timeout: open.manager.getOptions().timeout ?? 5_000 };
    const request = headers.keys().length > 0 ? { ...options, headers } : options;
    return readPubAck(subject, await open.connection.request(subject, deadLetter.data, request)).seq;
  } catch (error) {
    throw await publishFailure(open, deadLetterStreamName(deadLetter.stream), error);
  }
}

/** Compares the time too: a sequence identifies a message within one life of its stream only. */
function isCopyOf({ storedAt }: DeadLetter, { header }: StoredMsg): boolean {
  const copied = Date.parse(header.get(DEAD_LETTER_HEADERS.storedAt));
  return Math.abs(copied - storedAt.getTime()) <= CLOCK_TOLERANCE_MS;
}
