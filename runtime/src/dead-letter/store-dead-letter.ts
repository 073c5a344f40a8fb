import { JetStreamApiCodes, JetStreamApiError, type JetStreamClient } from '@nats-io/jetstream';
import { deadLetterHeaders, type DeadLetter } from './dead-letter';
import { deadLetterSubject } from './dead-letter-stream';

/**
 * Stores one copy of a dead message. Its subject is its own, and must be empty: whoever comes second, another instance or
 * this one after a lost answer, is refused by the server, which means that the copy is there.
 */
export async function storeDeadLetter(client: JetStreamClient, letter: DeadLetter): Promise<void> {
  const subject = deadLetterSubject(letter.stream, letter.consumer, letter.sequence);
  try {
    await client.publish(subject, letter.data, {
      headers: deadLetterHeaders(letter),
      expect: { lastSubjectSequence: 0 },
    });
  } catch (error) {
    if (!isAlreadyThere(error)) throw error;
  }
}

function isAlreadyThere(error: unknown): boolean {
  return error instanceof JetStreamApiError && error.code === JetStreamApiCodes.StreamWrongLastSequence;
}
