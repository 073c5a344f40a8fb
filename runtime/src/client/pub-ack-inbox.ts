import { errors, type Msg, type NatsConnection } from '@nats-io/transport-node';
import { TimedList, type Timed } from '../util/timed-list';
import { readAnswer, type NatsJetStreamPubAck } from './pub-ack';
import { ReplyInbox, requestError } from './reply-inbox';
import { Wire, type OutgoingEvent } from './wire';

/** An event that is waiting for its PubAck. */
export interface PendingEvent extends Timed, OutgoingEvent {
  /** Timeout of one attempt. */
  readonly attemptMs: number;
  /** True when the event may be sent again after a reconnect. */
  readonly mayRepeat: boolean;
  /** Last token of the reply subject, the same for all attempts. The inbox sets it. */
  token: string | undefined;
  /** Timer of the current attempt. Undefined between attempts. The inbox sets it. */
  timers: TimedList<PendingEvent> | undefined;
  /** Number of frames that were written. */
  written: number;
  /** Number of written frames without an answer. The event may be stored if it is above 0. */
  unanswered: number;
  /** Called with the PubAck of any attempt. */
  stored(ack: NatsJetStreamPubAck): void;
  /**
   * Called when an attempt fails, with an error of nats.js such as TimeoutError or RequestError.
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
  /** Subjects whose events were stored, up to a limit. */
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
   * Returns the inbox of a connection. It subscribes with the first event, to a subject of
   * `createInbox`.
   */
  static of(connection: NatsConnection, createInbox: () => string): PubAckInbox {
    const known = inboxes.get(connection);
    if (known) return known;
    const inbox = new PubAckInbox(connection, createInbox);
    inboxes.set(connection, inbox);
    return inbox;
  }

  /** True while the connection appears to be working. */
  get isOnline(): boolean {
    return this.#replies.isOpen;
  }

  /** Returns true while an event of this subject has a frame without an answer. */
  isWaitingFor(subject: string): boolean {
    for (const event of this.pending.values()) if (event.subject === subject && event.unanswered > 0) return true;
    return false;
  }

  /**
   * Returns true if an event of this subject was stored before. The result may be false for an
   * older event.
   */
  hasStored(subject: string): boolean {
    return this.storedSubjects.has(subject);
  }

  /**
   * Begins an attempt. Writes the frame immediately, or after the server has accepted the
   * subscription for PubAcks, because an earlier frame may get no answer.
   * @throws ClosedConnectionError, DrainingConnectionError, InvalidArgumentError (nats.js) if the
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

  /** Stops the timer of an attempt. A later PubAck still counts. */
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
   * Removes unused lists. The next sweep happens at twice the number of lists, so that the work per
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
   * Fails the latest frame of a subject. The server reports a refused frame only by its subject,
   * and a withdrawn permission affects the latest frames.
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
