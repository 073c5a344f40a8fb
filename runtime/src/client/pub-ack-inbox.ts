import { errors, type Msg, type NatsConnection, type Status, type Subscription } from '@nats-io/transport-node';
import { TimedList, type Timed } from '../duration/timed-list';
import { readAnswer, type NatsJetStreamPubAck } from './pub-ack';
import { Wire, type OutgoingEvent } from './wire';

/** An event in the table of events that wait for their PubAck. */
export interface PendingEvent extends Timed, OutgoingEvent {
  /** Time for the answer to one attempt. */
  readonly attemptMs: number;
  /** True when the event may be sent again after a reconnect. */
  readonly mayRepeat: boolean;
  /** Last token of the reply subject, the same for all attempts; the inbox sets it. */
  token: string | undefined;
  /** Timer of the current attempt; undefined between two attempts. The inbox sets it. */
  timers: TimedList<PendingEvent> | undefined;
  /** Frames that were written. */
  written: number;
  /** Frames that were written and have no answer: the event may be stored. */
  unanswered: number;
  /** Called with the PubAck of any attempt. */
  stored(ack: NatsJetStreamPubAck): void;
  /** Called when an attempt fails, with TimeoutError, RequestError, JetStreamApiError and the like, as nats.js fails. */
  failed(failure: unknown): void;
}

const inboxes = new WeakMap<NatsConnection, PubAckInbox>();
const FEW_LISTS = 64;
const MOST_SUBJECTS = 1_000;

/**
 * Sends the events of one connection and receives their PubAcks. It has one subscription for all events and one timer for all
 * events with the same timeout. nats.js's `publish` creates a timer, four promises and two stack traces for each event.
 */
export class PubAckInbox {
  private readonly pending = new Map<string, PendingEvent>();
  private readonly timers = new Map<number, TimedList<PendingEvent>>();
  /** Subjects that a stream stored events of, up to a limit. */
  private readonly storedSubjects = new Set<string>();
  readonly #connection: NatsConnection;
  readonly #wire: Wire;
  private sweepAt = FEW_LISTS;
  private prefix = '';
  private subscription: Subscription | undefined;
  private count = 0;
  private watched = false;
  /** The server has accepted the subscription on the present connection. */
  private isOpen = false;

  private constructor(
    connection: NatsConnection,
    private readonly createInbox: () => string,
  ) {
    this.#connection = connection;
    this.#wire = new Wire(connection);
  }

  /** Returns the inbox of a connection. It subscribes with the first event, to a subject that `createInbox` makes. */
  static of(connection: NatsConnection, createInbox: () => string): PubAckInbox {
    const known = inboxes.get(connection);
    if (known) return known;
    const inbox = new PubAckInbox(connection, createInbox);
    inboxes.set(connection, inbox);
    return inbox;
  }

  /** True while frames reach the server, as far as is known. */
  get isOnline(): boolean {
    return this.isOpen;
  }

  /** True when an event of this subject was stored before. False may also mean that it was forgotten. */
  hasStored(subject: string): boolean {
    return this.storedSubjects.has(subject);
  }

  /**
   * Begins an attempt. The frame is written at once, or as soon as the server has accepted the subscription for PubAcks: an event
   * that is written before that may be stored without an answer.
   * @throws ClosedConnectionError, DrainingConnectionError, InvalidArgumentError (nats.js): the event cannot be sent
   */
  attempt(event: PendingEvent): void {
    if (!this.isOpen) this.prepare();
    if (event.token === undefined) {
      event.token = (this.count++).toString(36);
      this.pending.set(event.token, event);
    }
    if (this.isOpen) this.write(event);
    this.time(event);
  }

  /** Ends the timer of an attempt. Its PubAck still counts. */
  pause(event: PendingEvent): void {
    event.timers?.remove(event);
    event.timers = undefined;
  }

  forget(event: PendingEvent): void {
    this.pause(event);
    if (event.token !== undefined) this.pending.delete(event.token);
  }

  private write(event: PendingEvent): void {
    this.#wire.write(event, `${this.prefix}${event.token}`);
    event.written++;
    event.unanswered++;
  }

