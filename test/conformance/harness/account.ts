import type { ConsumerInfo } from '@nats-io/jetstream';
import type { JetStreamProbe } from '../../support/jetstream-probe';
import type { Journal } from './journal';
import type { Publisher } from './publisher';
import type { HandlerRecord } from './run-record';
import { storedMessages, type StoredMessage } from './stored-messages';

/** What is known at the end of a scenario of every order and of one durable. */
export interface Account {
  readonly ok: ReadonlySet<number>;
  readonly unknown: ReadonlySet<number>;
  readonly failed: ReadonlySet<number>;
  /** The sequences of an order in the stream: more than one when it was stored more than once. */
  readonly stored: ReadonlyMap<number, readonly number[]>;
  /** All runs of the durable's handlers, as they wrote them down. */
  readonly runs: readonly HandlerRecord[];
  /** Orders with a run that succeeded. */
  readonly handled: ReadonlySet<number>;
  /** How many dead letters there are of an order. */
  readonly dead: ReadonlyMap<number, number>;
  /** Each dead letter, wherever it went, in the order of their times. */
  readonly letters: readonly Letter[];
  /** Orders that the server still has to deliver, for the first time or again. */
  readonly pending: ReadonlySet<number>;
  /** When the server may have forgotten what it had delivered. */
  readonly forgotten: readonly Period[];
}

/** On the clock of the runs. */
export interface Period {
  readonly from: number;
  readonly to: number;
  readonly what: string;
}

export interface Letter {
  readonly id: number;
  readonly at: number;
  readonly reason: string;
}

/** What the test itself knows. */
export interface Notes {
  /** Dead letters of streams that the test deleted. */
  readonly deletedLetters: readonly StoredMessage[];
  readonly publisher: Publisher;
  readonly journal: Journal;
  readonly forgotten: readonly Period[];
}

export async function takeAccount(
  probe: JetStreamProbe,
  { publisher, journal, forgotten, deletedLetters }: Notes,
  { stream, durable }: { readonly stream: string; readonly durable: string },
): Promise<Account> {
  const messages = await storedMessages(probe, stream);
  const deadLetters = await storedMessages(probe, `${stream}_DEAD`);
  const info = await probe.manager.consumers.info(stream, durable).catch(() => undefined);
  journal.read();
  const handled = journal.handled(durable);
  const dead = new Map<number, number>();
  const letters = [
    ...[...deletedLetters, ...deadLetters].filter(({ deadOf }) => deadOf === durable),
    ...journal.deadLetters
      .filter((letter) => letter.durable === durable)
      .map(({ id, at, worker }) => ({ id, at, reason: `in ${worker}` })),
  ]
    .map(({ id, at, reason }) => ({ id, at, reason }))
    .toSorted((a, b) => a.at - b.at);
  for (const { id } of letters) dead.set(id, (dead.get(id) ?? 0) + 1);
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
    letters,
    pending: pendingOf(messages, info, (id) => handled.has(id) || dead.has(id)),
    forgotten,
  };
}

/**
 * The server tells which messages it never delivered, and how many it waits for: not which. Of
 * those between its two marks, what was neither handled nor buried can be meant; no more of them
 * than it waits for.
 */
function pendingOf(
  messages: readonly StoredMessage[],
  info: ConsumerInfo | undefined,
  isDone: (id: number) => boolean,
): Set<number> {
  const floor = info?.ack_floor.stream_seq ?? 0;
  const delivered = info?.delivered.stream_seq ?? 0;
  const waitedFor = info?.num_ack_pending ?? 0;
  const undelivered = messages.filter(({ seq }) => seq > delivered);
  const underway = messages.filter(({ seq, id }) => seq > floor && seq <= delivered && !isDone(id));
  return new Set([...undelivered, ...underway.slice(0, waitedFor)].map(({ id }) => id));
}
