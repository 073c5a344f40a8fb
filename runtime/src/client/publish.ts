import { setTimeout as delay } from 'node:timers/promises';
import { JetStreamApiError } from '@nats-io/jetstream';
import { errors } from '@nats-io/transport-node';
import type { EventBody } from '../codec/event-codec';
import { isClosedConnection } from '../connection/closed-connection';
import { requireServer } from '../connection/required-server';
import { withDeadline } from '../util/deadline';
import type { Timed, TimedList } from '../util/timed-list';
import { NoStreamForSubjectError, PublishTimeoutError, PublishUnconfirmedError } from '../errors/publish.errors';
import { WrongLastSequenceError } from '../errors/publish-refusal.errors';
import type { OpenSession } from '../session/jetstream-session';
import { assertPublishSubject } from '../subject/subject-syntax';
import { prepareEvent, type PreparedEvent, type PublishSession } from './prepare-event';
import { isNoResponders, type NatsJetStreamPubAck } from './pub-ack';
import { PubAckInbox, type PendingEvent } from './pub-ack-inbox';
import { findStored, resultWithin, streamStores, toPublishError } from './publish-failure';
import { newMessageId, type CheckedPublish, type PublishOptions } from './publish-options';
import { messageIdText, sizeOf, withHeaderLines } from './wire';

/** Callbacks of a publication. */
export interface Bookkeeping {
  ended(): void;
  /** Returns the error to report for a failure. */
  failure(subject: string, error: unknown): unknown;
}

/** Next step after a failed attempt. */
export type Decision<Ack = NatsJetStreamPubAck> =
  | { readonly is: 'retry'; readonly afterMs: number }
  | { readonly is: 'stored'; readonly ack: Ack }
  /** The event is not stored. */
  | { readonly is: 'refused'; readonly error: unknown }
  /** The event may or may not be stored. */
  | { readonly is: 'unknown'; readonly error: unknown };

/** JetStream is temporarily unavailable, or a message with this id is being stored. */
export const UNDECIDED: ReadonlySet<number> = new Set([10_008, 10_158]);
export const PAUSE_MS = 250;
/** Without permission for STREAM.NAMES we cannot tell whether a stream stores the subject. */
export const LOOKUPS = 2;

function retry(afterMs: number): Decision {
  return { is: 'retry', afterMs };
}

/**
 * Publishes one event without a limit of events in flight.
 * @throws InvalidSubjectError, and the errors of {@link prepareEvent}
 */
export async function publishEvent(
  session: PublishSession,
  subject: string,
  event: unknown,
  options: PublishOptions,
): Promise<NatsJetStreamPubAck> {
  return new Promise((stored, failed) => {
    assertPublishSubject(subject);
    const outcome = { stored, failed };
    const publish = (ready: PreparedEvent): void => new Publication(session, ready).start();
    Promise.resolve(prepareEvent(session, subject, event, options, {}, outcome)).then(publish, failed);
  });
}

/**
 * Publishes one event until it is stored or refused, or until the last attempt leaves the outcome
 * unknown.
 */
export class Publication implements PendingEvent {
  readonly subject: string;
  readonly body: EventBody;
  readonly headers: string;
  private readonly messageId: string;
  readonly attemptMs: number;
  readonly mayRepeat: boolean;
  token: string | undefined = undefined;
  timers: TimedList<PendingEvent> | undefined = undefined;
  dueAt = 0;
  before: Timed | undefined = undefined;
  after: Timed | undefined = undefined;
  written = 0;
  unanswered = 0;
  private attempts = 0;
  private failedLookups = 0;
  private startedAt = 0;
  private isSettled = false;
  private open: OpenSession | undefined = undefined;
  private inbox: PubAckInbox | undefined = undefined;
  private readonly origin: Error | undefined;

  constructor(
    private readonly session: PublishSession,
    private readonly event: PreparedEvent,
    private readonly bookkeeping?: Bookkeeping,
  ) {
    const { subject, body, headers, messageId = newMessageId(), options } = event;
    this.messageId = messageId;
    this.subject = subject;
    this.body = body;
    const { addedHeaders } = event.outcome;
    const text = headers ?? messageIdText(messageId);
    this.headers = addedHeaders === undefined ? text : withHeaderLines(text, addedHeaders);
    this.attemptMs = options.timeout;
    this.mayRepeat = options.retries > 1;
    this.origin = session.ready?.asyncTraces === true ? new Error('published') : undefined;
  }

  /** Begins the first attempt when the session is open. */
  start(): void {
    const { ready } = this.session;
    if (ready) return this.begin(ready);
    const { messageId } = this;
    const timedOut = (): Error => new PublishTimeoutError(this.subject, messageId, this.attemptMs);
    withDeadline(this.session.open(), this.attemptMs, timedOut).then(
      (open) => this.begin(open),
      (error: unknown) => this.fail(error),
    );
  }

  stored(ack: NatsJetStreamPubAck): void {
    if (this.isSettled) return;
    this.isSettled = true;
    this.bookkeeping?.ended();
    this.event.outcome.stored(ack);
  }

