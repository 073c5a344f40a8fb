import {
  JetStreamApiCodes,
  JetStreamApiError,
  jetstreamManager,
  type JetStreamManager,
  type LastForMsgRequest,
  type NextMsgRequest,
  type SeqMsgRequest,
  type StoredMsg,
  type StreamInfo,
} from '@nats-io/jetstream';
import { errors, type Msg, type MsgHdrs } from '@nats-io/transport-node';
import type { Connection } from './connect';
import { explained, NatsCommandError } from './errors';

/** A message that a stream stores. */
export interface StoredMessage {
  readonly subject: string;
  readonly sequence: number;
  readonly headers: MsgHdrs | undefined;
  readonly data: Uint8Array;
}

export interface SampleOptions {
  /** Subject or pattern of the messages. Default: all messages. */
  readonly subject?: string;
  /** Maximum number of messages. `Infinity` reads all of them. */
  readonly limit: number;
  /** Receives each message. Parts of the stream are read side by side, so they are not in order. */
  readonly receive: (message: StoredMessage) => void;
  /** Stops reading when it is aborted. */
  readonly signal: AbortSignal;
}

export interface Sampled {
  /** Number of messages that were read. */
  readonly read: number;
  /** True if every message of the subject was read. */
  readonly isComplete: boolean;
}

type Query = (SeqMsgRequest & NextMsgRequest) | LastForMsgRequest;

/** A part of a stream, from the next sequence to read to the last one. */
interface Segment {
  next: number;
  readonly last: number;
}

/** Requests at a time. With the limit for bytes of each, they bound the memory. */
const CONCURRENCY = 8;
/** Larger messages than this are read one by one. */
const MAXIMUM_PARALLEL_BYTES = 8 * 1024 * 1024;
const BATCH = 256;
const BATCH_BYTES = 512 * 1024;
const MAXIMUM_SEGMENTS = 64;
/** Messages in a row that a small sample has from each segment. */
const ROW = 8;
const DEFAULT_TIMEOUT_MS = 5_000;
const ALL = '>';

/**
 * Returns the state of a stream, or undefined if it does not exist.
 * @throws NatsCommandError
 */
export async function findStream(connection: Connection, name: string): Promise<StreamInfo | undefined> {
  const { nats, servers, jetStream } = connection;
  try {
    const manager = await jetstreamManager(nats, { ...jetStream });
    return await manager.streams.info(name);
  } catch (error) {
    if (isNotFound(error)) return undefined;
    throw explained(error, servers);
  }
}

function isNotFound(error: unknown): boolean {
  return error instanceof JetStreamApiError && error.code === JetStreamApiCodes.StreamNotFound;
}

/**
 * Reads messages of a stream without a consumer. A sample is spread evenly over the stream and has
 * the newest messages of the subject. It is the same as long as the stream is.
 * @throws NatsCommandError
 */
export async function readStored(
  connection: Connection,
  { config, state }: StreamInfo,
  options: SampleOptions,
): Promise<Sampled> {
  const { nats, servers, jetStream } = connection;
  const isAll = options.limit >= state.messages;
  const limited = isAll ? { ...options, limit: Number.POSITIVE_INFINITY } : options;
  try {
    const manager = await jetstreamManager(nats, { ...jetStream });
    const reader = new StoredMessages(connection, manager, config.name, limited, config.allow_direct);
    return await reader.read(segmentsOf(state.first_seq, await reader.lastSequence(state.last_seq), limited.limit));
  } catch (error) {
    if (isNotFound(error)) {
      const message = `Stream ${config.name} was deleted while its messages were read. Run the command again.`;
      throw new NatsCommandError('STREAM_NOT_FOUND', message, config.name, { cause: error });
    }
    throw explained(error, servers);
  }
}

class StoredMessages {
  private count = 0;
  private readonly subject: string;

  constructor(
    private readonly connection: Connection,
    private readonly manager: JetStreamManager,
    private readonly stream: string,
    private readonly options: SampleOptions,
    /** True if replicas answer, and in batches since nats-server 2.11. */
    private isDirect: boolean,
  ) {
    this.subject = options.subject ?? ALL;
  }

  /** Returns the sequence of the last message of the subject, or 0 if there is none. */
  async lastSequence(lastOfStream: number): Promise<number> {
    if (this.subject === ALL) return lastOfStream;
    for await (const { sequence } of this.messages({ last_by_subj: this.subject }, 1))
      return Math.min(sequence, lastOfStream);
    return 0;
  }

  async read(segments: readonly Segment[]): Promise<Sampled> {
    const { max_payload: maximumBytes = 0 } = this.connection.nats.info ?? {};
    const concurrency = maximumBytes > MAXIMUM_PARALLEL_BYTES ? 1 : CONCURRENCY;
    let open = segments;
    while (open.length > 0 && !this.isDone()) {
      // Segments with few messages leave their share to the others.
      const left = this.options.limit - this.count;
      const [share, rest] = [Math.floor(left / open.length), left % open.length];
      const queue = open.entries();
      await Promise.all(
        Array.from({ length: concurrency }, async () => {
          for (const [index, segment] of queue) await this.readSegment(segment, index < rest ? share + 1 : share);
        }),
      );
      open = open.filter(({ next, last }) => next <= last);
    }
    return { read: this.count, isComplete: open.length === 0 };
  }

