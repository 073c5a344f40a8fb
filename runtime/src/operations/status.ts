import { JetStreamApiError, type ConsumerInfo, type JetStreamManager, type StreamInfo } from '@nats-io/jetstream';
import { lagOf } from '../consumer/consumer-lag';
import { SERVICE_KEY } from '../consumer/provisioning/consumer-config';
import type { JetStreamSession, OpenSession } from '../session/jetstream-session';
import { deadLetterStreamName } from '../stream/dead-letter-stream';
import { inParallel } from '../util/in-parallel';
import { countDeadLetters, NO_DEAD_LETTERS, servedStream, type DeadLetterCounts } from './dead-letter-counts';
import { exceededByConsumer, exceededByStream, type ExceededThreshold } from './exceeded-thresholds';
import { CONCURRENT_READS, lastActiveAt, readInventory } from './inventory';
import { PermittedReads } from './permitted-reads';
import { readingError } from './reading-error';
import { withSession } from './with-session';

/** Selection of a status. */
export interface StatusOptions {
  /** Names of streams. Default: all streams of the account. */
  readonly streams?: readonly string[];
  /** Reads the lag, with one request for each consumer that is behind. Default: true. */
  readonly lag?: boolean;
}

/** State of streams and consumers, as plain data. */
export interface ServerStatus {
  /** Addresses without credentials. */
  readonly servers: string;
  readonly serverVersion: string;
  /** Time of the reading as ISO 8601. */
  readonly at: string;
  readonly streams: readonly StreamStatus[];
  readonly consumers: readonly ConsumerStatus[];
  /** Passed thresholds of the option `monitor`. */
  readonly exceeded: readonly ExceededThreshold[];
  /** Requested streams that do not exist. */
  readonly missing: readonly string[];
  /** Subjects that the user may not publish to. Values that need them are undefined. */
  readonly denied: readonly string[];
}

export interface StreamStatus {
  readonly stream: string;
  readonly subjects: readonly string[];
  readonly messages: number;
  readonly bytes: number;
  /** Age of the oldest message. Undefined if there is none. */
  readonly oldestSeconds: number | undefined;
  readonly replicas: number;
  /** Dead letters of the stream. Undefined if they could not be read. */
  readonly deadLetters: number | undefined;
  /** Name of the stream whose dead letters this stream stores. */
  readonly deadLettersOf: string | undefined;
}

export interface ConsumerStatus {
  readonly stream: string;
  readonly consumer: string;
  /** `id` of the service that owns the durable. */
  readonly service: string | undefined;
  /** Messages that are not delivered yet. */
  readonly pending: number;
  /** Age of the oldest message that is not handled. Undefined if it could not be read. */
  readonly lagSeconds: number | undefined;
  /** Messages that are delivered and not acknowledged. */
  readonly unacknowledged: number;
  /** Unacknowledged messages that were delivered more than once. */
  readonly redelivered: number;
  /** Time of the last acknowledgement as ISO 8601. */
  readonly lastAckAt: string | undefined;
  /** End of the pause as ISO 8601. Undefined if the consumer is not paused. */
  readonly pausedUntil: string | undefined;
  /**
   * Pull requests that wait on the server: about one for each idle instance. 1 for a push consumer
   * in use.
   */
  readonly instancesWaiting: number;
  /** Dead letters of this durable. Undefined if there are too many to count, or no permission. */
  readonly deadLetters: number | undefined;
}

/**
 * Reads the state of streams and consumers. Changes nothing, if the session does not provision.
 * @throws PermissionDeniedError (`PERMISSION_DENIED`), NatsConnectError (`CONNECT_FAILED`),
 * AdminTimeoutError (`ADMIN_TIMEOUT`), JetStreamDisabledError (`JETSTREAM_DISABLED`)
 */
export async function readStatus(session: JetStreamSession, options: StatusOptions = {}): Promise<ServerStatus> {
  return withSession(session, async (open) => {
    try {
      return await new StatusReading(open, options).read(session.connection.servers);
    } catch (error) {
      throw readingError(error, session, open);
    }
  });
}

class StatusReading {
  private readonly reads = new PermittedReads();
  /** Lags by stream, position and filter, because many consumers of a stream have the same. */
  private readonly lags = new Map<string, Promise<number | undefined>>();

  constructor(
    private readonly open: OpenSession,
    private readonly options: StatusOptions,
  ) {}

