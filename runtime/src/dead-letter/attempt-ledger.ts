import { randomUUID } from 'node:crypto';
import { setMaxListeners } from 'node:events';
import { setImmediate as nextTurn, setTimeout as delay } from 'node:timers/promises';
import { Logger } from '@nestjs/common';
import { isNoResponders } from '../client/pub-ack';
import { withDeadline } from '../util/deadline';
import { MissingStreamError } from '../errors/admin.errors';
import { failureText, isInstance, sentence } from '../errors/thrown-value';
import type { ProvisioningMismatch } from '../errors/provisioning.errors';
import type { DeliveredMessage } from '../message/message-state';
import { isUnanswered } from '../session/until-answered';
import type { OpenSession } from '../session/jetstream-session';
import type { StreamRegistry } from '../stream/stream-registry';
import { verifyStream } from '../stream/provision-stream';
import {
  attemptSubject,
  judgeAttempt,
  recordOf,
  withBegun,
  withFinalAttempt,
  withHandedBack,
  type Attempt,
  type AttemptRecord,
} from './attempt-record';
import { ATTEMPT_STREAM, attemptStream } from './attempt-stream';
import { provisionServingStream } from './serving-stream';
import { isWrongLastSequence, publishToStream, readFromStream } from './stream-io';

const RETRY_DELAY_MS = 1_000;
/** Short, because a shutdown has only seconds. */
const HAND_BACK_RETRY_DELAY_MS = 100;
/** Limit of concurrent publishes. The server drops publishes if a stream has thousands to store. */
const IN_FLIGHT = 1_000;
const encoder = new TextEncoder();

interface Found {
  readonly record: AttemptRecord;
  /** Sequence of the record in its stream. 0 if there is none. */
  readonly sequence: number;
}

/**
 * Records attempts that differ from the server's delivery count: deliveries that did not run, and
 * final attempts that began. Most messages have no record.
 */
export class AttemptLedger {
  private readonly logger = new Logger('NatsJetStreamAttempts');
  private readonly process = randomUUID();
  private readonly stopping = new AbortController();
  /** Deliveries that are waiting for an answer, and the reason. Limited by `prefetch`. */
  private readonly waiting = new Map<DeliveredMessage, string>();
  private readonly undecided = new Set<(stopped: undefined) => void>();
  private declared: StreamRegistry | undefined;
  /** Announced final attempts by delivery. */
  private readonly announced = new WeakMap<DeliveredMessage, AttemptRecord>();
  /** Resolves when the last announced attempt has begun. */
  private lastBegun: Promise<void> = Promise.resolve();
  private replicas = 1;
  private preparing: Promise<void> | undefined;
  private logged: string | undefined;
  #session: OpenSession | undefined;

  constructor() {
    // Each waiting delivery adds a listener.
    setMaxListeners(0, this.stopping.signal);
  }

  /** @param declared streams of the application, which may include the attempt stream */
  open(session: OpenSession, declared?: StreamRegistry): void {
    this.#session = session;
    this.declared = declared;
  }

  /** Stops all retries. Waiting deliveries get no decision. */
  stop(): void {
    this.stopping.abort();
    for (const end of this.undecided) end(undefined);
  }

  /** Reason why a delivery is waiting for a decision. Undefined if none is waiting. */
  get lastError(): string | undefined {
    return [...this.waiting.values()].at(-1);
  }

  /**
   * Creates the stream in mode `'apply'`, or raises its replicas. Other modes only check that it
   * exists.
   * @throws MissingStreamError (`MISSING_STREAM`), StreamProvisioningError (`STREAM_PROVISIONING`),
   * StreamOverlapError (`STREAM_OVERLAP`)
   */
  async prepare(replicas: number): Promise<void> {
    const { manager, provisioning } = this.session();
    this.replicas = Math.max(this.replicas, replicas);
    if (provisioning === 'apply') {
      const declaration = this.declared?.get(ATTEMPT_STREAM.name) ?? attemptStream(this.replicas);
      return provisionServingStream(manager, declaration, this.replicas, this.logger);
    }
    await readFromStream(this.session(), ATTEMPT_STREAM.name, { seq: 1 });
  }

  /** Compares the stream with its declaration. Changes nothing. */
  async verify({ manager }: OpenSession): Promise<ProvisioningMismatch[]> {
    return verifyStream(manager, ATTEMPT_STREAM);
  }

  /**
   * Records deliveries that did not run, so that they do not count as attempts. Must be called
   * before the naks. Never rejects, and resolves within `withinMs`.
   */
  async handBack(messages: readonly DeliveredMessage[], withinMs: number): Promise<void> {
    const deadline = { aborted: false };
    let recorded = 0;
    let failure: unknown;
    const recordAll = async (): Promise<void> => {
      for (let at = 0; at < messages.length && !deadline.aborted; at += IN_FLIGHT) {
        const writing = messages.slice(at, at + IN_FLIGHT).map(async (message) => {
          await this.recordHandBack(message, deadline, (error) => (failure = error));
          recorded++;
        });
        const failed = (await Promise.allSettled(writing)).find(({ status }) => status === 'rejected');
        if (failed) return;
      }
    };
    await withDeadline(recordAll(), withinMs, () => new Error('deadline')).catch(() => undefined);
    deadline.aborted = true;
    if (recorded === messages.length) return;
    const reason =
      failure === undefined ? `The server did not answer within ${withinMs} ms.` : sentence(failureText(failure));
    this.logger.warn(
      `${messages.length - recorded} of ${messages.length} deliveries that did not run could not be recorded: ${reason} They count as attempts.`,
    );
  }

