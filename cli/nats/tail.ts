import { once } from 'node:events';
import { jetstream, type Consumer, type ConsumerMessages } from '@nats-io/jetstream';
import type { Msg } from '@nats-io/transport-node';
import type { Connection } from './connect';
import { explained, NatsCommandError } from './errors';
import type { ReceivedMessage } from './message-text';
import { firstSequence, streamOf, tailedStreams, type TailedStream } from './tailed-streams';

export interface TailOptions {
  /** Subject or pattern. */
  readonly subject: string;
  /** Prints stored messages from this time on, and then new ones. Default: only new messages. */
  readonly since: Date | undefined;
  /** Ends after this number of messages. */
  readonly limit: number;
  readonly receive: (message: ReceivedMessage) => void;
  /** Receives the lines about the connection. */
  readonly report: (line: string) => void;
  readonly signal: AbortSignal;
}

/** The server deletes the consumer of a killed process after this time. */
const INACTIVE_THRESHOLD_MS = 30_000;

/**
 * Passes on the messages of a subject until the signal is aborted or the limit is reached. Stored
 * messages are read with an ordered consumer in memory, which is deleted at the end. Other messages
 * are seen by a subscription.
 * @throws NatsCommandError
 */
export async function tail(connection: Connection, options: TailOptions): Promise<void> {
  const streams = await tailedStreams(connection, options.subject);
  const run = new Tail(connection, options, streams);
  try {
    await run.start();
    await run.ended();
  } finally {
    await run.stop();
  }
}

class Tail {
  private readonly done = new AbortController();
  private readonly consumers: { consumer: Consumer; messages: ConsumerMessages }[] = [];
  private received = 0;
  private failure: unknown;

  constructor(
    private readonly connection: Connection,
    private readonly options: TailOptions,
    private readonly streams: readonly TailedStream[],
  ) {}

  async start(): Promise<void> {
    const { subject, since, report } = this.options;
    const readable = this.streams.filter(({ isReadable }) => isReadable);
    if (since !== undefined && readable.length === 0) throw this.nothingToRead();
    this.subscribe();
    for (const stream of readable) await this.consume(stream);
    await this.connection.nats.flush();
    void this.watchConnection();
    const from = this.streams.length === 0 ? 'no stream stores it' : this.streams.map(({ name }) => name).join(', ');
    report(`Waiting for messages of ${subject} (${from}). Press Ctrl-C to stop.`);
  }

  async ended(): Promise<void> {
    const { signal } = this.options;
    const waiting = [this.done.signal, signal].filter(({ aborted }) => !aborted);
    if (waiting.length === 2) await Promise.race(waiting.map((each) => once(each, 'abort')));
    if (this.failure !== undefined) throw explained(this.failure, this.connection.servers);
  }

  async stop(): Promise<void> {
    for (const { consumer, messages } of this.consumers) {
      messages.stop();
      await consumer.delete().catch(() => undefined);
    }
  }

  private subscribe(): void {
    this.connection.nats.subscribe(this.options.subject, {
      callback: (error, message) => (error ? this.refused(error) : this.seen(message)),
    });
  }

  /** Stored messages need no permission to subscribe to their subject. */
  private refused(error: Error): void {
    if (!this.streams.some(({ isReadable }) => isReadable)) return this.end(error);
    this.options.report(`Not allowed to subscribe to '${this.options.subject}', so only stored messages are shown.`);
  }

  private seen(message: Msg): void {
    const { subject, headers, data } = message;
    if (this.isInternal(subject)) return;
    const stream = streamOf(this.streams, subject);
    if (stream?.isReadable) return;
    const stored = stream && { stream: stream.name, sequence: undefined };
    this.pass({ time: new Date(), subject, stored, headers, data });
  }

  /** A pattern such as `>` also matches requests and their replies. */
  private isInternal(subject: string): boolean {
    return ['$', '_INBOX.'].some((prefix) => subject.startsWith(prefix) && !this.options.subject.startsWith(prefix));
  }

  private async consume({ name, lastSequence }: TailedStream): Promise<void> {
    const { nats, jetStream } = this.connection;
    const { subject, since } = this.options;
    const consumer = await jetstream(nats, { ...jetStream }).consumers.get(name, {
      filter_subjects: subject,
      inactive_threshold: INACTIVE_THRESHOLD_MS,
      // Not a time or `new`: after a restart of the server, nats.js would start at another message.
      opt_start_seq: since === undefined ? lastSequence + 1 : await firstSequence(this.connection, name, since),
    });
    const messages = await consumer.consume({
      callback: ({ subject: of, headers, data, seq, time }) =>
        this.pass({ time, subject: of, stored: { stream: name, sequence: seq }, headers, data }),
    });
    this.consumers.push({ consumer, messages });
    void this.watchConsumer(name, messages);
  }

  private async watchConsumer(stream: string, messages: ConsumerMessages): Promise<void> {
    for await (const { type } of messages.status()) {
      if (type !== 'consumer_deleted' && type !== 'stream_not_found') continue;
      const message = `Stream '${stream}' was deleted, or the consumer of this command. Run the command again when the stream exists.`;
      this.end(new NatsCommandError('STREAM_NOT_FOUND', message, stream));
    }
    const error = await messages.closed();
    if (error) this.end(error);
  }

  private pass(message: ReceivedMessage): void {
    if (this.received >= this.options.limit) return;
    this.options.receive(message);
    if (++this.received === this.options.limit) this.done.abort();
  }

  private nothingToRead(): NatsCommandError {
    const { subject } = this.options;
    const [queue] = this.streams;
    const problem = queue
      ? `Stream ${queue.name} is a work queue, which allows no second consumer`
      : `No stream stores '${subject}'`;
    return new NatsCommandError(
      'NO_STREAM_FOR_SUBJECT',
      `${problem}. Remove --since to see new messages of '${subject}'.`,
      subject,
    );
  }

  private async watchConnection(): Promise<void> {
    const { nats, servers } = this.connection;
    for await (const { type } of nats.status()) {
      if (type === 'disconnect') this.options.report(`The connection to ${servers} is lost. Reconnecting.`);
      if (type === 'reconnect') this.options.report('Reconnected.');
    }
    const error = await nats.closed();
    if (error) this.end(error);
  }

  private end(failure: unknown): void {
    this.failure ??= failure;
    this.done.abort();
  }
}
