import type { Duration } from '../duration/duration';
import type { AnySubject } from '../subject/event-subject';
import type { SubjectMatches } from '../subject/subject-match';
import type { SubjectLiteral } from '../subject/subject-member';
import type { LossyStreamOption } from './lossy-fields';
import type { StreamName, StreamSubjects } from './possible-stream';

/** The subjects of a stream's events, by the names they were declared under. */
export type StreamEvents = Readonly<Record<string, AnySubject>>;

/** What `defineStream` takes: names in camelCase, durations in milliseconds or with their unit. */
export interface StreamOptions<
  Subjects extends readonly string[],
  Events extends StreamEvents,
  Name extends string = string,
> {
  /** Name on the server: no white space, `.`, `*`, `>`, `/` or `\`. nats.js `StreamConfig.name`. */
  name: StreamName<Name>;
  /** Subjects that the stream stores, none of which overlap; `*` is one token, `>` the rest. nats.js `StreamConfig.subjects`. */
  subjects: StreamSubjects<Subjects>;
  /** Subject constants and templates of the events stored here. One that `subjects` do not cover does not compile. */
  events?: CoveredEvents<Subjects, Events>;
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
  /**
   * Options whose change may drop stored messages, or stored copies, at the next start; without it such a change ends the start.
   * Take it away again once it is done. Default: none.
   */
  allowDataLoss?: readonly LossyStreamOption[];
}

/** The events themselves; in the place of one that is not covered, a sentence, which the compiler's error shows. */
type CoveredEvents<Subjects extends readonly string[], Events extends StreamEvents> =
  SubjectLiteral<Events[keyof Events]> extends Covers<Subjects[number]>
    ? Events
    : { [Event in keyof NoInfer<Events>]: CoveredBy<Subjects, Events[Event]> };

/**
 * What surely is covered, as one type that the compiler compares all events with at once: an event that a `*` covers is
 * not of it, and is looked at token by token.
 */
type Covers<Subject extends string> = Subject extends `${string}*${string}`
  ? never
  : Subject extends '>'
    ? string
    : Subject extends `${infer Head}.>`
      ? `${Head}.${string}`
      : Subject;

type CoveredBy<Subjects extends readonly string[], Subject extends AnySubject> =
  true extends SubjectMatches<SubjectLiteral<Subject>, Subjects[number]>
    ? Subject
    : `subject '${SubjectLiteral<Subject>}' is not covered by this stream's subjects`;
