import type { StreamExpectations } from '@nats-io/jetstream';
import type { OpenSession } from '../session/jetstream-session';
import type { NatsJetStreamPubAck } from './pub-ack';

/**
 * The PubAck of a message that an earlier attempt stored, or undefined. The server looks at expectations before message ids:
 * when a PubAck is lost, the next attempt fails because of the message that the first one stored.
 */
export async function storedBefore(
  { manager }: OpenSession,
  subject: string,
  messageId: string,
  { streamName, lastSequence, lastSubjectSequence }: Partial<StreamExpectations>,
): Promise<NatsJetStreamPubAck | undefined> {
  const stream = streamName ?? (await manager.streams.find(subject));
  const after = lastSequence ?? lastSubjectSequence;
  // Ours is the first of its subject after the expected sequence: whatever came later expected ours.
  const query = after === undefined ? { last_by_subj: subject } : { next_by_subj: subject, seq: after + 1 };
  const message = await manager.streams.getMessage(stream, query);
  return message?.header.get('Nats-Msg-Id') === messageId ? { stream, seq: message.seq, duplicate: true } : undefined;
}
