import { setTimeout as delay } from 'node:timers/promises';
import { Logger } from '@nestjs/common';
import type { ConsumerInfo, NextMsgRequest, SeqMsgRequest, StoredMsg } from '@nats-io/jetstream';
import type { Msg } from '@nats-io/transport-node';
import { permissionDenied } from '../errors/permission.errors';
import { failureText, sentence } from '../errors/thrown-value';
import { DeliveryReader } from '../message/ack';
import {
  DEAD_LETTER_HEADERS,
  deadLetterContentSubject,
  deadLetterKey,
  deadLetterSubject,
} from '../message/dead-letter';
import type { DeliverySource, JetStreamMessage, MessageOrigin } from '../message/jetstream-message';
import { RedrivenMessage } from '../message/redriven-message';
import type { JetStreamSession, OpenSession } from '../session/jetstream-session';
import { deadLetterStreamName } from '../stream/dead-letter-stream';
import { eraseIfStored } from '../stream/erase-message';
import { storedAs } from '../stream/stored-message';
import type { HandlerDefinition } from './consumer-definition';
import type { InFlight } from './in-flight';
import type { BoundConsumer } from './provisioning/bound-consumer';
import { REDRIVE_KEY } from './provisioning/consumer-config';
import { effectiveConfig } from './provisioning/effective-config';
import { findConsumerOrStream } from './provisioning/find-consumer';
import { PullSource } from './source/pull-source';

const RETRY_DELAY_MS = 1_000;
/** Longer, because the connection logs each denied request. */
const DENIED_RETRY_DELAY_MS = 30_000;
const LONGEST_REBIND_PAUSE_MS = 60_000;
const HEARTBEAT_MS = 2_000;

export interface RedriveOptions {
  readonly definition: HandlerDefinition;
  readonly session: JetStreamSession;
  readonly open: OpenSession;
  /** The durable that the messages were redriven to. */
  readonly bound: BoundConsumer;
  readonly inFlight: InFlight;
  /** Returns the properties that redriven messages share with the others of the consumer. */
  origin(): MessageOrigin;
}

/** The consumer that runs redriven messages together with its own. */
export interface RedriveListener {
  /** Adds a delivery to the in-flight table. Returns false if it needs no handling. */
  receive(message: RedrivenMessage): boolean;
  ready(message: RedrivenMessage): void;
  handBack(messages: readonly JetStreamMessage[]): void;
  /** Called when the ack wait of redriven messages is known. */
  bound(): void;
}

/**
 * Receives the redriven messages of a durable from its dead letter stream. `JetStreamAdmin.redrive`
 * creates the consumer for them, and names it in the metadata of the durable. Without a redrive
 * this class sends no request.
 */
export class RedriveConsumer implements DeliverySource {
  private readonly logger = new Logger('NatsJetStreamRedrive');
  private readonly stopping = new AbortController();
  private readonly finishing = new Set<Promise<void>>();
  private readonly stream: string;
  private origin: MessageOrigin | undefined;
  private source: PullSource | undefined;
  private isBinding = false;
  private isReceiving = false;
  private rebindAtMs = 0;
  private rebindPauseMs = RETRY_DELAY_MS;
  private lastProblem: string | undefined;
  /** Time after which the server redelivers an unacknowledged copy. */
  ackWaitMs = Number.POSITIVE_INFINITY;

  constructor(
    private readonly options: RedriveOptions,
    private readonly listener: RedriveListener,
  ) {
    this.stream = deadLetterStreamName(options.bound.stream);
  }

  /** Reason why redriven messages are not handled. Undefined if there is none. */
  get problem(): string | undefined {
    return this.lastProblem;
  }

  /** Starts to receive if the metadata of the durable names a consumer. Idempotent. */
  follow(): void {
    const { definition, bound } = this.options;
    const name = bound.info.config.metadata?.[REDRIVE_KEY];
    // A pinned consumer has no order for messages of another stream.
    if (name === undefined || definition.settings.pinned) return;
    if (this.isBinding || this.isReceiving || this.stopping.signal.aborted) return;
    if (performance.now() < this.rebindAtMs) return;
    this.isBinding = true;
    void this.bind(name).finally(() => (this.isBinding = false));
  }

