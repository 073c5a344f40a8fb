import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { JetStreamApiError } from '@nats-io/jetstream';
import { errors } from '@nats-io/transport-node';
import { isClosedConnection } from '../../connection/closed-connection';
import { requireServer } from '../../connection/required-server';
import { PayloadTooLargeError } from '../../errors/publish-refusal.errors';
import { NoStreamForSubjectError, PublishTimeoutError, PublishUnconfirmedError } from '../../errors/publish.errors';
import type { OpenSession } from '../../session/jetstream-session';
import { withDeadline } from '../../util/deadline';
import { TimedList, type Timed } from '../../util/timed-list';
import { BatchInbox, type PendingBatch } from './batch-inbox';
import type { IdentifiedEvent, NatsJetStreamBatchAck, PreparedBatch } from './prepare-batch';
import type { PublishSession } from '../prepare-event';
import { isNoResponders, type NatsJetStreamPubAck } from '../pub-ack';
import {
  LOOKUPS,
  PAUSE_MS,
  Publication,
  requirePublishFeatures,
  UNDECIDED,
  type Bookkeeping,
  type Decision,
} from '../publish';
import { resultWithin, streamStores } from '../publish-failure';
import { acrossStreams, DUPLICATE_ID, INCOMPLETE, TOO_MANY, toBatchError } from './batch-failure';
import { newMessageId, publishHeaders } from '../publish-options';
import { messageIdText, sizeOf, withHeaderLines, type OutgoingEvent } from '../wire';

const HEADER_START = 'NATS/1.0\r\n';

/**
 * Publishes one batch until its outcome is known. Each attempt is a separate batch with the same
 * message ids, so at most one of them is stored.
 */
export class BatchPublication implements PendingBatch {
  readonly frames: readonly [OutgoingEvent, ...OutgoingEvent[]];
  readonly mayRepeat: boolean;
  private readonly timer: TimedList<Timed>;
  private readonly attemptTimer: Timed = { dueAt: 0, before: undefined, after: undefined };
  /** Attempts without a refused event. They may be stored. */
  private readonly unanswered = new Set<string>();
  private latest: string | undefined = undefined;
  private isWaiting = false;
  private attempts = 0;
  private failedLookups = 0;
  private incompletes = 0;
  private startedAt = 0;
  private isSettled = false;
  private open: OpenSession | undefined = undefined;
  private inbox: BatchInbox | undefined = undefined;

  constructor(
    private readonly session: PublishSession,
    private readonly batch: PreparedBatch,
    private readonly bookkeeping: Bookkeeping,
  ) {
    const { events, options, outcome } = batch;
    const [first, ...others] = events;
    const { addedHeaders } = outcome;
    this.frames = [frameOf(first, addedHeaders), ...others.map((event) => frameOf(event, addedHeaders))];
    this.mayRepeat = options.retries > 1;
    this.timer = new TimedList(options.timeout, () => this.failed(new errors.TimeoutError()));
  }

  /** True while an attempt is waiting for its answer. */
  get isPending(): boolean {
    return this.isWaiting;
  }

  get wasSent(): boolean {
    return this.latest !== undefined;
  }

  /** Begins the first attempt when the session is open. */
  start(): void {
    const { ready } = this.session;
    if (ready) return this.begin(ready);
    const { subject, messageId, options } = this.batch;
    const timedOut = (): Error => new PublishTimeoutError(subject, messageId, options.timeout);
    withDeadline(this.session.open(), options.timeout, timedOut).then(
      (open) => this.begin(open),
      (error: unknown) => this.fail(error),
    );
  }

  /**
   * Returns the frames of the attempt with a token.
   * @throws UnsupportedByServerError, PayloadTooLargeError
   */
  framesOf(token: string): readonly OutgoingEvent[] {
    const { connection } = this.open ?? {};
    const { version = '', max_payload: limit } = connection?.info ?? {};
    requireServer("store a batch ('emitAll')", version, '2.12');
    const id = randomUUID();
    const frames = this.frames.map((frame, index) => inBatch(frame, id, index + 1, this.frames.length));
    for (const frame of frames)
      if (limit !== undefined && sizeOf(frame) > limit)
        throw new PayloadTooLargeError(frame.subject, sizeOf(frame), limit, 'max_payload of the server');
    this.latest = token;
    this.unanswered.add(token);
    return frames;
  }

