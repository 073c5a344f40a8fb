import type { ConsumerInfo, StoredMsg, StreamInfo } from '@nats-io/jetstream';
import type { NatsJetStreamPubAck } from '../client/pub-ack';
import { DEAD_LETTER_HEADERS } from '../dead-letter/dead-letter';
import { patternsOverlap } from '../subject/pattern-overlap';
import { subjectMatches } from '../subject/subject-match';
import { assertSubjectPattern } from '../subject/subject-syntax';

/**
 * One message: what `publish` and `emitAsync` resolve to, or the message id that it was published
 * with.
 */
export type MessageReference = Pick<NatsJetStreamPubAck, 'stream' | 'seq'> | { readonly msgID: string };

/** The messages that a test asks about. */
export interface Selection {
  /** For people. */
  readonly label: string;
  mayBeIn(stream: StreamInfo): boolean;
  has(message: StoredMsg): boolean;
  /**
   * Whether it may be a message that the stream does not hold any more, settled by this consumer.
   */
  mayHaveHad(consumer: ConsumerInfo, seq: number): boolean;
  hasDead(letter: StoredMsg): boolean;
}

/** @throws InvalidSubjectError (`INVALID_SUBJECT`) */
export function selectionOf(messages: string | MessageReference): Selection {
  if (typeof messages === 'string') return ofSubject(messages);
  return 'msgID' in messages ? ofMessageId(messages.msgID) : ofSequence(messages.stream, messages.seq);
}

function ofSubject(subject: string): Selection {
  assertSubjectPattern(subject);
  return {
    label: `'${subject}'`,
    mayBeIn: ({ config }) => (config.subjects ?? []).some((pattern) => patternsOverlap(pattern, subject)),
    has: (message) => subjectMatches(message.subject, subject),
    mayHaveHad: (consumer) => filtersOf(consumer).some((pattern) => patternsOverlap(pattern, subject)),
    hasDead: (letter) => subjectMatches(letter.header.get(DEAD_LETTER_HEADERS.subject), subject),
  };
}

function ofSequence(stream: string, seq: number): Selection {
  return {
    label: `sequence ${seq} of stream '${stream}'`,
    mayBeIn: ({ config }) => config.name === stream,
    has: (message) => message.seq === seq,
    mayHaveHad: (_consumer, settled) => settled === seq,
    hasDead: ({ header }) =>
      header.get(DEAD_LETTER_HEADERS.stream) === stream && header.get(DEAD_LETTER_HEADERS.sequence) === String(seq),
  };
}

function ofMessageId(msgID: string): Selection {
  return {
    label: `message id '${msgID}'`,
    mayBeIn: () => true,
    has: (message) => message.header.get('Nats-Msg-Id') === msgID,
    mayHaveHad: () => false,
    hasDead: (letter) => letter.header.get(DEAD_LETTER_HEADERS.messageId) === msgID,
  };
}

/** What a consumer filters by, in either of the server's two forms. */
export function filtersOf({ config }: ConsumerInfo): readonly string[] {
  return config.filter_subjects ?? [config.filter_subject || '>'];
}
