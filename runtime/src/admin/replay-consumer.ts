import {
  AckPolicy,
  DeliverPolicy,
  RetentionPolicy,
  type ConsumerConfig,
  type ConsumerInfo,
  type JetStreamManager,
  type StreamInfo,
} from '@nats-io/jetstream';
import { nanos } from '@nats-io/transport-node';
import { requireServer } from '../connection/required-server';
import { dropAttempts } from '../dead-letter/drop-attempts';
import { ReplayRefusedError } from '../errors/admin.errors';
import { InvalidOptionError } from '../errors/configuration.errors';
import type { JetStreamSession } from '../session/jetstream-session';
import type { DurationText } from '../errors/duration-text';
import { durationMillis } from '../util/duration';
import { assertNames, assertSequence } from './admin-arguments';
import { runAdminTask } from './admin-task';

const RESET_SINCE = '2.14';
/** Removes the consumer that counts messages if this process ends before. */
const COUNTED_WITHIN_MS = 5_000;
/** A consumer that started with these policies cannot be moved to another sequence. */
const FIXED_START: ReadonlySet<DeliverPolicy> = new Set([
  DeliverPolicy.New,
  DeliverPolicy.Last,
  DeliverPolicy.LastPerSubject,
]);

/** First message of a replay: its stream sequence, or its time. */
export type ReplayStart =
  | { readonly fromSequence: number; readonly since?: never }
  /** A time, or a duration before now such as `'2h'`. */
  | { readonly since: Date | DurationText; readonly fromSequence?: never };

export interface Replay {
  readonly stream: string;
  readonly durable: string;
  /** First stream sequence that is delivered again. */
  readonly fromSequence: number;
  /** Number of messages that are delivered again. */
  readonly messages: number;
  /** Number of these messages that the consumer has not acknowledged yet. */
  readonly unacknowledged: number;
}

/**
 * Moves a consumer back to an earlier message.
 * @param dryRun only counts the messages
 */
export async function replayConsumer(
  session: JetStreamSession,
  stream: string,
  durable: string,
  start: ReplayStart,
  dryRun = false,
): Promise<Replay> {
  assertNames(stream, durable);
  const requested = startOf(start);
  const what = `replay messages of consumer '${durable}' of stream '${stream}'`;
  return runAdminTask(session, { what, stream, durable }, async (open) => {
    const { connection, manager } = open;
    requireServer(what, connection.info?.version ?? '', RESET_SINCE);
    const [info, stored] = await Promise.all([manager.consumers.info(stream, durable), manager.streams.info(stream)]);
    refuse(info, stored, requested);
    const replay = await planReplay(manager, info, requested);
    if (dryRun || replay.messages === 0) return replay;
    // Acknowledged messages before the start of the replay need no record.
    await dropAttempts(open, stream, durable, what);
    await manager.consumers.reset(stream, durable, replay.fromSequence);
    return replay;
  });
}

type Requested = { readonly sequence: number } | { readonly time: Date };

function startOf({ fromSequence, since }: ReplayStart): Requested {
  if (fromSequence !== undefined && since !== undefined)
    throw InvalidOptionError.conflict('fromSequence', 'since', 'a replay has one start', fromSequence);
  if (since === undefined) {
    assertSequence(fromSequence, 'fromSequence');
    return { sequence: fromSequence };
  }
  // A number could be a time or a duration.
  const isDuration = typeof since === 'string';
  const time = isDuration ? new Date(Date.now() - durationMillis(since, 'since')) : since;
  if (time instanceof Date && time.getTime() <= Date.now()) return { time };
  throw new InvalidOptionError('since', since, "pass a date in the past, or a duration such as '2h'");
}

function refuse({ config, name }: ConsumerInfo, { config: stream, state }: StreamInfo, requested: Requested): void {
  const fail = (problem: string): never => {
    throw new ReplayRefusedError(stream.name, name, problem);
  };
  if (stream.retention === RetentionPolicy.Workqueue)
    fail('The stream is a work queue, which removes acknowledged messages.');
  if (stream.retention === RetentionPolicy.Interest && isRemoved(state, requested))
    fail(
      `The stream has retention 'interest', which removes acknowledged messages. Its first message is sequence ${state.first_seq}.`,
    );
  if (FIXED_START.has(config.deliver_policy))
    fail(`Its deliver policy is '${config.deliver_policy}', so nats-server cannot move it to another message.`);
  const { opt_start_seq: first = 0 } = config;
  if ('sequence' in requested && requested.sequence < first)
    fail(`It begins at sequence ${first}, and nats-server cannot move it to an earlier one.`);
}

function isRemoved({ first_seq, first_ts, messages }: StreamInfo['state'], requested: Requested): boolean {
  if (messages === 0) return true;
  return 'sequence' in requested ? requested.sequence < first_seq : requested.time < new Date(first_ts);
}

async function planReplay(manager: JetStreamManager, info: ConsumerInfo, requested: Requested): Promise<Replay> {
  const { stream_name: stream, name: durable, ack_floor: floor } = info;
  const first = await firstMessage(manager, info, requested);
  // A later start would skip messages that are not acknowledged.
  const next = floor.stream_seq + 1;
  const from = first.sequence > next ? await firstMessage(manager, info, { sequence: next }) : first;
  return {
    stream,
    durable,
    fromSequence: from.sequence,
    messages: Math.max(0, from.matching - info.num_pending),
    unacknowledged: info.num_ack_pending,
  };
}

/**
 * Returns the first sequence from a start, and the number of messages of the consumer from there.
 * Only a consumer finds and counts them.
 */
async function firstMessage(
  { consumers }: JetStreamManager,
  { stream_name: stream, config }: ConsumerInfo,
  start: Requested,
): Promise<{ readonly sequence: number; readonly matching: number }> {
  const counting: Partial<ConsumerConfig> = {
    ack_policy: AckPolicy.None,
    filter_subjects: config.filter_subjects ?? (config.filter_subject === undefined ? [] : [config.filter_subject]),
    inactive_threshold: nanos(COUNTED_WITHIN_MS),
    mem_storage: true,
    num_replicas: 1,
    ...('sequence' in start
      ? { deliver_policy: DeliverPolicy.StartSequence, opt_start_seq: start.sequence }
      : { deliver_policy: DeliverPolicy.StartTime, opt_start_time: start.time.toISOString() }),
  };
  const { name, delivered, num_pending: matching } = await consumers.add(stream, counting);
  await consumers.delete(stream, name);
  return { sequence: delivered.stream_seq + 1, matching };
}
