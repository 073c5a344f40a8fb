import type { errors, Msg, NatsConnection } from '@nats-io/transport-node';
import type { OpenSession } from '../../session/jetstream-session';
import { readAnswer, type NatsJetStreamPubAck } from '../pub-ack';
import { PubAckInbox } from '../pub-ack-inbox';
import { ReplyInbox, requestError } from '../reply-inbox';
import { Wire, type OutgoingEvent } from '../wire';

/** A batch that is waiting for its PubAck. */
export interface PendingBatch {
  readonly frames: readonly OutgoingEvent[];
  /** True when the batch may be sent again after a reconnect. */
  readonly mayRepeat: boolean;
  /** True while an attempt is waiting for its answer. */
  readonly isPending: boolean;
  /** True if frames of an attempt were written. */
  readonly wasSent: boolean;
  /** Returns the frames of a new attempt. */
  framesOf(token: string): readonly OutgoingEvent[];
  /** Called when the server stored a batch of `count` events. */
  committed(ack: NatsJetStreamPubAck, count: number): void;
  /** Called when the server refused an event of an attempt, and therefore the attempt. */
  refused(token: string, failure: Error, index: number): void;
  /** Called when an attempt fails without an answer. */
  failed(failure: unknown): void;
}

const inboxes = new WeakMap<NatsConnection, BatchInbox>();

/**
 * Sends the batches of one connection and receives their answers. The reply subject of each event
 * ends with the token of its attempt and its index, because an answer to an earlier attempt must
 * not count for a later one.
 */
export class BatchInbox {
  private readonly batches = new Set<PendingBatch>();
  private readonly attempts = new Map<string, PendingBatch>();
  readonly #replies: ReplyInbox;
  readonly #wire: Wire;
  readonly #events: PubAckInbox;
  private count = 0;

  private constructor({ connection, createInbox }: OpenSession) {
    this.#wire = Wire.of(connection);
    this.#events = PubAckInbox.of(connection, createInbox);
    this.#replies = new ReplyInbox(connection, createInbox, {
      onReply: (token, message) => this.onReply(token, message),
      onOpen: () => this.repeatAll(),
      onLost: () => undefined,
      onRefusedPublish: (error) => this.onRefusedPublish(error),
      onFailed: (reason) => this.failAll(reason),
    });
  }

  static of(open: OpenSession): BatchInbox {
    const known = inboxes.get(open.connection);
    if (known) return known;
    const inbox = new BatchInbox(open);
    inboxes.set(open.connection, inbox);
    return inbox;
  }

  /** True while the connection appears to be working. */
  get isOnline(): boolean {
    return this.#replies.isOpen;
  }

  /** Begins an attempt. Writes the frames immediately, or when answers can be received. */
  attempt(batch: PendingBatch): void {
    this.batches.add(batch);
    try {
      if (!this.#replies.isOpen) this.#replies.open();
    } catch (error) {
      return batch.failed(error);
    }
    if (this.#replies.isOpen) this.write(batch);
  }

  forget(batch: PendingBatch): void {
    this.batches.delete(batch);
    for (const [token, known] of this.attempts) if (known === batch) this.attempts.delete(token);
  }

  private write(batch: PendingBatch): void {
    const token = (this.count++).toString(36);
    this.attempts.set(token, batch);
    try {
      for (const [index, frame] of batch.framesOf(token).entries())
        this.#wire.write(frame, this.#replies.subjectOf(`${token}-${index}`));
    } catch (error) {
      batch.failed(error);
    }
  }

  private repeatAll(): void {
    for (const batch of this.batches) if (batch.isPending && (batch.mayRepeat || !batch.wasSent)) this.write(batch);
  }

  private onReply(reply: string, message: Msg): void {
    const [token = '', index = ''] = reply.split('-', 2);
    const batch = this.attempts.get(token);
    const subject = batch?.frames[Number(index)]?.subject;
    if (!batch || subject === undefined) return;
    const answer = readAnswer(subject, message);
    if (!answer) return;
    if ('refusal' in answer) batch.refused(token, answer.refusal, Number(index));
    // The PubAck of a single event has no count.
    else if (answer.count !== undefined) batch.committed(answer.ack, answer.count);
  }

  /**
   * Fails an attempt. The server reports a refused frame only by its subject. A batch without one
   * of its events is not stored, but a single event may be.
   */
  private onRefusedPublish(error: InstanceType<typeof errors.PermissionViolationError>): void {
    let latest: { token: string; batch: PendingBatch; index: number } | undefined;
    for (const [token, batch] of this.attempts) {
      const index = batch.frames.findIndex(({ subject }) => subject === error.subject);
      if (index >= 0 && batch.isPending) latest = { token, batch, index };
    }
    if (!latest) return;
    const { token, batch, index } = latest;
    if (this.#events.isWaitingFor(error.subject)) batch.failed(requestError(error));
    else batch.refused(token, requestError(error), index);
  }

  private failAll(reason: () => Error): void {
    for (const batch of this.batches) batch.failed(reason());
  }
}
