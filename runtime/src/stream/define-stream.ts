import type { Duration } from '../duration/duration';
import { InvalidOptionError } from '../errors/configuration.errors';
import type { SubjectLiteral } from '../subject/subject';
import { subjectMatches, type SubjectMatches } from '../subject/subject-match';
import { assertPublishSubject, assertSubjectPattern } from '../subject/subject-syntax';
import { toStreamConfig, type DesiredStream } from './stream-config';

/** A stream as code declares it; made by {@link defineStream}, created by `NatsJetStreamTransport.forFeature`. */
export interface StreamDefinition<Events extends Record<string, string> = Record<string, string>> {
  readonly name: string;
  readonly subjects: readonly string[];
  /** The subject constants that this stream stores, by the names they were declared under. */
  readonly events: Events;
  /** What is sent to the server: nats.js's `StreamConfig`, durations in nanoseconds. */
  readonly config: DesiredStream;
}

export interface StreamOptions<Subjects extends readonly string[], Events extends Record<string, string>> {
  /** Name on the server: no white space, `.`, `*`, `>`, `/` or `\`. nats.js `StreamConfig.name`. */
  name: string;
  /** Subjects that the stream stores; `*` is one token, `>` the rest. nats.js `StreamConfig.subjects`. */
  subjects: Subjects;
  /** Subject constants of the events stored here. One that `subjects` do not cover does not compile. */
  events?: { [Name in keyof Events]: CoveredBy<Subjects, Events[Name]> };
  /** Text for people. nats.js `StreamConfig.description`. */
  description?: string;
  /** Where messages are kept. Default `'file'` (server rule). nats.js `StreamConfig.storage`. */
  storage?: 'file' | 'memory';
  /** When messages go: at a limit, when every consumer acknowledged, or when one did. Default `'limits'` (server rule). */
  retention?: 'limits' | 'interest' | 'workqueue';
  /** At a limit: drop the oldest, or refuse the new. Default `'old'` (server rule). nats.js `StreamConfig.discard`. */
  discard?: 'old' | 'new';
  /** How long messages are kept. Default: for ever. nats.js `StreamConfig.max_age`. */
  maxAge?: Duration;
  /** How many messages are kept. Default: no limit. nats.js `StreamConfig.max_msgs`. */
  maxMessages?: number;
  /** How many bytes are kept. Default: no limit. nats.js `StreamConfig.max_bytes`. */
  maxBytes?: number;
  /** Largest message accepted, in bytes. Default: the server's `max_payload`. nats.js `StreamConfig.max_msg_size`. */
  maxMessageSize?: number;
  /** Within it, a second message with the same message id is not stored. Default 2 minutes (server rule). nats.js `StreamConfig.duplicate_window`. */
  duplicateWindow?: Duration;
  /** How many servers of a cluster keep a copy, 1 to 5. Default 1 (server rule). nats.js `StreamConfig.num_replicas`. */
  replicas?: number;
}

type CoveredBy<Subjects extends readonly string[], Subject extends string> =
  true extends SubjectMatches<SubjectLiteral<Subject>, Subjects[number]>
    ? Subject
    : `subject '${SubjectLiteral<Subject>}' is not covered by this stream's subjects`;

/**
 * Declares a stream and the events that it stores.
 * @throws InvalidOptionError (`INVALID_OPTION`), InvalidSubjectError (`INVALID_SUBJECT`)
 */
export function defineStream<
  const Subjects extends readonly string[],
  const Events extends Record<string, string> = Record<string, string>,
>(options: StreamOptions<Subjects, Events>): StreamDefinition<Events> {
  const { name, subjects } = options;
  assertStreamName(name);
  if (subjects.length === 0) throw new InvalidOptionError('subjects', subjects, `stream '${name}' needs at least one`);
  subjects.forEach(assertSubjectPattern);
  const events = { ...options.events } as unknown as Events;
  for (const subject of Object.values(events)) {
    assertPublishSubject(subject);
    if (!subjects.some((pattern) => subjectMatches(subject, pattern))) {
      throw new InvalidOptionError('events', subject, `the subjects of stream '${name}' do not cover it`);
    }
  }
  return Object.freeze({
    name,
    subjects: Object.freeze([...subjects]),
    events: Object.freeze(events),
    config: toStreamConfig(options),
  });
}

function assertStreamName(name: string): void {
  if (typeof name !== 'string' || !/^[^\s.*>/\\\p{Cc}]+$/u.test(name)) {
    throw new InvalidOptionError('name', name, "a stream's name has no white space, '.', '*', '>', '/' or '\\'");
  }
}