  /** Stops receiving until {@link follow}. */
  suspend(): void {
    this.isReceiving = false;
    this.rebindAtMs = 0;
    this.source?.suspend();
  }

  /** Frees one slot, after a redriven message was removed from the in-flight table. */
  release(): void {
    if (this.isReceiving) this.source?.release();
  }

  /** Erases a settled copy, which the server would otherwise keep as long as a dead letter. */
  settled(message: RedrivenMessage): void {
    if (message.settledAs === 'nak') return;
    const finished = this.finish(message).then(() => void this.finishing.delete(finished));
    this.finishing.add(finished);
  }

  /** Stops receiving. Resolves when no more messages can arrive. */
  async stop(isOnline: boolean): Promise<void> {
    this.stopping.abort();
    if (isOnline) await this.source?.stop();
    else this.source?.end();
  }

  /** Resolves when the copies of all settled messages are erased. */
  async idle(): Promise<void> {
    await Promise.all(this.finishing);
  }

  private async bind(name: string): Promise<void> {
    const { definition, open } = this.options;
    try {
      const info = await findConsumerOrStream(open.manager, this.stream, name);
      if (this.stopping.signal.aborted) return;
      if (!info) {
        this.pauseRebinding();
        return this.report(
          `Consumer '${name}' of stream '${this.stream}' does not exist. The next redrive creates it.`,
        );
      }
      this.adopt(info);
      this.lastProblem = undefined;
      this.isReceiving = true;
      if (this.source) return this.source.restart();
      this.source = this.createSource(name);
      this.source.start();
      void this.finishLeft(info);
      this.logger.log(`${definition.label} receives redriven messages of durable '${definition.durable}'.`);
    } catch (error) {
      this.lost(failureText(permissionDenied(error) ?? error));
    }
  }

  private adopt(info: ConsumerInfo): void {
    this.ackWaitMs = effectiveConfig(info).ackWaitMs ?? Number.POSITIVE_INFINITY;
    this.origin = {
      ...this.options.origin(),
      source: this,
      consumerCreated: info.created,
      deliveries: new DeliveryReader(),
    };
    this.listener.bound();
  }

  private createSource(name: string): PullSource {
    const { session, open, inFlight, definition } = this.options;
    const { concurrency, batch, delivery } = definition.settings;
    const slots = concurrency * (batch?.size ?? 1);
    const options = {
      connection: open.connection,
      createInbox: () => session.connection.createInbox(),
      subject: `${open.apiPrefix}.CONSUMER.MSG.NEXT.${this.stream}.${name}`,
      prefetch: { least: slots, most: slots },
      slots,
      heartbeatMs: delivery.heartbeatMs ?? HEARTBEAT_MS,
      inFlight: {
        get size(): number {
          return [...inFlight.values()].filter(({ history }) => history).length;
        },
      },
      limits: () => ({ maxBatch: undefined, maxExpiresMs: undefined, maxWaiting: undefined }),
    };
    return new PullSource(options, {
      receive: (received) => this.receive(received),
      lost: (reason) => this.lost(reason),
      blocked: (reason) => reason !== undefined && this.report(`The server refuses its requests (${reason}).`),
    });
  }

  private receive(received: Msg): boolean {
    const message = new RedrivenMessage(received, this.origin ?? this.options.origin());
    this.rebindPauseMs = RETRY_DELAY_MS;
    if (message.isComplete) {
      if (!this.listener.receive(message)) return false;
      void this.prepare(message);
      return true;
    }
    this.logger.error(
      `Sequence ${message.copySequence} of stream '${this.stream}' is not a redriven message. Skipped.`,
    );
    message.term('not a redriven message');
    return false;
  }

  /**
   * Erases the dead letter, if its redrive was interrupted, so that it cannot be redriven again
   * after the copy is handled. Then loads bytes that are stored separately.
   */
  private async prepare(message: RedrivenMessage): Promise<void> {
    const { contentSequence, deadLetterSequence, letterKey } = message;
    const what = `prepare sequence ${message.copySequence} of stream '${this.stream}'`;
    const isPrepared = await this.untilDone(what, async () => {
      await this.eraseNamed(deadLetterSequence, deadLetterSubject(letterKey));
      if (contentSequence === undefined) return;
      const content = await this.named(contentSequence, deadLetterContentSubject(letterKey));
      // Without its bytes the message cannot be decoded, and becomes a dead letter again.
      if (content) message.setContent(content);
    });
    if (isPrepared) this.listener.ready(message);
    else this.listener.handBack([message]);
  }

