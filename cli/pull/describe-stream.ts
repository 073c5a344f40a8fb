import type { StreamConfig } from '@nats-io/jetstream';
import type { Document, Json } from '../../schematics/contract/json';

const NANOS_PER_MILLI = 1e6;
/** Units of durations with their milliseconds, largest first. */
const UNITS = [
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['m', 60_000],
  ['s', 1_000],
  ['ms', 1],
] as const;

/** Metadata that nats-server writes. */
const SERVER_METADATA = '_nats.';

/** A stream in the words of `defineStream`. */
export interface DescribedStream {
  /** Options that differ from their defaults, and those that every declaration should show. */
  readonly options: Document;
  /** Fields of the configuration that `defineStream` has no option for. */
  readonly others: readonly string[];
}

/** Describes the configuration of a stream for `x-jetstream-streams`. */
export function describeStream(config: StreamConfig): DescribedStream {
  const { max_age: maxAge, duplicate_window: duplicateWindow, placement, metadata } = config;
  const ownMetadata = Object.entries(metadata ?? {}).filter(([key]) => !key.startsWith(SERVER_METADATA));
  const options: Record<string, Json | undefined> = {
    subjects: config.subjects ?? [],
    description: config.description || undefined,
    storage: config.storage,
    retention: config.retention,
    discard: config.discard,
    discardNewPerSubject: flag(config.discard_new_per_subject),
    maxAge: durationText(maxAge),
    maxMessages: limit(config.max_msgs),
    maxMessagesPerSubject: limit(config.max_msgs_per_subject),
    maxBytes: limit(config.max_bytes),
    maxMessageSize: limit(config.max_msg_size),
    duplicateWindow: durationText(duplicateWindow),
    replicas: config.num_replicas > 1 ? config.num_replicas : undefined,
    placement: placementOf(placement),
    compression: config.compression === 's2' ? 's2' : undefined,
    metadata: ownMetadata.length > 0 ? Object.fromEntries(ownMetadata) : undefined,
    allowDirect: flag(config.allow_direct),
    allowAtomic: flag(config.allow_atomic),
    allowMessageTtl: flag(config.allow_msg_ttl),
    allowMessageSchedules: flag(config.allow_msg_schedules),
    allowRollup: flag(config.allow_rollup_hdrs),
    denyDelete: flag(config.deny_delete),
    denyPurge: flag(config.deny_purge),
  };
  const given = Object.entries(options).filter((entry): entry is [string, Json] => entry[1] !== undefined);
  return { options: Object.fromEntries(given), others: othersOf(config) };
}

/** Returns the set fields that `defineStream` has no option for. */
function othersOf(config: StreamConfig): string[] {
  const { no_ack, sealed, max_consumers: consumers, sources, consumer_limits: limits } = config;
  const isSet: Readonly<Record<string, unknown>> = {
    no_ack,
    sealed,
    max_consumers: consumers > 0,
    sources: (sources ?? []).length > 0,
    republish: config.republish,
    subject_transform: config.subject_transform,
    consumer_limits: (limits?.max_ack_pending ?? 0) > 0 || (limits?.inactive_threshold ?? 0) > 0,
    subject_delete_marker_ttl: config.subject_delete_marker_ttl,
    allow_batched: config.allow_batched,
    allow_msg_counter: config.allow_msg_counter,
    persist_mode: config.persist_mode !== undefined && config.persist_mode !== 'default',
  };
  return Object.keys(isSet).filter((field) => Boolean(isSet[field]));
}

/** Returns a duration in its largest whole unit, such as `7d`. Undefined for no limit. */
export function durationText(nanos: number | undefined): string | undefined {
  if (nanos === undefined || nanos <= 0) return undefined;
  const millis = nanos / NANOS_PER_MILLI;
  const [unit, size] = UNITS.find(([, each]) => millis % each === 0) ?? (['ms', 1] as const);
  return `${millis / size}${unit}`;
}

/** Returns a limit. The server writes -1 or 0 for none. */
function limit(value: number | undefined): number | undefined {
  return value !== undefined && value > 0 ? value : undefined;
}

function flag(value: boolean | undefined): true | undefined {
  return value === true ? true : undefined;
}

function placementOf(placement: StreamConfig['placement']): Document | undefined {
  const { cluster = '', tags = [] } = placement ?? {};
  const given = { ...(cluster ? { cluster } : {}), ...(tags.length > 0 ? { tags } : {}) };
  return Object.keys(given).length > 0 ? given : undefined;
}
