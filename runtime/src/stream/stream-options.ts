import type { Duration } from '../util/duration';
import type { CoveredEvents, StreamEvents, StreamName, StreamSubjects } from './stream-checks.types';
import type { LossyStreamOption } from './stream-table';

/** Servers that store a stream. */
export interface StreamPlacement {
  /** Name of a cluster. */
  cluster?: string;
  /** Tags that each server must have. */
  tags?: string[];
}

/** Options of `<STREAM>_DEAD`. An absent option keeps its value on the server. */
export interface DeadLetterStreamOptions {
  /** Maximum age of a dead letter. Default of a new stream: 30 days. */
  maxAge?: Duration;
  /** Maximum number of dead letters. Default: no limit. */
  maxMessages?: number;
  /**
   * Maximum size of all dead letters, in bytes. Default: no limit, or `maxBytes` of the stream if
   * the account requires a limit.
   */
  maxBytes?: number;
  /**
   * Behaviour at a limit: `'old'` removes the oldest dead letter, `'new'` holds messages until
   * there is space. Default `'old'` (server rule).
   */
  discard?: 'old' | 'new';
  /** Storage type. Default of a new stream: that of the stream itself. */
  storage?: 'file' | 'memory';
  /**
   * Number of servers that keep a copy, 1 to 5. Default: that of the stream itself, also if it is
   * raised later.
   */
  replicas?: number;
  /** Cluster and tags of the servers. Default of a new stream: those of the stream itself. */
  placement?: StreamPlacement;
  /**
   * Options above that may change at the next startup even if dead letters are dropped. Default:
   * none.
   */
  allowDataLoss?: readonly (LossyStreamOption & ('maxAge' | 'maxMessages' | 'maxBytes' | 'discard' | 'replicas'))[];
}

/** Thresholds of `nats server check stream`. */
export interface StreamMonitor {
  /** Critical number of messages that a mirror or a source is behind. */
  lag?: number;
  /** Critical time since a mirror or a source was active. */
  seen?: Duration;
  /** Minimum number of sources. */
  minSources?: number;
  /** Maximum number of sources. */
  maxSources?: number;
  /** Number of servers that must store the stream. Required for a check in a cluster. */
  peerExpect?: number;
  /** Critical number of operations that a replica is behind. */
  peerLag?: number;
  /** Critical time since a replica was active. */
  peerSeen?: Duration;
  /** Number of messages that causes a warning, as does any lower one. */
  msgsWarn?: number;
  /** Number of messages that is critical, as is any lower one. */
  msgsCritical?: number;
  /** Number of subjects that causes a warning, as does any higher one. */
  subjectsWarn?: number;
  /**
   * Number of subjects that is critical, as is any higher one. If it is below `subjectsWarn`, both
   * apply to lower numbers instead.
   */
  subjectsCritical?: number;
}

/**
 * Options of `defineStream`. A duration is a number of milliseconds, or a string such as `'7d'`.
 */
export interface StreamOptions<
  Subjects extends readonly string[],
  Events extends StreamEvents,
  Name extends string = string,