  private async finish({
    seq,
    copySequence,
    contentSequence,
    letterKey,
  }: Pick<RedrivenMessage, 'seq' | 'copySequence' | 'contentSequence' | 'letterKey'>): Promise<void> {
    const { signal } = this.stopping;
    // If a process exited before it terminated the original message, that is redelivered. The copy
    // shows then that it has been dead-lettered.
    while (!(await this.options.bound.hasSettled(seq))) {
      if (signal.aborted) return;
      await delay(RETRY_DELAY_MS, undefined, { signal }).catch(() => undefined);
    }
    await this.untilDone(`erase sequence ${copySequence} of stream '${this.stream}'`, async () => {
      await this.erase(copySequence);
      if (contentSequence !== undefined) await this.eraseNamed(contentSequence, deadLetterContentSubject(letterKey));
    });
  }

  /** Erases copies that another process has settled but not erased. */
  private async finishLeft({ ack_floor: floor, config }: ConsumerInfo): Promise<void> {
    const { streams } = this.options.open.manager;
    const { filter_subject: subject = '' } = config;
    try {
      for (let seq = 1; seq <= floor.stream_seq; seq++) {
        const left = await streams.getMessage(this.stream, { seq, next_by_subj: subject } as SeqMsgRequest &
          NextMsgRequest);
        if (!left || left.seq > floor.stream_seq) return;
        seq = left.seq;
        const original = Number(left.header.get(DEAD_LETTER_HEADERS.sequence));
        const content = Number(left.header.get(DEAD_LETTER_HEADERS.content)) || undefined;
        const letterKey = deadLetterKey(left.subject);
        await this.finish({ seq: original, copySequence: seq, contentSequence: content, letterKey });
      }
    } catch (error) {
      this.logger.debug(`Cannot read settled copies of stream '${this.stream}': ${failureText(error)}`);
    }
  }

  /** Reads a message that a copy names. Undefined if it belongs to another dead letter. */
  private async named(sequence: number, subject: string): Promise<StoredMsg | undefined> {
    return storedAs(this.options.open.manager, this.stream, sequence, subject);
  }

  private async eraseNamed(sequence: number, subject: string): Promise<void> {
    if (await this.named(sequence, subject)) await this.erase(sequence);
  }

  private async erase(sequence: number): Promise<void> {
    await eraseIfStored(this.options.open, this.stream, sequence);
  }

  /** Retries until the task succeeds. Resolves to false if the application stops first. */
  private async untilDone(what: string, task: () => Promise<void>): Promise<boolean> {
    const { signal } = this.stopping;
    do {
      try {
        await task();
        this.lastProblem = undefined;
        return true;
      } catch (error) {
        const denied = permissionDenied(error);
        this.report(`Cannot ${what}: ${sentence(failureText(denied ?? error))} Retrying.`);
        const pauseMs = denied ? DENIED_RETRY_DELAY_MS : RETRY_DELAY_MS;
        await delay(pauseMs, undefined, { signal }).catch(() => undefined);
      }
    } while (!signal.aborted);
    return false;
  }

  private lost(reason: string): void {
    this.isReceiving = false;
    this.source?.suspend();
    if (this.stopping.signal.aborted) return;
    this.pauseRebinding();
    this.report(`${sentence(reason)} Trying again.`);
  }

  /** Spaces the requests out, because each denied one is logged by the connection. */
  private pauseRebinding(): void {
    this.rebindAtMs = performance.now() + this.rebindPauseMs;
    this.rebindPauseMs = Math.min(2 * this.rebindPauseMs, LONGEST_REBIND_PAUSE_MS);
  }

  private report(text: string): void {
    if (text === this.lastProblem) return;
    this.lastProblem = text;
    const { label, durable } = this.options.definition;
    this.logger.warn(`${label} does not receive redriven messages of durable '${durable}'. ${text}`);
  }
}