  private async readSegment(segment: Segment, share: number): Promise<void> {
    let left = share;
    while (left > 0 && segment.next <= segment.last && !this.isDone()) {
      let received = 0;
      const query = { seq: segment.next, next_by_subj: this.subject };
      for await (const message of this.messages(query, Math.min(left, BATCH))) {
        received++;
        segment.next = message.sequence + 1;
        if (message.sequence > segment.last || this.isDone()) break;
        this.count++;
        this.options.receive(message);
      }
      left -= received;
      if (received === 0) segment.next = Number.POSITIVE_INFINITY;
    }
  }

  private isDone(): boolean {
    return this.count >= this.options.limit || this.options.signal.aborted;
  }

  private async *messages(query: Query, batch: number): AsyncGenerator<StoredMessage, void> {
    if (this.isDirect) {
      let isEmpty = true;
      for await (const message of this.directMessages(query, batch)) {
        isEmpty = false;
        yield message;
      }
      if (!isEmpty) return;
    }
    const message = await this.messageOfLeader(query);
    if (message) yield { subject: message.subject, sequence: message.seq, headers: message.header, data: message.data };
  }

  /** Asks the leader, which has all messages, other than a replica that is behind. */
  private async messageOfLeader(query: Query): Promise<StoredMsg | null> {
    try {
      return await this.manager.streams.getMessage(this.stream, query);
    } catch (error) {
      // Direct requests need no permission for the leader. It would seldom have further messages.
      if (this.isDirect && isDenied(error)) return null;
      throw error;
    }
  }

  /** Yields no message if only the leader can answer. */
  private async *directMessages(query: Query, batch: number): AsyncGenerator<StoredMessage, void> {
    try {
      for await (const reply of await this.directReplies(query, batch)) {
        const message = storedMessage(reply);
        if (!message) {
          assertEnded(reply);
          return;
        }
        // A mirror answers for its origin, although it may have only a part of the messages.
        if (isOfOther(this.stream, reply)) {
          this.isDirect = false;
          return;
        }
        yield message;
        // Earlier versions answer with one message and no status.
        if (!reply.headers?.has('Nats-Num-Pending')) return;
      }
    } catch (error) {
      if (!(error instanceof errors.NoRespondersError)) throw error;
      // The stream was updated, or no replica is ready.
      this.isDirect = false;
      return;
    }
    throw new errors.TimeoutError();
  }

  private async directReplies(query: Query, batch: number): Promise<AsyncIterable<Msg>> {
    const { apiPrefix = '$JS.API', timeout = DEFAULT_TIMEOUT_MS } = this.manager.getOptions();
    const limits = 'seq' in query ? { batch, max_bytes: BATCH_BYTES } : {};
    const request = JSON.stringify({ ...query, ...limits });
    // The client of nats.js for such requests does not report a missing permission.
    return this.connection.nats.requestMany(`${apiPrefix}.DIRECT.GET.${this.stream}`, request, {
      strategy: 'count',
      // The last one is the status.
      maxMessages: batch + 1,
      maxWait: timeout,
      noMux: true,
    });
  }
}

/** Returns the message of a reply, or undefined for a status. */
function storedMessage({ headers, data }: Msg): StoredMessage | undefined {
  // A stored copy of a message may have these headers too. The server appends its own.
  const sequence = Number(headers?.last('Nats-Sequence'));
  if (!headers || !Number.isSafeInteger(sequence) || sequence < 1) return undefined;
  return { subject: headers.last('Nats-Subject'), sequence, headers, data };
}

/** Returns true for the reply of another stream, such as a mirror. */
function isOfOther(stream: string, { headers }: Msg): boolean {
  const name = headers?.last('Nats-Stream') ?? '';
  return name !== '' && name !== stream;
}

function isDenied(error: unknown): boolean {
  const cause = error instanceof errors.RequestError ? error.cause : error;
  return cause instanceof errors.PermissionViolationError;
}

const END_OF_BATCH = 204;
const NOT_FOUND = 404;

function assertEnded({ headers }: Msg): void {
  if (headers?.code === END_OF_BATCH || headers?.code === NOT_FOUND) return;
  throw new Error(`The server refused to read messages of the stream (${headers?.status ?? ''}).`);
}

/** Divides a stream. The newest messages of a sample have a segment of their own. */
function segmentsOf(first: number, last: number, limit: number): Segment[] {
  const span = last - first + 1;
  if (span <= 0) return [];
  const count = Math.max(1, Math.min(MAXIMUM_SEGMENTS, Math.ceil(Math.min(limit, span) / ROW)));
  const newest = limit < span ? Math.ceil(limit / (count + 1)) : 0;
  const end = last - newest;
  const size = (end - first + 1) / count;
  const starts = Array.from({ length: count }, (_, index) => first + Math.floor(index * size));
  const segments = starts.map((next, index) => ({ next, last: (starts[index + 1] ?? end + 1) - 1 }));
  return [...(newest > 0 ? [{ next: end + 1, last }] : []), ...segments];
}
