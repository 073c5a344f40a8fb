import { AckPolicy, DeliverPolicy, ReplayPolicy, type ConsumerConfig, type StreamInfo } from '@nats-io/jetstream';
import { errors, type Msg } from '@nats-io/transport-node';
import { NANOS_PER_MILLI } from '../errors/duration-text';
import { parseAckSubject } from '../message/ack';
import { deadLetterPattern, deadLetterSubject } from '../message/dead-letter';
import type { OpenSession } from '../session/jetstream-session';
import { deadLetterEntry, type DeadLetterEntry, type StoredHeaders } from './dead-letter-entry';
import { deadLetterMatcher, type DeadLetterFilter } from './dead-letter-filter';

/** Headers of a message may have 64 KB, so this bounds the memory. */
const BATCH = 256;
const DEFAULT_TIMEOUT_MS = 5_000;
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
  for await (const message of readHeaders(open, name, { ...range, through: Math.min(range.through, state.last_seq) })) {
    const entry = deadLetterEntry(message);
    if (matches(entry)) yield entry;
  }
}

function subjectsOf(stream: string, { durable, sequences }: DeadLetterFilter): string[] {
  if (durable === undefined || sequences === undefined || sequences.length > MAX_FILTER_SUBJECTS)
    return [deadLetterPattern(stream, durable)];
  return [...new Set(sequences)].map((sequence) => deadLetterSubject({ stream, consumer: durable, sequence }));
}

interface HeaderRange {
  readonly subjects: readonly string[];
  readonly from: number;
  readonly through: number;
  readonly since: Date | string | undefined;
}

async function* readHeaders(
  open: OpenSession,
  stream: string,
  { subjects, from, through, since }: HeaderRange,
): AsyncGenerator<StoredHeaders, void> {
  let next = from;
  while (next <= through && subjects.length > 0) {
    const { name } = await open.manager.consumers.add(stream, {
      ...READER,
      filter_subjects: [...subjects],
      ...startOf(next, from, since),
    });
    let delivered = 0;
    // The server removes the consumer if the caller is slow, and a lost connection loses messages.
    // A new consumer then continues after the last message.
    for await (const { message, deliverySequence, pending } of pull(open, stream, name)) {
      if (deliverySequence !== ++delivered) break;
      if (message.seq > through) return;
      yield message;
      next = message.seq + 1;
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

interface Pulled {
  readonly message: StoredHeaders;
  readonly deliverySequence: number;
  /** Number of messages that follow. */
  readonly pending: number;
}

/** Pulls messages until the server has no more, or no longer has the consumer. */
async function* pull(open: OpenSession, stream: string, consumer: string): AsyncGenerator<Pulled, void> {
  const subject = `${open.apiPrefix}.CONSUMER.MSG.NEXT.${stream}.${consumer}`;
  const request = JSON.stringify({ batch: BATCH, no_wait: true });
  const options = {
    strategy: 'count',
    maxMessages: BATCH,
    maxWait: open.manager.getOptions().timeout ?? DEFAULT_TIMEOUT_MS,
    // Deliveries have the subjects of the messages, so a shared inbox cannot assign them.
    noMux: true,
  } as const;
  for (;;) {
    let received = 0;
    let isEnded = false;
    try {
      for await (const reply of await open.connection.requestMany(subject, request, options)) {
        isEnded = reply.headers !== undefined && reply.headers.code > 0;
        if (isEnded) break;
        received++;
        yield pulled(reply);
      }
    } catch (error) {
      if (error instanceof errors.NoRespondersError) return;
      throw error;
    }
    if (received === 0 && isEnded) return;
    if (received < BATCH && !isEnded) throw new errors.TimeoutError();
  }
}

function pulled({ subject, headers, reply = '' }: Msg): Pulled {
  const { streamSequence, deliverySequence, timestampNanos, pending } = parseAckSubject(reply);
  const message = {
    subject,
    headers,
    seq: streamSequence,
    time: new Date(timestampNanos / NANOS_PER_MILLI),
    bodyBytes: Number(headers?.get('Nats-Msg-Size') ?? 0),
  };
  return { message, deliverySequence, pending };
}