  committed(ack: NatsJetStreamPubAck, count: number): void {
    if (count === this.frames.length) this.stored(batchAck(ack, count));
  }

  refused(token: string, failure: Error, index: number): void {
    this.unanswered.delete(token);
    if (token === this.latest) this.failed(failure, index);
  }

  failed(failure: unknown, index = this.frames.length - 1): void {
    if (!this.isWaiting || this.isSettled) return;
    this.pause();
    void this.continueAfter(failure, index);
  }

  private begin(open: OpenSession): void {
    const { events } = this.batch;
    try {
      for (const { options } of events) requirePublishFeatures(options, open.connection.info?.version ?? '');
    } catch (error) {
      return this.fail(error);
    }
    this.open = open;
    this.inbox = BatchInbox.of(open);
    this.startedAt = performance.now();
    this.attempt(this.inbox);
  }

  private attempt(inbox: BatchInbox): void {
    this.attempts++;
    if (this.attempts > 1) this.batch.outcome.retrying?.(this.attempts);
    this.isWaiting = true;
    this.timer.add(this.attemptTimer);
    inbox.attempt(this);
  }

  private pause(): void {
    this.isWaiting = false;
    this.timer.remove(this.attemptTimer);
  }

  private async continueAfter(failure: unknown, index: number): Promise<void> {
    const { open, inbox } = this;
    if (!open || !inbox) return this.fail(failure);
    let decision: Decision<NatsJetStreamBatchAck>;
    try {
      decision = await this.decide(failure, index, open, inbox);
      if (decision.is === 'retry' && decision.afterMs > 0 && !this.isSettled) await delay(decision.afterMs);
    } catch (error) {
      decision = this.timedOut(error);
    }
    // The answer to an earlier attempt may have arrived meanwhile.
    if (this.isSettled) return;
    if (decision.is === 'retry') return this.attempt(inbox);
    if (decision.is === 'stored') this.stored(decision.ack);
    else this.fail(decision.error);
  }

  private async decide(
    failure: unknown,
    index: number,
    open: OpenSession,
    inbox: BatchInbox,
  ): Promise<Decision<NatsJetStreamBatchAck>> {
    const { subject, messageId, options } = this.batch;
    if (isClosedConnection(failure, true))
      return this.unanswered.size > 0
        ? { is: 'unknown', error: new PublishUnconfirmedError(subject, messageId, failure) }
        : { is: 'refused', error: failure };
    if (failure instanceof errors.TimeoutError) {
      if (this.attempts >= options.retries) return this.timedOut(failure);
      const isWrongSubject =
        inbox.isOnline && (await resultWithin(streamStores(open, subject), options.timeout)) === false;
      return isWrongSubject
        ? { is: 'refused', error: new NoStreamForSubjectError(subject, failure) }
        : { is: 'retry', afterMs: 0 };
    }
    if (isNoResponders(failure) && (await this.isTemporary(index, open)))
      return this.mayRetry ? { is: 'retry', afterMs: PAUSE_MS } : this.timedOut(failure);
    const code = failure instanceof JetStreamApiError ? failure.code : undefined;
    if (code !== undefined && (UNDECIDED.has(code) || code === TOO_MANY) && this.mayRetry)
      return { is: 'retry', afterMs: PAUSE_MS };
    const across = code === INCOMPLETE ? await acrossStreams(open, this.frames, options.timeout, failure) : undefined;
    if (code === INCOMPLETE && !across && ++this.incompletes < options.retries)
      return { is: 'retry', afterMs: PAUSE_MS };
    if (this.unanswered.size > 0 || code === DUPLICATE_ID) {
      const earlier = await this.findStored().catch(() => undefined);
      if (earlier) return { is: 'stored', ack: earlier };
    }
    const error = across ?? (await this.errorOf(failure, index, open));
    return this.unanswered.size > 0 || (code !== undefined && UNDECIDED.has(code))
      ? this.timedOut(error)
      : { is: 'refused', error };
  }