  failed(failure: unknown): void {
    if (!this.isSettled) void this.continueAfter(failure);
  }

  private begin(open: OpenSession): void {
    const { options } = this.event;
    try {
      requirePublishFeatures(options, open.connection.info?.version ?? '');
    } catch (error) {
      return this.fail(error);
    }
    this.open = open;
    this.inbox = PubAckInbox.of(open.connection, open.createInbox);
    this.startedAt = performance.now();
    this.attempt();
  }

  private attempt(): void {
    this.attempts++;
    if (this.attempts > 1) this.event.outcome.retrying?.(this.attempts);
    try {
      this.inbox?.attempt(this);
    } catch (error) {
      this.failed(error);
    }
  }

  private async continueAfter(failure: unknown): Promise<void> {
    const { open, inbox } = this;
    if (!open || !inbox) return this.fail(failure);
    let decision: Decision;
    try {
      decision = await this.decide(failure, open, inbox);
      if (decision.is === 'retry' && decision.afterMs > 0 && !this.isSettled) await delay(decision.afterMs);
    } catch (error) {
      decision = { is: 'unknown', error };
    }
    // The PubAck of an earlier attempt may have arrived meanwhile.
    if (this.isSettled) return;
    if (decision.is === 'retry') return this.attempt();
    inbox.forget(this);
    if (decision.is === 'stored') this.stored(decision.ack);
    else this.fail(decision.error);
  }

  private fail(error: unknown): void {
    if (this.isSettled) return;
    this.isSettled = true;
    this.bookkeeping?.ended();
    const { subject, messageId, bookkeeping } = this;
    this.event.outcome.failed(bookkeeping ? bookkeeping.failure(subject, error) : error, messageId);
  }

  /**
   * Decides how to continue after a failed attempt. An event with an unanswered frame may be
   * stored.
   */
  private async decide(failure: unknown, open: OpenSession, inbox: PubAckInbox): Promise<Decision> {
    const { subject, messageId, attempts } = this;
    const { options } = this.event;
    if (isClosedConnection(failure, true))
      return this.unanswered > 0
        ? { is: 'unknown', error: new PublishUnconfirmedError(subject, messageId, failure) }
        : { is: 'refused', error: failure };
    const mayRetry = options.retries > 1 && this.waitedMs < options.timeout * options.retries;
    const timedOut = (cause: unknown): Decision => ({
      is: 'unknown',
      error: new PublishTimeoutError(subject, messageId, this.waitedMs, this.traced(cause)),
    });
    if (failure instanceof errors.TimeoutError) {
      if (attempts >= options.retries) return timedOut(failure);
      // The server does not answer 503 if core NATS subscribers receive the subject.
      const mayBeWrong = inbox.isOnline && !inbox.hasStored(subject);
      const isWrongSubject = mayBeWrong && (await resultWithin(streamStores(open, subject), this.attemptMs)) === false;
      return isWrongSubject ? { is: 'refused', error: new NoStreamForSubjectError(subject, failure) } : retry(0);
    }
    if (failure instanceof JetStreamApiError && UNDECIDED.has(failure.code))
      return mayRetry ? retry(PAUSE_MS) : timedOut(failure);
    if (isNoResponders(failure)) {
      const stores = await streamStores(open, subject);
      if (stores === undefined) this.failedLookups++;
      if (stores === undefined ? this.failedLookups < LOOKUPS : stores)
        return mayRetry ? retry(PAUSE_MS) : timedOut(failure);
    }
    const error = await this.errorOf(failure, open);
    if (this.unanswered === 0) return { is: 'refused', error };
    const earlier =
      error instanceof WrongLastSequenceError
        ? await findStored(open, subject, messageId, options.expect ?? {}).catch(() => undefined)
        : undefined;
    return earlier ? { is: 'stored', ack: earlier } : timedOut(error);
  }

  private get waitedMs(): number {
    return Math.round(performance.now() - this.startedAt);
  }

  private async errorOf(failure: unknown, open: OpenSession): Promise<unknown> {
    const { subject, messageId } = this;
    const attempt = { subject, messageId, size: sizeOf(this), waitedMs: this.waitedMs };
    return toPublishError(this.traced(failure), open, attempt);
  }

  /** With nats.js's `noAsyncTraces: false`, an error contains the stack of its caller. */
  private traced(failure: unknown): unknown {
    if (this.origin && failure instanceof Error && !failure.stack?.includes(this.origin.stack ?? ''))
      failure.stack = `${failure.stack}\n\n${this.origin.stack}`;
    return failure;
  }
}

/**
 * Checks the version of the server, because older servers would store the message and ignore these
 * options.
 * @throws UnsupportedByServerError (`UNSUPPORTED_BY_SERVER`)
 */
export function requirePublishFeatures({ ttl, schedule, cancelSchedule }: CheckedPublish, version: string): void {
  if (ttl !== undefined) requireServer("keep a message for its 'ttl'", version, '2.11');
  if (schedule !== undefined) requireServer("publish by 'schedule'", version, '2.12');
  if (cancelSchedule !== undefined) requireServer("end a schedule by 'cancelSchedule'", version, '2.14');
}
