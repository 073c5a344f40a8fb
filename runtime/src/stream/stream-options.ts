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

/** Options of `<STREAM>_DEAD`. Those that are left out stay as the server has them. */
export interface DeadLetterStreamOptions {
  /** Maximum age of a dead letter. Default of a new stream: 30 days. */
  maxAge?: Duration;
  /** Maximum number of dead letters. Default: no limit. */
  maxMessages?: number;
  /**
   * Maximum size of all dead letters, in bytes. Default: no limit; on an account that requires one,
   * `maxBytes` of the stream itself.
   */
  maxBytes?: number;
  /**
   * At a limit: remove the oldest dead letter, or hold new messages until there is room. Default
   * `'old'` (server rule).
   */
  discard?: 'old' | 'new';
  /** Where dead letters are stored. Default of a new stream: as the stream itself. */
  storage?: 'file' | 'memory';
  /**
   * Number of servers that keep a copy, 1 to 5. Default: as the stream itself, also when those are
   * raised later.
   */
  replicas?: number;
  /** Cluster and tags of the servers. Default of a new stream: as the stream itself. */
  placement?: StreamPlacement;
  /**
   * Options above that may change at the next start although the change can drop dead letters.
   * Default: none.
   */
  allowDataLoss?: readonly (LossyStreamOption & ('maxAge' | 'maxMessages' | 'maxBytes' | 'discard' | 'replicas'))[];
}

/**
 * Options of `defineStream`. A duration is a number of milliseconds, or a string such as `'7d'`.
 */
export interface StreamOptions<
  Subjects extends readonly string[],
  Events extends StreamEvents,
  Name extends string = string,
> {
  /** Name on the server: no white space, `.`, `*`, `>`, `/` or `\`. nats.js `StreamConfig.name`. */
  name: StreamName<Name>;
  /** Subjects that the stream stores. They must not overlap. nats.js `StreamConfig.subjects`. */
  subjects: StreamSubjects<Subjects>;
  /**
   * Subject constants and templates of the events stored here. An event that `subjects` do not
   * cover does not compile.
   */
  events?: CoveredEvents<Subjects, Events>;
  /** Text for people. nats.js `StreamConfig.description`. */
  description?: string;
  /** Where messages are stored. Default `'file'` (server rule). nats.js `StreamConfig.storage`. */
  storage?: 'file' | 'memory';
  /**
   * When messages are removed: at a limit, after every consumer acknowledged, or after one did.
   * Default `'limits'` (server rule).
   */
  retention?: 'limits' | 'interest' | 'workqueue';
  /**
   * At a limit: remove the oldest message, or refuse the new one. Default `'old'` (server rule).
   * nats.js `StreamConfig.discard`.
   */
  discard?: 'old' | 'new';
  /**
   * With `discard: 'new'` and `maxMessagesPerSubject`: refuse a new message at that limit too.
   * Default `false`. nats.js `StreamConfig.discard_new_per_subject`.
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
   * Within it, a second message with the same message id is not stored. Default 2 minutes, or a
   * shorter `maxAge` (server rule). nats.js `StreamConfig.duplicate_window`.
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
   * Names and texts of your own. Names that begin with `_nats.` belong to the server. nats.js
   * `StreamConfig.metadata`.
   */
  metadata?: Record<string, string>;
  /**
   * Messages can be read from any replica. Default `false` (server rule). nats.js
   * `StreamConfig.allow_direct`.
   */
  allowDirect?: boolean;
  /**
   * Several events can be published as one batch, all or none. Needs nats-server 2.12. Default
   * `false`. nats.js `StreamConfig.allow_atomic`.
   */
  allowAtomic?: boolean;
  /**
   * Messages can have a `ttl`. Cannot be switched off. Needs nats-server 2.11. Default `false`.
   * nats.js `StreamConfig.allow_msg_ttl`.
   */
  allowMessageTtl?: boolean;
  /**
   * Messages can have a `schedule`. Cannot be switched off. Needs nats-server 2.12. Default
   * `false`. nats.js `StreamConfig.allow_msg_schedules`.
   */
  allowMessageSchedules?: boolean;
  /**
   * A message can replace earlier ones of its subject, or of the stream. Default `false`. nats.js
   * `StreamConfig.allow_rollup_hdrs`.
   */
  allowRollup?: boolean;
  /**
   * Messages cannot be deleted. Cannot be switched off. Default `false`. nats.js
   * `StreamConfig.deny_delete`.
   */
  denyDelete?: boolean;
  /**
   * The stream cannot be purged. Cannot be switched off. Default `false`. nats.js
   * `StreamConfig.deny_purge`.
   */
  denyPurge?: boolean;
  /**
   * Limits of the stream of dead letters, `<name>_DEAD`. Default: as this stream, with a maximum
   * age of 30 days.
   */
  deadLetters?: DeadLetterStreamOptions;
  /**
   * Options that may change at the next start although the change can drop stored messages or
   * copies. Without it, such a change fails the startup. Remove it after the change. Default: none.
   */
  allowDataLoss?: readonly LossyStreamOption[];
}
