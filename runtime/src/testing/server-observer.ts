import {
  type ConsumerInfo,
  type JetStreamManager,
  type NextMsgRequest,
  RetentionPolicy,
  type SeqMsgRequest,
  type StoredMsg,
  type StreamInfo,
} from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/transport-node';
import { subjectMatches } from '../subject/subject-match';
import { DEAD_LETTER_HEADERS } from '../message/dead-letter';
import { type AckObservation, AckObserver } from './ack-observer';
import { type MessageStatus, overallStatus, statusAtConsumer } from './message-status';
import { filtersOf, type Selection } from './selection';
import { deadLetterStreamName } from '../stream/dead-letter-stream';

/** Status of the selected messages on the server. */
export interface Observation {
  readonly messages: readonly MessageStatus[];
  /** Streams that may store such messages. */
  readonly streams: readonly string[];
}

/** A consumer of a stream and the messages that it settled, by sequence. */
interface ObservedConsumer {
  readonly info: ConsumerInfo;
  readonly settled: ReadonlyMap<number, AckObservation>;
}

/**
 * Reads the status of messages from the server, so the application may run in this process or in
 * another.
 */
export class ServerObserver {
  private readonly reader: StreamReader;
  private readonly acks: AckObserver;
  /** Last sequence of an earlier test, by stream. */
  private readonly purgedUpTo = new Map<string, number>();

  constructor(connection: NatsConnection, manager: JetStreamManager) {
    this.reader = new StreamReader(manager);
    this.acks = new AckObserver(connection);
  }

  async look(selection: Selection): Promise<Observation> {
    const all = await this.reader.streams();
    const streams = all.filter((stream) => selection.mayBeIn(stream));
    const messages = await Promise.all(
      streams.map(async (stream) => this.messagesIn(stream, selection, await this.consumers(stream, all))),
    );
    return { messages: messages.flat(), streams: streams.map(({ config }) => config.name) };
  }

  async deadLetters(selection: Selection): Promise<StoredMsg[]> {
    const streams = await this.reader.streams();
    const found = await Promise.all(streams.map(async ({ config }) => this.reader.deadLetters(config.name, streams)));
    return found.flat().filter((deadLetter) => selection.hasDeadLetter(deadLetter));
  }

  async purge(): Promise<void> {
    for (const stream of await this.reader.streams()) {
      this.purgedUpTo.set(identity(stream), await this.reader.purge(stream.config.name));
    }
  }

  private async messagesIn(
    stream: StreamInfo,
    selection: Selection,
    consumers: readonly ObservedConsumer[],
  ): Promise<MessageStatus[]> {
    const { name, retention } = stream.config;
    const stored = (await this.reader.messages(name)).filter((message) => selection.has(message));
    const here = stored.map(({ seq, subject }) =>
      statusOf(
        name,
        seq,
        consumers.filter(({ info }) => filtersOf(info).some((filter) => subjectMatches(subject, filter))),
      ),
    );
    if (retention === RetentionPolicy.Limits) return here;
    const seen = new Set(stored.map(({ seq }) => seq));
    return [...here, ...removed(name, selection, consumers).filter(({ seq }) => !seen.has(seq))];
  }

  private async consumers(stream: StreamInfo, streams: readonly StreamInfo[]): Promise<ObservedConsumer[]> {
    const { name } = stream.config;
    const deadLetters = await this.reader.deadLetters(name, streams);
    const after = this.purgedUpTo.get(identity(stream)) ?? 0;
    return (await this.reader.consumers(name)).map((info) => {
      const settled = [...settledByDeadLetter(deadLetters, info.name), ...this.acks.of(stream, info.name)];
      return { info, settled: new Map(settled.filter(([seq]) => seq > after)) };
    });
  }
}

/**
 * Returns the status of settled messages that a work queue or an interest stream has removed. Only
 * their acknowledgements are known.
 */
function removed(stream: string, selection: Selection, consumers: readonly ObservedConsumer[]): MessageStatus[] {
  const sequences = consumers.flatMap(({ info, settled }) =>
    [...settled.keys()].filter((seq) => selection.mayHaveHad(info, seq)),
  );
  return [...new Set(sequences)].map((seq) =>
    statusOf(
      stream,
      seq,
      consumers.filter(({ settled }) => settled.has(seq)),
    ),
  );
}

function statusOf(stream: string, seq: number, observed: readonly ObservedConsumer[]): MessageStatus {
  const consumers = observed
    .map(({ info, settled }) => statusAtConsumer(info, seq, settled.get(seq)))
    .filter((status) => status !== undefined);
  return { stream, seq, status: overallStatus(consumers), consumers };
}

/**
 * A message whose process exited has no acknowledgement. Its dead letter shows that it is settled.
 */
function settledByDeadLetter(deadLetters: readonly StoredMsg[], consumer: string): [number, AckObservation][] {
  return deadLetters
    .filter(({ header }) => header.get(DEAD_LETTER_HEADERS.consumer) === consumer)
    .map(({ header }) => [
      Number(header.get(DEAD_LETTER_HEADERS.sequence)),
      {
        verb: 'term',
        deliveries: Number(header.get(DEAD_LETTER_HEADERS.deliveries)),
        reason: header.get(DEAD_LETTER_HEADERS.reason),
      },
    ]);
}

/** A recreated stream has the same name, but another creation time. */
function identity({ config, created }: StreamInfo): string {
  return `${config.name} ${created}`;
}

/**
 * Reads streams, consumers and messages from the server. Nothing is cached, because a test may
 * erase or redrive a message at any time.
 */
class StreamReader {
  constructor(private readonly manager: JetStreamManager) {}

  async streams(): Promise<StreamInfo[]> {
    return listed(this.manager.streams.list());
  }

  async consumers(stream: string): Promise<ConsumerInfo[]> {
    return listed(this.manager.consumers.list(stream));
  }

  async messages(stream: string): Promise<StoredMsg[]> {
    const messages: StoredMsg[] = [];
    const next = async (seq: number): Promise<StoredMsg | null> => {
      const request: SeqMsgRequest & NextMsgRequest = { seq, next_by_subj: '>' };
      return this.manager.streams.getMessage(stream, request);
    };
    for (let message = await next(1); message; message = await next(message.seq + 1)) messages.push(message);
    return messages;
  }

  /** Returns the dead letters of a stream, without those that are being redriven. */
  async deadLetters(stream: string, streams: readonly StreamInfo[]): Promise<StoredMsg[]> {
    const name = deadLetterStreamName(stream);
    const messages = streams.some(({ config }) => config.name === name) ? await this.messages(name) : [];
    return messages.filter(({ header }) => !header.has(DEAD_LETTER_HEADERS.redriveOf));
  }

  /** Empties a stream and resolves to the last sequence that it had. */
  async purge(stream: string): Promise<number> {
    await this.manager.streams.purge(stream);
    const { state } = await this.manager.streams.info(stream);
    return state.first_seq - 1;
  }
}

async function listed<T>(lister: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const item of lister) all.push(item);
  return all;
}
