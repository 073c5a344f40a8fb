import {
  DiscardPolicy,
  RetentionPolicy,
  type JetStreamManager,
  type NextMsgRequest,
  type SeqMsgRequest,
  type StreamInfo,
} from '@nats-io/jetstream';
import type { Drift } from '../errors/drift';
import { NANOS_PER_MILLI } from '../errors/duration-text';
import { LOSSY_FIELDS, type LossyStreamField } from '../stream/stream-table';
import { MAX_LISTED_SUBJECTS } from './dead-letter-counts';

/** Above this number, nats-server needs seconds to list the deleted messages of a stream. */
const MAX_LISTED_DELETIONS = 20_000;

const LOSSY: ReadonlySet<string> = new Set(Object.values(LOSSY_FIELDS));

/** A change of a field that can drop messages. */
interface LossyChange extends Drift {
  readonly field: LossyStreamField;
}

/** Returns true for a change of a field that can drop messages. */
export function isLossyChange(change: Drift): change is LossyChange {
  return LOSSY.has(change.field);
}

/**
 * Counts the stored messages that a change of a stream drops at once. Returns undefined if a count
 * would need more than a few requests.
 */
export async function countDropped(
  manager: JetStreamManager,
  stream: StreamInfo,
  changes: readonly LossyChange[],
): Promise<number | undefined> {
  if (stream.state.messages === 0) return 0;
  const changed = Object.fromEntries(changes.map(({ field, declared }) => [field, declared]));
  const after = { ...stream, config: { ...stream.config, ...changed } };
  const counted = changes.map(async (change) => [change.field, await countFor(manager, after, change)] as const);
  const counts = new Map(await Promise.all(counted));
  const { max_msgs_per_subject: bySubject = 0, ...others } = Object.fromEntries(counts);
  if ([...counts.values()].includes(undefined)) return undefined;
  // Limits of the stream drop its oldest messages, so that the strictest one decides.
  const oldest = Math.max(0, ...Object.values(others).map(Number));
  return bySubject > 0 && oldest > 0 ? undefined : bySubject + oldest;
}

/** @param after the stream with the changed configuration and the current state */
async function countFor(
  manager: JetStreamManager,
  after: StreamInfo,
  { field, declared, actual }: LossyChange,
): Promise<number | undefined> {
  const { config, state } = after;
  const limit = Number(declared ?? 0);
  const isLimited = limit > 0;
  // A stream that refuses new messages keeps those above a lower limit.
  const keepsOld = config.discard === DiscardPolicy.New;
  switch (field) {
    case 'max_age':
      return isLimited ? countOlder(manager, after, limit / NANOS_PER_MILLI) : 0;
    case 'max_msgs':
      return isLimited && !keepsOld ? Math.max(0, state.messages - limit) : 0;
    case 'max_bytes':
      return isLimited && !keepsOld && state.bytes > limit ? undefined : 0;
    case 'max_msgs_per_subject':
      return isLimited ? countAbove(manager, after, limit) : 0;
    case 'retention':
      return declared === RetentionPolicy.Limits && actual === RetentionPolicy.Interest ? 0 : undefined;
    // The others affect new messages and copies.
    default:
      return 0;
  }
}

/** Counts the messages above a limit for each subject. */
async function countAbove(
  manager: JetStreamManager,
  { config, state }: StreamInfo,
  limit: number,
): Promise<number | undefined> {
  if ((state.num_subjects ?? 0) > MAX_LISTED_SUBJECTS) return undefined;
  const { state: listed } = await manager.streams.info(config.name, { subjects_filter: '>' });
  return Object.values(listed.subjects ?? {}).reduce((sum, count) => sum + Math.max(0, count - limit), 0);
}

/** Counts the messages that are older than an age. Reads few of them, in a binary search. */
async function countOlder(
  manager: JetStreamManager,
  { config: { name }, state, ts }: StreamInfo,
  ageMs: number,
): Promise<number | undefined> {
  // Use the clock of the server, which stored the messages.
  const endMs = (ts === undefined ? Date.now() : Date.parse(ts)) - ageMs;
  const isOlder = (time: Date | string): boolean => new Date(time).getTime() < endMs;
  if (!isOlder(state.first_ts)) return 0;
  if (isOlder(state.last_ts)) return state.messages;
  let older = state.first_seq;
  let newer = state.last_seq;
  while (newer - older > 1) {
    const middle = Math.floor((older + newer) / 2);
    const next: SeqMsgRequest & NextMsgRequest = { seq: middle, next_by_subj: '>' };
    const found = await manager.streams.getMessage(name, next);
    if (found && isOlder(found.time)) older = found.seq;
    else newer = middle;
  }
  const deleted = await countDeleted(manager, { name, state, through: older });
  return deleted === undefined ? undefined : older - state.first_seq + 1 - deleted;
}

/** Counts the deleted messages up to a sequence. */
async function countDeleted(
  manager: JetStreamManager,
  { name, state, through }: Pick<StreamInfo, 'state'> & { readonly name: string; readonly through: number },
): Promise<number | undefined> {
  const { num_deleted: count, first_seq: first } = state;
  if (count === 0) return 0;
  if (count > MAX_LISTED_DELETIONS) return undefined;
  const { state: listed } = await manager.streams.info(name, { deleted_details: true });
  return (listed.deleted ?? []).filter((sequence) => sequence >= first && sequence <= through).length;
}