  private prepare(): void {
    if (this.#connection.isClosed()) throw new errors.ClosedConnectionError();
    if (this.#connection.isDraining()) throw new errors.DrainingConnectionError();
    if (!this.subscription) this.subscribe();
  }

  private subscribe(): void {
    this.prefix = `${this.createInbox()}.`;
    this.subscription = this.#connection.subscribe(`${this.prefix}*`, {
      callback: (error, message) => (error ? this.onRefusedInbox(error) : this.onAnswer(message)),
    });
    if (!this.watched) void this.watch();
    void this.verify();
  }

  /** A refusal of the subscription arrives before the answer to a ping. */
  private async verify(): Promise<void> {
    const { subscription } = this;
    try {
      await this.#connection.flush();
    } catch {
      // Disconnected: the reconnect verifies again.
      return;
    }
    if (this.isOpen || !subscription || subscription !== this.subscription) return;
    this.isOpen = true;
    for (const event of this.pending.values()) {
      if (event.timers && (event.mayRepeat || event.written === 0)) this.repeat(event);
    }
  }

  private repeat(event: PendingEvent): void {
    try {
      this.write(event);
    } catch (error) {
      event.failed(error);
    }
  }

  private time(event: PendingEvent): void {
    this.pause(event);
    event.timers = this.timersOf(event.attemptMs);
    event.timers.add(event);
  }

  private timersOf(timeoutMs: number): TimedList<PendingEvent> {
    const known = this.timers.get(timeoutMs);
    if (known) return known;
    if (this.timers.size >= this.sweepAt) this.sweep();
    const list = new TimedList<PendingEvent>(timeoutMs, (event) => {
      this.pause(event);
      event.failed(new errors.TimeoutError());
    });
    this.timers.set(timeoutMs, list);
    return list;
  }

  /** Removes unused lists. The next sweep waits until there are twice as many, so that the work per list is constant. */
  private sweep(): void {
    for (const [millis, list] of this.timers) if (list.isIdle) this.timers.delete(millis);
    this.sweepAt = Math.max(FEW_LISTS, this.timers.size * 2);
  }

  private onAnswer(message: Msg): void {
    const event = this.pending.get(message.subject.slice(this.prefix.length));
    if (!event) return;
    const answer = readAnswer(event.subject, message);
    if (!answer) return;
    event.unanswered--;
    if ('ack' in answer) {
      this.remember(event.subject);
      this.forget(event);
      event.stored(answer.ack);
    } else if (event.timers) {
      this.pause(event);
      event.failed(answer.refusal);
    }
  }

  private remember(subject: string): void {
    if (this.storedSubjects.has(subject)) return;
    if (this.storedSubjects.size === MOST_SUBJECTS) this.storedSubjects.clear();
    this.storedSubjects.add(subject);
  }

  private async watch(): Promise<void> {
    this.watched = true;
    for await (const status of this.#connection.status()) this.onStatus(status);
    this.isOpen = false;
    this.failAll(() => new errors.ClosedConnectionError());
    for (const list of this.timers.values()) list.stop();
  }

  private onStatus(status: Status): void {
    if (status.type === 'disconnect') this.isOpen = false;
    else if (status.type === 'reconnect') this.onReconnect();
    else if (status.type === 'error' && status.error instanceof errors.PermissionViolationError)
      this.onRefusedPublish(status.error);
  }

  private onReconnect(): void {
    this.isOpen = false;
    if (this.subscription) void this.verify();
  }

  /**
   * The server reports each refused frame by its subject alone. A permission that was withdrawn refuses the latest frames, so the
   * report belongs to the latest one.
   */
  private onRefusedPublish(error: InstanceType<typeof errors.PermissionViolationError>): void {
    if (error.operation !== 'publish') return;
    let latest: PendingEvent | undefined;
    for (const event of this.pending.values())
      if (event.subject === error.subject && event.timers && event.unanswered > 0) latest = event;
    if (!latest) return;
    latest.unanswered--;
    this.pause(latest);
    latest.failed(requestError(error));
  }

  private onRefusedInbox(error: Error): void {
    this.subscription = undefined;
    this.isOpen = false;
    this.failAll(() => requestError(error));
  }

  private failAll(reason: () => Error): void {
    for (const event of this.pending.values()) {
      this.pause(event);
      event.failed(reason());
    }
  }
}

function requestError(cause: Error): Error {
  return new errors.RequestError(cause.message, { cause });
}
