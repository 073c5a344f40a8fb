import { jetstreamManager, type StreamInfo } from '@nats-io/jetstream';
import { covers, overlap } from '../../schematics/shared/subject/subject';
import type { Contract, ContractSubject } from '../../schematics/contract/read-contract';
import type { Connection } from '../nats/connect';
import { explained } from '../nats/errors';
import { findStream, readStored, type Sampled, type StoredMessage } from '../nats/stored-messages';
import { RARE, StoredTally, type StoredResult } from './stored-tally';

export interface StoredOptions {
  /** Maximum number of messages of each stream. `Infinity` reads all of them. */
  readonly limit: number;
  /** Exceptions, such as `order.created#/amount`. */
  readonly allowed: readonly string[];
  /** Receives the progress in a stream. */
  readonly report: (stream: string, read: number, total: number) => void;
  /** Ends the check early. */
  readonly signal: AbortSignal;
}

/** Messages of a stream that were checked. */
export interface CheckedStream extends StoredResult {
  readonly stream: string;
  /** Number of messages in the stream. Undefined if it does not exist. */
  readonly messages: number | undefined;
  readonly read: number;
  /** True if each message of the events was read. */
  readonly isComplete: boolean;
}

export interface StoredCheck {
  readonly streams: readonly CheckedStream[];
  /** Subjects of events that no stream stores. */
  readonly notStored: readonly string[];
}

/** A stream with the events of the contract that it stores. */
interface StreamOfEvents {
  readonly name: string;
  /** True if the project declares it. Others also have messages of other projects. */
  readonly isDeclared: boolean;
  readonly events: readonly ContractSubject[];
}

/**
 * Checks stored messages of all events of a contract. A large stream is sampled.
 * @throws NatsCommandError
 */
export async function checkStored(
  connection: Connection,
  contract: Contract,
  options: StoredOptions,
): Promise<StoredCheck> {
  const events = contract.subjects.filter(({ kind }) => kind === 'event');
  const declared = contract.streams.map(({ name, subjects }) => ({
    name,
    isDeclared: true,
    events: events.filter(({ pattern }) => subjects.some((each) => overlap(each, pattern))),
  }));
  const others = events.filter(
    ({ pattern }) => !contract.streams.some(({ subjects }) => subjects.some((each) => covers(each, pattern))),
  );
  const { found, notStored } = await streamsOf(connection, others);
  const streams: CheckedStream[] = [];
  const known = new Set(declared.map(({ name }) => name));
  for (const stream of [...declared, ...found.filter(({ name }) => !known.has(name))]) {
    if (options.signal.aborted) break;
    streams.push(await checkStream(connection, stream, contract, options));
  }
  return { streams, notStored };
}

/** Finds the streams of events whose stream the project does not declare. */
async function streamsOf(
  { nats, servers, jetStream }: Connection,
  events: readonly ContractSubject[],
): Promise<{ found: StreamOfEvents[]; notStored: string[] }> {
  const byName = new Map<string, ContractSubject[]>();
  const notStored: string[] = [];
  try {
    const manager = await jetstreamManager(nats, { ...jetStream });
    for (const event of events) {
      const names: string[] = [];
      for await (const name of manager.streams.names(event.pattern)) names.push(name);
      if (names.length === 0) notStored.push(event.text);
      for (const name of names) byName.set(name, [...(byName.get(name) ?? []), event]);
    }
  } catch (error) {
    throw explained(error, servers);
  }
  return { found: [...byName].map(([name, of]) => ({ name, isDeclared: false, events: of })), notStored };
}

async function checkStream(
  connection: Connection,
  { name: stream, isDeclared, events }: StreamOfEvents,
  contract: Contract,
  options: StoredOptions,
): Promise<CheckedStream> {
  const tally = new StoredTally(stream, events, contract, options.allowed);
  const info = await findStream(connection, stream);
  if (!info) return { stream, messages: undefined, read: 0, isComplete: true, ...tally.result() };
  const reading = new StreamReading(connection, info, tally, options);
  const isComplete = await (isDeclared ? reading.readAll(events) : reading.readEach(events, options.limit));
  return { stream, messages: info.state.messages, read: reading.count, isComplete, ...tally.result() };
}

/** Reads a stream in one sample, and its rare events in samples of their own. */
class StreamReading {
  count = 0;

  constructor(
    private readonly connection: Connection,
    private readonly info: StreamInfo,
    private readonly tally: StoredTally,
    private readonly options: StoredOptions,
  ) {}

  async readAll(events: readonly ContractSubject[]): Promise<boolean> {
    const { limit } = this.options;
    const { isComplete } = await this.sample('>', limit, (message) => {
      this.tally.add(message);
      return true;
    });
    if (isComplete) return true;
    const rare = Math.min(RARE, limit);
    await this.readEach(
      events.filter((event) => this.tally.messagesOf(event) < rare),
      rare,
    );
    return false;
  }

  async readEach(events: readonly ContractSubject[], limit: number): Promise<boolean> {
    let isComplete = true;
    for (const event of events) {
      const sampled = await this.sample(event.pattern, limit, (message) => this.tally.addOf(event, message));
      isComplete &&= sampled.isComplete;
    }
    return isComplete;
  }

  private async sample(subject: string, limit: number, add: (message: StoredMessage) => boolean): Promise<Sampled> {
    const { config, state } = this.info;
    const { signal, report } = this.options;
    const receive = (message: StoredMessage): void => {
      if (add(message)) this.count++;
      report(config.name, this.count, Math.min(this.options.limit, state.messages));
    };
    return readStored(this.connection, this.info, { subject, limit, signal, receive });
  }
}
