import type { StreamConfig, StreamSource, SubjectTransformConfig } from '@nats-io/jetstream';
import {
  isOn,
  limit,
  listOf,
  mergedSources,
  mergedSubjects,
  objectOf,
  overlapThemselves,
  ownMetadata,
  sharedSources,
  sorted,
  streamSource,
  subjectTransform,
} from './normal-form';

/**
 * Effect of a change on an existing stream. `harmless` changes are applied. `lossy` changes can
 * drop messages and need consent (`allowDataLoss`). The server refuses or ignores `impossible`
 * changes.
 */
export type Verdict = 'harmless' | 'lossy' | 'impossible';

type Config = Readonly<Partial<StreamConfig>>;

/** Fields of an object, at any depth. `true` ends a branch. */
export interface KnownFields {
  readonly [field: string]: true | KnownFields;
}

/** Rules of one field of nats.js's `StreamConfig`. */
export interface StreamField {
  /** Name in `defineStream`. */
  readonly option?: string;
  /**
   * Returns one value for all equivalent forms of a setting, including its default. `config` has
   * the fields from which the server derives it.
   */
  readonly normal: (value: unknown, config: Config) => unknown;
  /** Returns the effect of a change from one normal form to another. */
  readonly verdict: (to: unknown, from: unknown, actual: Config) => Verdict;
  /** Merges the declared value into the value of the server. Default: replaces it. */
  readonly merge?: (declared: unknown, actual: unknown) => unknown;
  /** Returns the declared part of the server's value. Default: the complete value. */
  readonly share?: (actual: unknown, declared: unknown) => unknown;
  /** Returns true if the server chooses the value, which is then not compared. */
  readonly isServerChoice?: (declared: unknown) => boolean;
  /** First version of nats-server with the field. Older versions ignore it. */
  readonly since?: string;
  /** True if the larger value wins when two services change it at the same time. */
  readonly isOrdered?: true;
  /** True for a duration in nanoseconds. */
  readonly isDuration?: true;
  /** Fields of the value. */
  readonly fields?: KnownFields;
}

const harmless = (): Verdict => 'harmless';
const impossible = (): Verdict => 'impossible';
/** Returns the effect of a change of a flag that cannot be cleared. */
const onlyOn = (to: unknown): Verdict => (to === true ? 'harmless' : 'impossible');
const raise = (to: unknown, from: unknown): Verdict => (Number(to) > Number(from) ? 'harmless' : 'lossy');
const orElse = (fallback: unknown) => (value: unknown) => value || fallback;

const FLAG = { normal: isOn, verdict: harmless } as const;
const MAXIMUM = { normal: limit, verdict: raise, isOrdered: true } as const;

const SUBJECT_TRANSFORM = { src: true, dest: true } satisfies Record<keyof SubjectTransformConfig, true>;
const SOURCE = {
  name: true,
  opt_start_seq: true,
  opt_start_time: true,
  filter_subject: true,
  external: { api: true, deliver: true },
  domain: true,
  subject_transforms: SUBJECT_TRANSFORM,
  consumer: { name: true, deliver_subject: true },
} satisfies Record<keyof StreamSource, true | KnownFields>;

/**
 * nats-server enables rollups and disables `deny_purge` for streams that delete messages
 * themselves.
 */
function rollsUp(config: Config): boolean {
  return isOn(config.allow_msg_schedules) || leavesMarkers(config);
}

function leavesMarkers({ subject_delete_marker_ttl: ttl = 0 }: Config): boolean {
  return ttl > 0;
}

/**
 * Every field of nats.js's `StreamConfig`. Drift, updates, consent, required server versions,
 * `defineStream` and the checks for unknown options all read this table.
 */