> {
  /** Name without white space, `.`, `*`, `>`, `/` and `\`. nats.js `StreamConfig.name`. */
  name: StreamName<Name>;
  /** Subjects that the stream stores. They must not overlap. nats.js `StreamConfig.subjects`. */
  subjects: StreamSubjects<Subjects>;
  /**
   * Subject constants and templates of the stored events. An event that `subjects` do not cover
   * does not compile.
   */
  events?: CoveredEvents<Subjects, Events>;
  /** Description for operators. nats.js `StreamConfig.description`. */
  description?: string;
  /** Storage type. Default `'file'` (server rule). nats.js `StreamConfig.storage`. */
  storage?: 'file' | 'memory';
  /**
   * Retention policy. Messages are removed at a limit (`'limits'`), after all consumers
   * acknowledged them (`'interest'`), or after one did (`'workqueue'`). Default `'limits'` (server
   * rule).
   */
  retention?: 'limits' | 'interest' | 'workqueue';
  /**
   * Behaviour at a limit: `'old'` removes the oldest message, `'new'` refuses new ones. Default
   * `'old'` (server rule). nats.js `StreamConfig.discard`.
   */
  discard?: 'old' | 'new';
  /**
   * Applies `discard: 'new'` to `maxMessagesPerSubject` too. Default `false`. nats.js
   * `StreamConfig.discard_new_per_subject`.
   */
  discardNewPerSubject?: boolean;
  /** Maximum age of a message. Default: no limit. nats.js `StreamConfig.max_age`. */
  maxAge?: Duration;
  /** Maximum number of messages. Default: no limit. nats.js `StreamConfig.max_msgs`. */
  maxMessages?: number;
  /**
   * Maximum number of messages of one subject. Default: no limit. nats.js
   * `StreamConfig.max_msgs_per_subject`.
   */
  maxMessagesPerSubject?: number;
  /**
   * Maximum size of all messages, in bytes. Default: no limit. nats.js `StreamConfig.max_bytes`.
   */
  maxBytes?: number;
  /**
   * Maximum size of one message, in bytes. Default: the server's `max_payload`. nats.js
   * `StreamConfig.max_msg_size`.
   */
  maxMessageSize?: number;
  /**
   * Time during which a second message with the same message id is not stored. Default: 2 minutes,
   * or `maxAge` if it is shorter (server rule). nats.js `StreamConfig.duplicate_window`.
   */
  duplicateWindow?: Duration;
  /**
   * Number of servers of a cluster that keep a copy, 1 to 5. Default 1 (server rule). nats.js
   * `StreamConfig.num_replicas`.
   */
  replicas?: number;
  /**
   * Cluster and tags of the servers that store the stream. Default: any (server rule). nats.js
   * `StreamConfig.placement`.
   */
  placement?: StreamPlacement;
  /**
   * Compression of stored messages. Default `'none'` (server rule). nats.js
   * `StreamConfig.compression`.
   */
  compression?: 'none' | 's2';
  /**
   * User-defined metadata. Names that begin with `_nats.` are reserved. nats.js
   * `StreamConfig.metadata`.
   */
  metadata?: Record<string, string>;
  /**
   * Thresholds that the server stores as metadata, so that `nats server check stream` alerts
   * without flags. Default: none.
   */
  monitor?: StreamMonitor;
  /**
   * Allows reading messages from any replica. Default `false` (server rule). nats.js
   * `StreamConfig.allow_direct`.
   */
  allowDirect?: boolean;
  /**
   * Allows atomic batches of events. Needs nats-server 2.12. Default `false`. nats.js
   * `StreamConfig.allow_atomic`.
   */
  allowAtomic?: boolean;
  /**
   * Allows messages with a `ttl`. Cannot be disabled later. Needs nats-server 2.11. Default
   * `false`. nats.js `StreamConfig.allow_msg_ttl`.
   */
  allowMessageTtl?: boolean;
  /**
   * Allows messages with a `schedule`. Cannot be disabled later. Needs nats-server 2.12. Default
   * `false`. nats.js `StreamConfig.allow_msg_schedules`.
   */
  allowMessageSchedules?: boolean;
  /**
   * Allows messages with a `rollup`, which remove earlier ones. Default `false`. nats.js
   * `StreamConfig.allow_rollup_hdrs`.
   */
  allowRollup?: boolean;
  /**
   * Forbids deleting messages. Cannot be disabled later. Default `false`. nats.js
   * `StreamConfig.deny_delete`.
   */
  denyDelete?: boolean;
  /**
   * Forbids purging the stream. Cannot be disabled later. Default `false`. nats.js
   * `StreamConfig.deny_purge`.
   */
  denyPurge?: boolean;
  /**
   * Limits of the dead letter stream, `<name>_DEAD`. Default: those of this stream, with a maximum
   * age of 30 days.
   */
  deadLetters?: DeadLetterStreamOptions;
  /**
   * Options that may change at the next startup even if messages or replicas are dropped.
   * Otherwise, such a change fails startup. Remove it after the change. Default: none.
   */
  allowDataLoss?: readonly LossyStreamOption[];
}
