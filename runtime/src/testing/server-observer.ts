import { RetentionPolicy, type ConsumerInfo, type JetStreamManager, type StreamInfo } from '@nats-io/jetstream';
import type { StoredMsg } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/transport-node';
import { subjectMatches } from '../subject/subject-match';
import { DEAD_LETTER_HEADERS } from '../dead-letter/dead-letter';
import { fateAt, overallFate, type MessageFate } from './message-fate';
import { filtersOf, type Selection } from './selection';
import { Settlements, type Settlement } from './settlements';
import { StreamReader } from './stream-reader';

/** What the server has of the selected messages. */
export interface Observation {
  readonly messages: readonly MessageFate[];
  /** Streams that may hold such messages. */
  readonly streams: readonly string[];
}

/** A consumer of a stream, and how it settled messages, by sequence. */
interface Taker {
  readonly info: ConsumerInfo;
  readonly settled: ReadonlyMap<number, Settlement>;
}

/**
 * Sees from the server's side what becomes of messages, so the application may be in this process
 * or in another.
 */
export class ServerObserver {
  private readonly reader: StreamReader;
  private readonly settlements: Settlements;
  /** By stream: what was stored up to this sequence belongs to an earlier test. */
  private readonly purgedUpTo = new Map<string, number>();

  constructor(connection: NatsConnection, manager: JetStreamManager) {
    this.reader = new StreamReader(manager);
    this.settlements = new Settlements(connection);
  }

  async look(selection: Selection): Promise<Observation> {
    const all = await this.reader.streams();
    const streams = all.filter((stream) => selection.mayBeIn(stream));
    const messages = await Promise.all(
      streams.map(async (stream) => this.messagesIn(stream, selection, await this.takers(stream, all))),
    );
    return { messages: messages.flat(), streams: streams.map(({ config }) => config.name) };
  }

  async deadLetters(selection: Selection): Promise<StoredMsg[]> {
    const streams = await this.reader.streams();
    const letters = await Promise.all(streams.map(async ({ config }) => this.reader.deadLetters(config.name, streams)));
    return letters.flat().filter((letter) => selection.hasDead(letter));
  }

  async purge(): Promise<void> {
    for (const stream of await this.reader.streams()) {
      this.purgedUpTo.set(identity(stream), await this.reader.purge(stream.config.name));
    }
  }

  private async messagesIn(stream: StreamInfo, selection: Selection, takers: readonly Taker[]): Promise<MessageFate[]> {
    const { name, retention } = stream.config;
    const stored = (await this.reader.messages(name)).filter((message) => selection.has(message));
    const here = stored.map(({ seq, subject }) =>
      fateOf(
        name,
        seq,
        takers.filter(({ info }) => filtersOf(info).some((filter) => subjectMatches(subject, filter))),
      ),
    );
    if (retention === RetentionPolicy.Limits) return here;
    const seen = new Set(stored.map(({ seq }) => seq));
    return [...here, ...removed(name, selection, takers).filter(({ seq }) => !seen.has(seq))];
  }

  private async takers(stream: StreamInfo, streams: readonly StreamInfo[]): Promise<Taker[]> {
    const { name } = stream.config;
    const letters = await this.reader.deadLetters(name, streams);
    const after = this.purgedUpTo.get(identity(stream)) ?? 0;
    return (await this.reader.consumers(name)).map((info) => {
      const settled = [...reported(letters, info.name), ...this.settlements.of(stream, info.name)];
      return { info, settled: new Map(settled.filter(([seq]) => seq > after)) };
    });
  }
}

/**
 * Work queues and interest streams hold no message that was settled, so only the settlements tell
 * of it.
 */
function removed(stream: string, selection: Selection, takers: readonly Taker[]): MessageFate[] {
  const gone = takers.flatMap(({ info, settled }) =>
    [...settled.keys()].filter((seq) => selection.mayHaveHad(info, seq)),
  );
  return [...new Set(gone)].map((seq) =>
    fateOf(
      stream,
      seq,
      takers.filter(({ settled }) => settled.has(seq)),
    ),
  );
}

function fateOf(stream: string, seq: number, takers: readonly Taker[]): MessageFate {
  const consumers = takers
    .map(({ info, settled }) => fateAt(info, seq, settled.get(seq)))
    .filter((fate) => fate !== undefined);
  return { stream, seq, fate: overallFate(consumers), consumers };
}

/** A message whose process died is settled by nobody: its dead letter tells. */
function reported(letters: readonly StoredMsg[], consumer: string): [number, Settlement][] {
  return letters
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

/** A stream that was deleted and made again is another one. */
function identity({ config, created }: StreamInfo): string {
  return `${config.name} ${created}`;
}