const TABLE = {
  name: { option: 'name', normal: (name) => name, verdict: impossible },
  subjects: {
    option: 'subjects',
    normal: sorted,
    verdict: (to, _, { mirror }) => (mirror || overlapThemselves(to as string[]) ? 'impossible' : 'harmless'),
    merge: mergedSubjects,
    share: () => undefined,
    // Without subjects, the server stores the subject of the stream's name.
    isServerChoice: (declared) => listOf(declared).length === 0,
  },
  description: { option: 'description', normal: orElse(''), verdict: harmless },
  storage: { option: 'storage', normal: orElse('file'), verdict: impossible },
  retention: {
    option: 'retention',
    normal: orElse('limits'),
    verdict: (to, from) => {
      if ([to, from].includes('workqueue')) return 'impossible';
      return to === 'limits' ? 'harmless' : 'lossy';
    },
  },
  discard: {
    option: 'discard',
    normal: (value, { sealed }) => (sealed ? 'new' : value || 'old'),
    verdict: (to) => (to === 'new' ? 'harmless' : 'lossy'),
  },
  discard_new_per_subject: {
    option: 'discardNewPerSubject',
    normal: isOn,
    verdict: (to) => (to === true ? 'harmless' : 'lossy'),
  },
  max_age: { ...MAXIMUM, option: 'maxAge', isDuration: true },
  max_msgs: { ...MAXIMUM, option: 'maxMessages' },
  max_bytes: { ...MAXIMUM, option: 'maxBytes' },
  max_msg_size: { ...MAXIMUM, option: 'maxMessageSize' },
  max_msgs_per_subject: { ...MAXIMUM, option: 'maxMessagesPerSubject' },
  max_consumers: { normal: limit, verdict: harmless },
  num_replicas: { option: 'replicas', normal: orElse(1), verdict: raise, isOrdered: true },
  duplicate_window: {
    option: 'duplicateWindow',
    normal: (value) => value,
    verdict: harmless,
    // 2 minutes, or a shorter `max_age`, or the limit of the account.
    isServerChoice: (declared) => declared === 0,
    isDuration: true,
  },
  no_ack: FLAG,
  sealed: { normal: isOn, verdict: impossible },
  deny_delete: { option: 'denyDelete', normal: (value, { sealed }) => isOn(value) || isOn(sealed), verdict: onlyOn },
  deny_purge: {
    option: 'denyPurge',
    normal: (value, config) => isOn(config.sealed) || (isOn(value) && !rollsUp(config)),
    verdict: onlyOn,
  },
  allow_rollup_hdrs: {
    option: 'allowRollup',
    normal: (value, config) => isOn(value) || rollsUp(config),
    verdict: harmless,
  },
  allow_direct: { ...FLAG, option: 'allowDirect' },
  // The server copies `allow_direct` of the origin and ignores the declaration.
  mirror_direct: { ...FLAG, isServerChoice: () => true },
  allow_msg_ttl: {
    option: 'allowMessageTtl',
    normal: (value, config) => isOn(value) || leavesMarkers(config),
    verdict: onlyOn,
    since: '2.11',
  },
  subject_delete_marker_ttl: { normal: orElse(0), verdict: harmless, since: '2.11', isDuration: true },
  allow_msg_schedules: { option: 'allowMessageSchedules', normal: isOn, verdict: onlyOn, since: '2.12' },
  allow_atomic: { ...FLAG, option: 'allowAtomic', since: '2.12' },
  allow_batched: { ...FLAG, since: '2.14' },
  allow_msg_counter: { normal: isOn, verdict: impossible, since: '2.12' },
  persist_mode: { normal: orElse('default'), verdict: impossible, since: '2.12' },
  compression: { option: 'compression', normal: orElse('none'), verdict: harmless },
  // The server accepts the update, but an existing stream keeps its sequences.
  first_seq: { normal: orElse(1), verdict: impossible },
  metadata: {
    option: 'metadata',
    normal: ownMetadata,
    verdict: harmless,
    merge: (declared, actual) => ({ ...objectOf(actual), ...objectOf(declared) }),
    share: (actual, declared) =>
      Object.fromEntries(Object.entries(objectOf(actual)).filter(([key]) => Object.hasOwn(objectOf(declared), key))),
  },
  mirror: { normal: (value) => value && streamSource(value), verdict: impossible, fields: SOURCE },
  sources: {
    normal: (value) => sorted(listOf(value).map((source) => JSON.stringify(streamSource(source)))),
    verdict: harmless,
    merge: mergedSources,
    share: sharedSources,
    fields: SOURCE,
  },
  placement: {
    option: 'placement',
    normal: (value) => ({ cluster: objectOf(value)['cluster'] || '', tags: sorted(objectOf(value)['tags']) }),
    verdict: harmless,
    fields: { cluster: true, tags: true },
  },
  republish: {
    normal: (value) => value && { ...subjectTransform(value), headersOnly: isOn(objectOf(value)['headers_only']) },
    verdict: harmless,
    fields: { src: true, dest: true, headers_only: true },
  },
  subject_transform: {
    normal: (value) => value && subjectTransform(value),
    verdict: harmless,
    fields: SUBJECT_TRANSFORM,
  },
  consumer_limits: {
    normal: (value) => {
      const { inactive_threshold: inactive, max_ack_pending: pending } = objectOf(value);
      return { inactive: inactive || 0, pending: pending || 0 };
    },
    verdict: harmless,
    fields: { inactive_threshold: true, max_ack_pending: true },
  },
} satisfies Record<keyof StreamConfig, StreamField>;

/** Name of a field of nats.js's `StreamConfig`. */
export type StreamFieldName = keyof typeof TABLE;

export const STREAM_TABLE: Readonly<Record<StreamFieldName, StreamField>> = TABLE;
export const STREAM_FIELDS = Object.keys(TABLE) as readonly StreamFieldName[];

/** Field of `streamConfig` for its `allowDataLoss`. */
export type LossyStreamField =
  | 'max_age'
  | 'max_msgs'
  | 'max_bytes'
  | 'max_msg_size'
  | 'max_msgs_per_subject'
  | 'num_replicas'
  | 'discard'
  | 'discard_new_per_subject'
  | 'retention';

/** Option of `defineStream` for its `allowDataLoss`. */
export type LossyStreamOption =
  | 'maxAge'
  | 'maxMessages'
  | 'maxBytes'
  | 'maxMessageSize'
  | 'maxMessagesPerSubject'
  | 'replicas'
  | 'discard'
  | 'discardNewPerSubject'
  | 'retention';

/** Fields whose change can drop messages, by their names in `defineStream`. */
export const LOSSY_FIELDS = {
  maxAge: 'max_age',
  maxMessages: 'max_msgs',
  maxMessagesPerSubject: 'max_msgs_per_subject',
  maxBytes: 'max_bytes',
  maxMessageSize: 'max_msg_size',
  replicas: 'num_replicas',
  discard: 'discard',
  discardNewPerSubject: 'discard_new_per_subject',
  retention: 'retention',
} as const satisfies Record<LossyStreamOption, LossyStreamField>;
