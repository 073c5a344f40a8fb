import { JetStreamApiCodes, JetStreamApiError, type StoredMsg } from '@nats-io/jetstream';
import type { OpenSession } from '../session/jetstream-session';
import { DEAD_LETTER_HEADERS, type DeadLetter } from './dead-letter';
import { deadLetterStreamName, deadLetterSubject } from './dead-letter-stream';
import { fittedLetter } from './fitted-letter';

/** One clock, read as a double and as a text: the last of its milliseconds may differ. */
const CLOCK_TOLERANCE_MS = 1;

/**
 * Stores one copy of a dead message. Its subject is its own, and must be empty: whoever comes second, another instance or
 * this one after a lost answer, is refused by the server, and finds the copy there. Beside that of another message, whose stream was
 * deleted and begins again at sequence 1, it is stored as well.
 * @returns false when the message is too large to copy, and the dead letter only says where it is
 */
export async function storeDeadLetter(
  { client, connection, manager }: OpenSession,
  letter: DeadLetter,
): Promise<boolean> {
  const subject = deadLetterSubject(letter.stream, letter.consumer, letter.sequence);
  const { data, headers, isWhole } = fittedLetter(letter, connection.info?.max_payload ?? Number.POSITIVE_INFINITY);
  for (let lastSubjectSequence = 0; ;) {
    try {
      await client.publish(subject, data, { headers, expect: { lastSubjectSequence } });
      return isWhole;
    } catch (error) {
      if (!isTaken(error)) throw error;
    }
    const last = await manager.streams.getMessage(deadLetterStreamName(letter.stream), { last_by_subj: subject });
    if (last && isCopyOf(letter, last)) return isWhole;
    lastSubjectSequence = last?.seq ?? 0;
  }
}

function isTaken(error: unknown): boolean {
  return error instanceof JetStreamApiError && error.code === JetStreamApiCodes.StreamWrongLastSequence;
}

/** A sequence says it within one life of a stream only. */
function isCopyOf({ storedAt }: DeadLetter, { header }: StoredMsg): boolean {
  const copied = Date.parse(header.get(DEAD_LETTER_HEADERS.storedAt));
  return Math.abs(copied - storedAt.getTime()) <= CLOCK_TOLERANCE_MS;
}
