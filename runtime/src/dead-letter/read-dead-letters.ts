import { AckPolicy, DeliverPolicy, ReplayPolicy, type ConsumerConfig, type StreamInfo } from '@nats-io/jetstream';
import { NANOS_PER_MILLI } from '../errors/duration-text';
import { deadLetterPattern, deadLetterSubject } from '../message/dead-letter';
import type { OpenSession } from '../session/jetstream-session';
import type { DeadLetterEntry } from './dead-letter-entry';
import { deadLetterMatcher, type DeadLetterFilter } from './dead-letter-filter';
import { pullEntries } from './pull-entries';

/** Longer than the time between two batches. */
const INACTIVE_THRESHOLD_NANOS = 10_000 * NANOS_PER_MILLI;
/** Above this number of subjects, all dead letters of the consumer are read instead. */
const MAX_FILTER_SUBJECTS = 100;

/**
 * Reads the dead letters that match a filter, oldest first, up to the last one of `info`. Reads
 * headers only, because bodies may be large: a consumer without acknowledgements is the only
 * request of nats-server that leaves them out. The server removes the consumer by itself.
 * @param info state of the dead-letter stream
 */
export async function* readDeadLetters(
  open: OpenSession,
  stream: string,
  { config: { name }, state }: Pick<StreamInfo, 'config' | 'state'>,
  filter: DeadLetterFilter = {},
): AsyncGenerator<DeadLetterEntry, void> {
  const matches = deadLetterMatcher(filter);
  const { deadLetterSequences = [] } = filter;
  const first = deadLetterSequences.reduce((least, each) => Math.min(least, each), Number.POSITIVE_INFINITY);
  const range = {
    subjects: subjectsOf(stream, filter),
    from: Number.isFinite(first) ? Math.max(first, 1) : 1,
    through: filter.deadLetterSequences
      ? deadLetterSequences.reduce((most, each) => Math.max(most, each), 0)
      : state.last_seq,
    since: filter.since,
  };
  for await (const entry of readEntries(open, name, { ...range, through: Math.min(range.through, state.last_seq) }))
    if (matches(entry)) yield entry;
}

function subjectsOf(stream: string, { durable, sequences }: DeadLetterFilter): string[] {
  if (durable === undefined || sequences === undefined || sequences.length > MAX_FILTER_SUBJECTS)
    return [deadLetterPattern(stream, durable)];
  return [...new Set(sequences)].map((sequence) => deadLetterSubject({ stream, consumer: durable, sequence }));
}

interface EntryRange {
  readonly subjects: readonly string[];
  readonly from: number;
  readonly through: number;
  readonly since: Date | string | undefined;
}

async function* readEntries(
  open: OpenSession,
  stream: string,
  { subjects, from, through, since }: EntryRange,
): AsyncGenerator<DeadLetterEntry, void> {
  let next = from;
  while (next <= through && subjects.length > 0) {
    const { name, num_pending: waiting } = await open.manager.consumers.add(stream, {
      ...READER,
      filter_subjects: [...subjects],
      ...startOf(next, from, since),
    });
    if (waiting === 0) return;
    let delivered = 0;
    // The server removes the consumer if the caller is slow, and a lost connection loses messages.
    // A new consumer then continues after the last message.
    for await (const { entry, deliverySequence, pending } of pullEntries(open, stream, name)) {
      if (deliverySequence !== ++delivered) break;
      if (entry.deadLetterSequence > through) return;
      yield entry;
      next = entry.deadLetterSequence + 1;
      if (pending === 0) return;
    }
    if (delivered === 0) return;
  }
}

const READER = {
  ack_policy: AckPolicy.None,
  replay_policy: ReplayPolicy.Instant,
  headers_only: true,
  mem_storage: true,
  num_replicas: 1,
  inactive_threshold: INACTIVE_THRESHOLD_NANOS,
} satisfies Partial<ConsumerConfig>;

function startOf(next: number, from: number, since: Date | string | undefined): Partial<ConsumerConfig> {
  // Dead letters of a stream are in the order of their times.
  if (since !== undefined && next === from && from === 1)
    return { deliver_policy: DeliverPolicy.StartTime, opt_start_time: new Date(since).toISOString() };
  return { deliver_policy: DeliverPolicy.StartSequence, opt_start_seq: next };
}
