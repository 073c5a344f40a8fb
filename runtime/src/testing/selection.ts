import type { ConsumerInfo, StoredMsg, StreamInfo } from '@nats-io/jetstream';
import type { NatsJetStreamPubAck } from '../client/pub-ack';
import { DEAD_LETTER_HEADERS } from '../message/dead-letter';
import { patternsOverlap } from '../subject/pattern-overlap';
import { subjectMatches } from '../subject/subject-match';
import { assertSubjectPattern } from '../subject/subject-syntax';

/** Reference to a message: the result of `publish` or `emitAsync`, or its message id. */
export type MessageReference = Pick<NatsJetStreamPubAck, 'stream' | 'seq'> | { readonly msgID: string };

/** Messages that a test waits for. */
export interface Selection {
  /** Text for error messages. */
  readonly label: string;
  mayBeIn(stream: StreamInfo): boolean;
  has(message: StoredMsg): boolean;
  /**
   * Returns true if a message that this consumer settled, and that is no longer stored, may be one
   * of them.
   */
  mayHaveHad(consumer: ConsumerInfo, seq: number): boolean;
  hasDeadLetter(deadLetter: StoredMsg): boolean;
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
    hasDeadLetter: ({ header }) => subjectMatches(header.get(DEAD_LETTER_HEADERS.subject), subject),
  };
}

function ofSequence(stream: string, seq: number): Selection {
  return {
    label: `sequence ${seq} of stream '${stream}'`,
    mayBeIn: ({ config }) => config.name === stream,
    has: (message) => message.seq === seq,
    mayHaveHad: (_consumer, settled) => settled === seq,
    hasDeadLetter: ({ header }) =>
      header.get(DEAD_LETTER_HEADERS.stream) === stream && header.get(DEAD_LETTER_HEADERS.sequence) === String(seq),
  };
}

function ofMessageId(msgID: string): Selection {
  return {
    label: `message id '${msgID}'`,
    mayBeIn: () => true,
    has: (message) => message.header.get('Nats-Msg-Id') === msgID,
    mayHaveHad: () => false,
    hasDeadLetter: ({ header }) => header.get(DEAD_LETTER_HEADERS.messageId) === msgID,
  };
}

/** Returns the filter subjects of a consumer, which the server reports in one of two forms. */
export function filtersOf({ config }: ConsumerInfo): readonly string[] {
  return config.filter_subjects ?? [config.filter_subject || '>'];
}