  async read(servers: string): Promise<ServerStatus> {
    const {
      streams: infos,
      consumers: consumerInfos,
      missing,
    } = await readInventory(this.open.manager, this.options.streams);
    const deadLetters = await this.deadLettersOf(infos);
    const streams = infos.map((info) => streamStatus(info, deadLetters.get(info.config.name)));
    const consumers = await inParallel(consumerInfos, CONCURRENT_READS, async (info) =>
      consumerStatus(info, await this.lagSeconds(info), deadLetters.get(info.stream_name)),
    );
    return {
      servers,
      serverVersion: this.open.connection.info?.version ?? '',
      at: new Date().toISOString(),
      streams,
      consumers,
      exceeded: [...infos.flatMap(exceededByStream), ...consumerInfos.flatMap(exceededByConsumer)],
      missing,
      denied: this.reads.denied,
    };
  }

  private async deadLettersOf(infos: readonly StreamInfo[]): Promise<Map<string, DeadLetterCounts | undefined>> {
    const { manager } = this.open;
    const byName = new Map(infos.map((info) => [info.config.name, info]));
    const isComplete = this.options.streams === undefined;
    const counts = await inParallel(infos, CONCURRENT_READS, async ({ config: { name } }) => {
      const known = byName.get(deadLetterStreamName(name));
      // A complete list has it, if it exists.
      const isAbsent = isComplete && known === undefined;
      const count = isAbsent
        ? NO_DEAD_LETTERS
        : await this.reads.attempt(async () => countDeadLetters(manager, name, known));
      return [name, count] as const;
    });
    return new Map(counts);
  }

  private async lagSeconds(info: ConsumerInfo): Promise<number | undefined> {
    const { stream_name: stream, config, ack_floor, delivered, num_pending, num_ack_pending } = info;
    if (num_pending + num_ack_pending === 0) return 0;
    const { apiPrefix, manager } = this.open;
    if (this.options.lag === false || this.reads.isDenied(`${apiPrefix}.STREAM.MSG.GET.${stream}`)) return undefined;
    const { filter_subject, filter_subjects, ack_policy } = config;
    const position = [ack_floor.stream_seq, delivered.stream_seq, ack_policy, filter_subject, filter_subjects];
    const key = JSON.stringify([stream, ...position]);
    const lag = this.lags.get(key) ?? this.reads.attempt(async () => lagOrUndefined(manager, info));
    this.lags.set(key, lag);
    return lag;
  }
}

/** The stream may be deleted since it was listed. */
async function lagOrUndefined(manager: JetStreamManager, info: ConsumerInfo): Promise<number | undefined> {
  try {
    return await lagOf(manager, info);
  } catch (error) {
    if (error instanceof JetStreamApiError) return undefined;
    throw error;
  }
}

function streamStatus(info: StreamInfo, deadLetters: DeadLetterCounts | undefined): StreamStatus {
  const { config, state, ts } = info;
  return {
    stream: config.name,
    subjects: config.subjects ?? [],
    messages: state.messages,
    bytes: state.bytes,
    oldestSeconds: state.messages === 0 ? undefined : secondsBetween(state.first_ts, ts),
    replicas: config.num_replicas,
    deadLetters: deadLetters?.total,
    deadLettersOf: servedStream(info),
  };
}

function consumerStatus(
  { stream_name: stream, name: consumer, config, ...info }: ConsumerInfo,
  lagSeconds: number | undefined,
  deadLetters: DeadLetterCounts | undefined,
): ConsumerStatus {
  const durable = deadLetters?.byDurable;
  return {
    stream,
    consumer,
    service: config.metadata?.[SERVICE_KEY],
    pending: info.num_pending,
    lagSeconds,
    unacknowledged: info.num_ack_pending,
    redelivered: info.num_redelivered,
    lastAckAt: isoTime(lastActiveAt(info.ack_floor)),
    pausedUntil: info.paused ? isoTime(config.pause_until) : undefined,
    instancesWaiting: info.push_bound ? 1 : info.num_waiting,
    deadLetters: durable && (durable.get(consumer) ?? 0),
  };
}

/** The server writes up to nine digits of a second. */
function isoTime(time: string | undefined): string | undefined {
  return time === undefined ? undefined : new Date(time).toISOString();
}

/** Uses the clock of the server, which stored the message. */
function secondsBetween(from: string, now: string | undefined): number {
  const nowMs = now === undefined ? Date.now() : Date.parse(now);
  return Math.max(0, nowMs - Date.parse(from)) / 1_000;
}
