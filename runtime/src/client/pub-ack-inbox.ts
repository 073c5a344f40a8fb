import { errors, type Msg, type NatsConnection } from '@nats-io/transport-node';
import { TimedList, type Timed } from '../util/timed-list';
import { readAnswer, type NatsJetStreamPubAck } from './pub-ack';
import { ReplyInbox, requestError } from './reply-inbox';
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
  /**
   * Called when an attempt fails, with TimeoutError, RequestError, JetStreamApiError and the like,
   * as nats.js fails.
   */
  failed(failure: unknown): void;
}

const inboxes = new WeakMap<NatsConnection, PubAckInbox>();
const FEW_LISTS = 64;
const MOST_SUBJECTS = 1_000;

/**
 * Sends the events of one connection and receives their PubAcks. It has one subscription for all
 * events and one timer for all events with the same timeout. nats.js's `publish` creates a timer,
 * four promises and two stack traces for each event.
 */
export class PubAckInbox {
  private readonly pending = new Map<string, PendingEvent>();
  private readonly timers = new Map<number, TimedList<PendingEvent>>();
  /** Subjects that a stream stored events of, up to a limit. */
  private readonly storedSubjects = new Set<string>();
  readonly #replies: ReplyInbox;
  readonly #wire: Wire;
  private sweepAt = FEW_LISTS;
  private count = 0;

  private constructor(connection: NatsConnection, createInbox: () => string) {
    this.#wire = Wire.of(connection);
    this.#replies = new ReplyInbox(connection, createInbox, {
      onReply: (token, message) => this.onAnswer(token, message),
      onOpen: () => this.repeatAll(),
      onLost: () => undefined,
      onRefusedPublish: (error) => this.onRefusedPublish(error),
      onFailed: (reason) => this.failAll(reason),
    });
  }

  /**
   * Returns the inbox of a connection. It subscribes with the first event, to a subject that
   * `createInbox` makes.
   */
  static of(connection: NatsConnection, createInbox: () => string): PubAckInbox {
    const known = inboxes.get(connection);
    if (known) return known;
    const inbox = new PubAckInbox(connection, createInbox);
    inboxes.set(connection, inbox);
    return inbox;
  }

  /** True while frames reach the server, as far as is known. */
  get isOnline(): boolean {
    return this.#replies.isOpen;
  }

  /** True while an event of this subject has a frame without an answer. */
  isWaitingFor(subject: string): boolean {
    for (const event of this.pending.values()) if (event.subject === subject && event.unanswered > 0) return true;
    return false;
  }

  /**
   * True when an event of this subject was stored before. False may also mean that it was
   * forgotten.
   */
  hasStored(subject: string): boolean {
    return this.storedSubjects.has(subject);
  }

  /**
   * Begins an attempt. The frame is written at once, or as soon as the server has accepted the
   * subscription for PubAcks: an event that is written before that may be stored without an answer.
   * @throws ClosedConnectionError, DrainingConnectionError, InvalidArgumentError (nats.js): the
   * event cannot be sent
   */
  attempt(event: PendingEvent): void {
    if (!this.#replies.isOpen) this.#replies.open();
    if (event.token === undefined) {
      event.token = (this.count++).toString(36);
      this.pending.set(event.token, event);
    }
    if (this.#replies.isOpen) this.write(event, event.token);
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

  private write(event: PendingEvent, token: string): void {
    this.#wire.write(event, this.#replies.subjectOf(token));
    event.written++;
    event.unanswered++;
  }

  private repeatAll(): void {
    for (const [token, event] of this.pending) {
      if (event.timers && (event.mayRepeat || event.written === 0)) this.repeat(event, token);
    }
  }

  private repeat(event: PendingEvent, token: string): void {
    try {
      this.write(event, token);
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

  /**
   * Removes unused lists. The next sweep waits until there are twice as many, so that the work per
   * list is constant.
   */
  private sweep(): void {
    for (const [millis, list] of this.timers) if (list.isIdle) this.timers.delete(millis);
    this.sweepAt = Math.max(FEW_LISTS, this.timers.size * 2);
  }

  private onAnswer(token: string, message: Msg): void {
    const event = this.pending.get(token);
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

  /**
   * The server reports each refused frame by its subject alone. A permission that was withdrawn
   * refuses the latest frames, so the report belongs to the latest one.
   */
  private onRefusedPublish(error: InstanceType<typeof errors.PermissionViolationError>): void {
    let latest: PendingEvent | undefined;
    for (const event of this.pending.values())
      if (event.subject === error.subject && event.timers && event.unanswered > 0) latest = event;
    if (!latest) return;
    latest.unanswered--;
    this.pause(latest);
    latest.failed(requestError(error));
  }

  private failAll(reason: () => Error): void {
    for (const event of this.pending.values()) {
      this.pause(event);
      event.failed(reason());
    }
  }
}
