import type { ConsumerInfo } from '@nats-io/jetstream';
import type { JetStreamProbe } from '../../support/jetstream-probe';
import type { Journal } from './journal';
import type { Publisher } from './publisher';
import type { HandlerRecord } from './run-record';
import { storedMessages, type StoredMessage } from './stored-messages';

/** The state of every order and of one durable at the end of a scenario. */
export interface Account {
  readonly ok: ReadonlySet<number>;
  readonly unknown: ReadonlySet<number>;
  readonly failed: ReadonlySet<number>;
  /** The stream sequences of each order. More than one if it was stored more than once. */
  readonly stored: ReadonlyMap<number, readonly number[]>;
  /** All handler runs of the durable, from the journal. */
  readonly runs: readonly HandlerRecord[];
  /** Orders with a successful run. */
  readonly handled: ReadonlySet<number>;
  /** Number of dead letters of each order. */
  readonly dead: ReadonlyMap<number, number>;
  /** All dead letters of the stream and of `deadLetter` functions, by time. */
  readonly deadLetters: readonly DeadLetterRecord[];
  /** Orders that the server still has to deliver or redeliver. */
  readonly pending: ReadonlySet<number>;
  /** Periods of faults that may have made the server forget deliveries. */
  readonly forgotten: readonly Period[];
}

/** A period on the clock of the runs. */
export interface Period {
  readonly from: number;
  readonly to: number;
  readonly what: string;
}

export interface DeadLetterRecord {
  readonly id: number;
  readonly at: number;
  readonly reason: string;
}

/** The records of the test itself. */
export interface Records {
  /** Dead letters of deleted streams. */
  readonly deletedDeadLetters: readonly StoredMessage[];
  readonly publisher: Publisher;
  readonly journal: Journal;
  readonly forgotten: readonly Period[];
}

/** Reads the state of all orders and of one durable. */
export async function takeAccount(
  probe: JetStreamProbe,
  { publisher, journal, forgotten, deletedDeadLetters }: Records,
  { stream, durable }: { readonly stream: string; readonly durable: string },
): Promise<Account> {
  const messages = await storedMessages(probe, stream);
  const storedDeadLetters = await storedMessages(probe, `${stream}_DEAD`);
  const info = await probe.manager.consumers.info(stream, durable).catch(() => undefined);
  journal.read();
  const handled = journal.handled(durable);
  const dead = new Map<number, number>();
  const deadLetters = [
    ...[...deletedDeadLetters, ...storedDeadLetters].filter(
      ({ deadOf, isRedriven }) => deadOf === durable && !isRedriven,
    ),
    ...journal.deadLetters
      .filter((record) => record.durable === durable)
      .map(({ id, at, worker }) => ({ id, at, reason: `in ${worker}` })),
  ]
    .map(({ id, at, reason }) => ({ id, at, reason }))
    .toSorted((a, b) => a.at - b.at);
  for (const { id } of deadLetters) dead.set(id, (dead.get(id) ?? 0) + 1);
  const redriven = storedDeadLetters.filter(({ deadOf, isRedriven }) => deadOf === durable && isRedriven);
  const stored = new Map<number, number[]>();
  for (const { id, seq } of messages) stored.set(id, [...(stored.get(id) ?? []), seq]);
  return {
    ok: new Set(publisher.ok.keys()),
    unknown: new Set(publisher.unknown.keys()),
    failed: new Set(publisher.failed.keys()),
    stored,
    runs: journal.runs.filter((run) => run.durable === durable),
    handled,
    dead,
    deadLetters,
    pending: new Set([
      ...pendingOf(messages, info, (id) => handled.has(id) || dead.has(id)),
      ...redriven.map(({ id }) => id),
    ]),
    forgotten,
  };
}

/**
 * Returns the pending orders. The server reports the number of unacknowledged messages, but not
 * their sequences. So at most that many of the unsettled messages between ack floor and last
 * delivery are pending.
 */
function pendingOf(
  messages: readonly StoredMessage[],
  info: ConsumerInfo | undefined,
  isDone: (id: number) => boolean,
): Set<number> {
  const floor = info?.ack_floor.stream_seq ?? 0;
  const delivered = info?.delivered.stream_seq ?? 0;
  const unacknowledged = info?.num_ack_pending ?? 0;
  const undelivered = messages.filter(({ seq }) => seq > delivered);
  const inFlight = messages.filter(({ seq, id }) => seq > floor && seq <= delivered && !isDone(id));
  return new Set([...undelivered, ...inFlight.slice(0, unacknowledged)].map(({ id }) => id));
}
