import { JetStreamApiCodes, JetStreamApiError } from '@nats-io/jetstream';
import type { OpenSession } from '../session/jetstream-session';
import type { DeadLetter } from './dead-letter';
import { deadLetterSubject } from './dead-letter-stream';
import { fittedLetter } from './fitted-letter';

/**
 * Stores one copy of a dead message. Its subject is its own, and must be empty: whoever comes second, another instance or
 * this one after a lost answer, is refused by the server, which means that the copy is there.
 * @returns false when the message is too large to copy, and the dead letter only says where it is
 */
export async function storeDeadLetter({ client, connection }: OpenSession, letter: DeadLetter): Promise<boolean> {
  const subject = deadLetterSubject(letter.stream, letter.consumer, letter.sequence);
  const { data, headers, isWhole } = fittedLetter(letter, connection.info?.max_payload ?? Number.POSITIVE_INFINITY);
  try {
    await client.publish(subject, data, { headers, expect: { lastSubjectSequence: 0 } });
  } catch (error) {
    if (!isAlreadyThere(error)) throw error;
  }
  return isWhole;
}

function isAlreadyThere(error: unknown): boolean {
  return error instanceof JetStreamApiError && error.code === JetStreamApiCodes.StreamWrongLastSequence;
}