  /**
   * Decides about a delivery, and announces its final attempt. Only needed if `deliveryCount` is at
   * least `maxDeliver` and above 1. Retries until the server answers. Returns undefined after a
   * stop.
   */
  judge(message: DeliveredMessage, maxDeliver: number): Promise<Attempt | undefined> {
    return new Promise((resolve) => {
      this.undecided.add(resolve);
      void this.decideAtLast(message, maxDeliver).then((decision) => {
        this.undecided.delete(resolve);
        resolve(decision);
      });
    });
  }

  /**
   * Announces final attempts one at a time. Each begins before the next is announced, so that a
   * handler that crashes the process affects few other final attempts.
   */
  private announce(message: DeliveredMessage, record: AttemptRecord, lastSubjectSequence: number): Promise<boolean> {
    const { signal } = this.stopping;
    // After a stop, the announced attempt would not begin.
    const written = this.lastBegun.then(() => !signal.aborted && this.write(message, record, lastSubjectSequence));
    // The handler begins before the next turn of the event loop.
    this.lastBegun = written.then(
      () => nextTurn(),
      () => nextTurn(),
    );
    return written;
  }

  /**
   * Records that the handler begins. Must be called in the same turn of the event loop. It is not
   * awaited, because an announcement alone does not exhaust the message if the process exits first.
   */
  begin(message: DeliveredMessage): void {
    const record = this.announced.get(message);
    const { connection } = this.session();
    if (!record || connection.isClosed() || connection.isDraining()) return;
    connection.publish(attemptSubject(message), encoder.encode(JSON.stringify(withBegun(record))));
  }

  private async decideAtLast(message: DeliveredMessage, maxDeliver: number): Promise<Attempt | undefined> {
    let decision: Attempt | undefined;
    while (!decision && !this.stopping.signal.aborted) {
      try {
        decision = await this.decide(message, maxDeliver);
      } catch (error) {
        await this.afterFailure(message, error);
      }
    }
    this.waiting.delete(message);
    if (this.waiting.size === 0) this.logged = undefined;
    return decision;
  }

  /** Retries until the server answers. Returns undefined after a stop. */
  private async decide(message: DeliveredMessage, maxDeliver: number): Promise<Attempt | undefined> {
    while (!this.stopping.signal.aborted) {
      const { record, sequence } = await this.read(message);
      const decision = judgeAttempt(record, message, maxDeliver, this.process);
      if (decision.is === 'exhausted' || !decision.isFinal || maxDeliver === 1) return decision;
      const next = withFinalAttempt(record, {
        attempt: decision.attempt,
        delivery: message.deliveryCount,
        process: this.process,
      });
      if (next !== record && !(await this.announce(message, next, sequence))) continue;
      this.announced.set(message, next);
      return decision;
    }
    return undefined;
  }

  /** @throws a failure that retries within the deadline did not fix */
  private async recordHandBack(
    message: DeliveredMessage,
    deadline: { readonly aborted: boolean },
    failed: (error: unknown) => void,
  ): Promise<void> {
    // The first delivery of a message has no record yet, so one round trip is enough.
    let known = message.deliveryCount === 1 ? { record: recordOf(null, message), sequence: 0 } : undefined;
    while (!deadline.aborted) {
      try {
        const { record, sequence } = known ?? (await this.read(message));
        const next = withHandedBack(record, message, this.process);
        if (next === record || (await this.write(message, next, sequence))) return;
        known = undefined;
      } catch (error) {
        failed(error);
        if ((await this.recreate(error)) === undefined) continue;
        if (!isUnanswered(error) && !isNoResponders(error)) throw error;
        await delay(HAND_BACK_RETRY_DELAY_MS);
      }
    }
    throw new Error('deadline');
  }

  private async read(message: DeliveredMessage): Promise<Found> {
    const query = { last_by_subj: attemptSubject(message) };
    const stored = await readFromStream(this.session(), ATTEMPT_STREAM.name, query);
    return { record: recordOf(stored, message), sequence: stored?.seq ?? 0 };
  }

  /** Writes the record. Returns false if another process wrote it first. */
  private async write(message: DeliveredMessage, record: AttemptRecord, lastSubjectSequence: number): Promise<boolean> {
    const subject = attemptSubject(message);
    try {
      await publishToStream(this.session(), ATTEMPT_STREAM.name, subject, encoder.encode(JSON.stringify(record)), {
        expect: { lastSubjectSequence },
      });
      return true;
    } catch (error) {
      if (isWrongLastSequence(error)) return false;
      throw error;
    }
  }

  private async afterFailure(message: DeliveredMessage, error: unknown): Promise<void> {
    const { stream, consumer, streamSequence } = message;
    const cause = await this.recreate(error);
    if (cause === undefined) return;
    const reason = sentence(failureText(cause));
    this.waiting.set(
      message,
      `'${consumer}' holds sequence ${streamSequence} of stream '${stream}', because its attempts could not be read or recorded: ${reason} Retrying.`,
    );
    if (reason !== this.logged) this.logger.error(this.lastError);
    this.logged = reason;
    await delay(RETRY_DELAY_MS, undefined, { signal: this.stopping.signal }).catch(() => undefined);
  }

  /** Recreates a deleted stream if this service may create it. Returns the remaining failure. */
  private async recreate(error: unknown): Promise<unknown> {
    if (!isInstance(error, MissingStreamError) || this.session().provisioning !== 'apply') return error;
    this.preparing ??= this.prepare(this.replicas).finally(() => (this.preparing = undefined));
    return this.preparing.then(
      () => undefined,
      (failure: unknown) => failure,
    );
  }

  private session(): OpenSession {
    if (!this.#session) throw new Error('the connection is not open yet');
    return this.#session;
  }
}