  /**
   * Resolves to true if a stream exists but has no leader. Without permission for STREAM.NAMES we
   * cannot tell, and retry a few times.
   */
  private async isTemporary(index: number, open: OpenSession): Promise<boolean> {
    const stores = await streamStores(open, this.frameAt(index).subject);
    if (stores === undefined) this.failedLookups++;
    return stores ?? this.failedLookups < LOOKUPS;
  }

  private frameAt(index: number): OutgoingEvent {
    const [first] = this.frames;
    return this.frames[index] ?? first;
  }

  private get mayRetry(): boolean {
    const { timeout, retries } = this.batch.options;
    return retries > 1 && this.waitedMs < timeout * retries;
  }

  private get waitedMs(): number {
    return Math.round(performance.now() - this.startedAt);
  }

  private timedOut(cause: unknown): Decision<NatsJetStreamBatchAck> {
    const { subject, messageId } = this.batch;
    return { is: 'unknown', error: new PublishTimeoutError(subject, messageId, this.waitedMs, cause) };
  }

  private async errorOf(failure: unknown, index: number, open: OpenSession): Promise<unknown> {
    const frame = this.frameAt(index);
    const { messageId, events } = this.batch;
    const attempt = { subject: frame.subject, messageId, size: sizeOf(frame), waitedMs: this.waitedMs };
    return toBatchError(failure, open, { ...attempt, first: index === 0 ? undefined : events[0].subject });
  }

  /**
   * Resolves to the PubAck of a batch that was stored earlier with the same message ids. Publishes
   * the first and the last event again, with an expectation that never matches. The server checks
   * message ids before expectations, so nothing new is stored.
   */
  private async findStored(): Promise<NatsJetStreamBatchAck | undefined> {
    const { length } = this.frames;
    const [first, last] = await Promise.all([this.findDuplicate(0), this.findDuplicate(length - 1)]);
    if (!first.duplicate || !last.duplicate || last.seq - first.seq !== length - 1) return undefined;
    return { ...batchAck(last, length), duplicate: true };
  }

  private async findDuplicate(index: number): Promise<NatsJetStreamPubAck> {
    return new Promise((stored, failed) => {
      const event = this.batch.events[index] ?? this.batch.events[0];
      const { timeout, retries } = this.batch.options;
      const options = { timeout, retries, validate: false, expect: { lastMsgID: newMessageId() } };
      const headers = publishHeaders(options, event.messageId);
      new Publication(this.session, { ...event, options, headers, outcome: { stored, failed } }).start();
    });
  }

  private stored(ack: NatsJetStreamBatchAck): void {
    if (this.settle()) this.batch.outcome.stored(ack);
  }

  private fail(error: unknown): void {
    const { subject, messageId, outcome } = this.batch;
    if (this.settle()) outcome.failed(this.bookkeeping.failure(subject, error), messageId);
  }

  private settle(): boolean {
    if (this.isSettled) return false;
    this.isSettled = true;
    if (this.isWaiting) this.pause();
    this.inbox?.forget(this);
    this.bookkeeping.ended();
    return true;
  }
}

function frameOf({ subject, body, headers, messageId }: IdentifiedEvent, addedHeaders?: string): OutgoingEvent {
  const text = headers ?? messageIdText(messageId);
  return { subject, body, headers: addedHeaders === undefined ? text : withHeaderLines(text, addedHeaders) };
}

function batchAck(ack: NatsJetStreamPubAck, count: number): NatsJetStreamBatchAck {
  return { ...ack, firstSeq: ack.seq - count + 1, count };
}

function inBatch({ subject, body, headers }: OutgoingEvent, id: string, position: number, size: number): OutgoingEvent {
  const commit = position === size ? 'Nats-Batch-Commit: 1\r\n' : '';
  const own = `Nats-Batch-Id: ${id}\r\nNats-Batch-Sequence: ${position}\r\n${commit}`;
  return { subject, body, headers: `${HEADER_START}${own}${headers.slice(HEADER_START.length)}` };
}
