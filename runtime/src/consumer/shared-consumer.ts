import { isDeepStrictEqual } from 'node:util';
import { Logger } from '@nestjs/common';
import { AckPolicy } from '@nats-io/jetstream';
import type { Msg } from '@nats-io/transport-node';
import { skip, type Subscription } from 'rxjs';
import { withDeadline } from '../util/deadline';
import { ConsumerTakenError } from '../errors/consumer.errors';
import { durationText } from '../errors/duration-text';
import { failureText } from '../errors/thrown-value';
import { NatsJetStreamError } from '../errors/nats-jetstream.error';
import { AckWriter, DeliveryReader } from '../message/ack';
import { JetStreamMessage, namesOf, type MessageOrigin } from '../message/jetstream-message';
import type { RedrivenMessage } from '../message/redriven-message';
import type { JetStreamSession, OpenSession } from '../session/jetstream-session';
import type { ActiveConsumer, ConsumerLoad, ConsumerState } from './active-consumer';
import { BatchRunner } from './batch-runner';
import type { HandlerDefinition } from './consumer-definition';
import { HandBack } from './hand-back';
import { InFlight } from './in-flight';
import type { BoundChange, BoundConsumer, Restoration } from './provisioning/bound-consumer';
import { Recovery } from './provisioning/recovery';
import { RedriveConsumer } from './redrive-consumer';
import { MessageRunner, type ConsumerSlot, type MessageHandlers, type Runner, type RunnerListener } from './runner';
import { createSource } from './source/create-source';
import type { MessageListener, MessageSource } from './source/message-source';

/**
 * A consumer with acknowledgements: source → in-flight table → runner → handler. All
 * instances of the service share its messages.
 */
export class SharedConsumer implements ActiveConsumer {
  private readonly logger = new Logger('NatsJetStreamConsumer');
  private readonly inFlight: InFlight;
  private readonly source: MessageSource;
  private readonly runner: Runner;
  private readonly recovery: Recovery;
  private readonly handBack: HandBack;
  private readonly redrives: RedriveConsumer;
  private readonly slot: ConsumerSlot & { maxDeliver: number };
  private origin: MessageOrigin;
  private reconnects: Subscription | undefined;
  private created: string;
  /**
   * Creation time of the previous consumer, until its recreation by another process is followed.
   */
  private replaced: string | undefined;
  private blocked: string | undefined;
  /** Error message while another service owns the durable. */
  private taken: string | undefined;
  private isObserving = false;
  private stopped = false;

  constructor(
    private readonly definition: HandlerDefinition,
    private readonly session: JetStreamSession,
    private readonly open: OpenSession,
    private readonly bound: BoundConsumer,
    handlers: MessageHandlers,
  ) {
    const { settings } = definition;
    this.created = bound.created;
    this.inFlight = new InFlight(bound.info, {
      ackWaitMs: bound.effective.ackWaitMs ?? settings.ackWaitMs,
      maxProcessingTimeMs: settings.maxProcessingTimeMs,
      onOverdue: (messages) => this.overdue(messages),
    });
    this.origin = {
      connection: open.connection,
      acks: new AckWriter(open.connection),
      ackTimeoutMs: session.timeoutMs,
      codec: bound.effective.hasBodies ? session.codec : undefined,
      consumerCreated: bound.created,
      deliveries: new DeliveryReader(),
      onSettled: (message) => this.settled(message),
    };
    this.slot = {
      maxDeliver: bound.maxDeliver,
      begin: (message) => this.begin(message),
      pause: (message) => this.inFlight.pause(message),
      resume: (message) => this.mayRun(message) && this.inFlight.resume(message),
      hold: (message) => this.inFlight.hold(message),
    };
    this.handBack = new HandBack(async (messages, withinMs) => {
      if (this.slot.maxDeliver > 0) await handlers.handBack(messages, withinMs);
    });
    const listener: RunnerListener = {
      finished: (message) => this.finished(message),
      handBack: (messages) => this.handBack.add(messages),
    };
    this.runner = settings.batch
      ? new BatchRunner(definition, settings.batch, handlers, this.slot, listener)
      : new MessageRunner(definition, handlers, this.slot, listener);
    this.source = createSource({ definition, session, open, bound, inFlight: this.inFlight }, this.listener());
    this.redrives = new RedriveConsumer(
      { definition, session, open, bound, inFlight: this.inFlight, origin: () => this.origin },
      {
        receive: (message) => this.admit(message) !== undefined,
        ready: (message) => this.runner.add(message),
        handBack: (messages) => this.handBack.add(messages),
        bound: () => this.inFlight.extendWithin(this.ackWaitMs),
      },
    );
    this.recovery = new Recovery(definition, bound, {
      resumeAt: () => this.inFlight.resumeAt,
      restored: (restoration) => void this.restored(restoration),
    });
    bound.onChange((change) => this.changed(change));
  }

  get stream(): string {
    return this.bound.stream;
  }

  get state(): ConsumerState {
    if (this.stopped) return { is: 'stopped' };
    const blocked = this.taken ?? this.blocked;
    if (blocked !== undefined) return { is: 'blocked', reason: blocked };
    if (this.recovery.reason !== undefined) return { is: 'recovering', reason: this.recovery.reason };
    if (this.inFlight.overdueCount > 0) return { is: 'stalled', messages: this.inFlight.overdueCount };
    if (!this.reconnects) return { is: 'starting' };
    // A pinned instance normally has all unacknowledged messages.
    const full = this.definition.settings.pinned ? undefined : this.bound.full;
    const { pausedUntil } = this.bound.effective;
    const isPaused = pausedUntil !== undefined && pausedUntil.getTime() > Date.now();
    return { is: 'running', full, pausedUntil: isPaused ? pausedUntil : undefined, redrive: this.redrives.problem };
  }

  get load(): ConsumerLoad {
    const { running, waiting } = this.runner;
    return this.keepsDeliveries ? { running: running + waiting, waiting: 0 } : { running, waiting };
  }

  start(): void {
    if (this.stopped || this.reconnects) return;
    this.reconnects = this.session.connection.status.pipe(skip(1)).subscribe((status) => {
      this.source.interrupted();
      this.redrives.suspend();
      if (status === 'connected') this.recovery.begin('connected again');
    });
    this.source.start();
    this.redrives.follow();
  }

  async observe(): Promise<void> {
    if (this.isObserving || this.recovery.reason !== undefined || this.stopped) return;
    this.isObserving = true;
    try {
      const exists = await this.bound.observe();
      if (this.stopped) return;
      if (!exists) return this.recovery.begin('its consumer was deleted');
      const isReplaced = await this.adoptRecreation();
      if (!isReplaced) this.inFlight.observe(this.bound.info);
      if (isReplaced || this.taken !== undefined) this.source.restart();
      this.taken = undefined;
      this.redrives.follow();
    } catch (error) {
      if (error instanceof ConsumerTakenError) return this.suspend(error);
      if (error instanceof NatsJetStreamError) return this.recovery.begin('its consumer was changed');
      this.logger.debug(`${this.definition.label} could not read its consumer: ${failureText(error)}`);
    } finally {
      this.isObserving = false;
    }
  }

  /** Stops receiving, because another service owns the durable. Messages in flight are finished. */
  private suspend({ message }: ConsumerTakenError): void {
    if (this.taken !== undefined || this.stopped) return;
    this.taken = message;
    this.logger.error(message);
    this.source.suspend();
    this.redrives.suspend();
  }

  async stop(gracePeriodMs: number): Promise<void> {
    this.stopped = true;
    this.reconnects?.unsubscribe();
    this.recovery.stop();
    // Stop the source first, because handing messages back makes room for more.
    const { isOnline } = this.session.connection;
    const ended = Promise.all([isOnline ? this.source.stop() : this.source.end(), this.redrives.stop(isOnline)]);
    const handedBack = this.handBackAfter(ended, this.keepsDeliveries ? [] : this.runner.stop());
    const finished = Promise.all([handedBack, this.lastRuns(ended)]);
    await withDeadline(finished, gracePeriodMs, () => new Error('grace period')).catch(() => {
      this.logger.warn(
        `${this.definition.label} still ran ${this.runner.running} handlers after ${durationText(gracePeriodMs)} (gracePeriod). ` +
          'Their messages will be redelivered.',
      );
    });
    this.runner.stop();
    await handedBack;
    await Promise.all([this.handBack.idle(), this.redrives.idle()]);
    for (const message of this.inFlight.values()) message.abort(new Error('the application is shutting down'));
    this.inFlight.stopExtending();
    this.source.end();
  }

  /** True without acknowledgements: nothing is redelivered, so each delivery is handled here. */
  private get keepsDeliveries(): boolean {
    return this.bound.effective.ackPolicy === AckPolicy.None;
  }

  private async lastRuns(sourceEnded: Promise<unknown>): Promise<void> {
    await sourceEnded;
    await (this.keepsDeliveries ? this.runner.drain() : this.runner.idle());
  }

  private listener(): MessageListener {
    return {
      receive: (received) => this.receive(received),
      ready: (message) => this.runner.add(message),
      lost: (reason) => this.recovery.begin(reason),
      blocked: (reason) => this.setBlocked(reason),
      handBack: (messages) => this.handBack.add(messages),
      abandon: (messages) => this.abandon(messages),
    };
  }

  private receive(received: Msg): JetStreamMessage | undefined {
    return this.admit(new JetStreamMessage(received, this.origin));
  }

  /** Returns undefined for a message that needs no handling. */
  private admit(message: JetStreamMessage): JetStreamMessage | undefined {
    const arrival = this.inFlight.receive(message);
    if (arrival === 'duplicate') {
      // The ack wait may have been shortened on the server.
      void this.observe();
      return undefined;
    }
    if (arrival === 'acknowledged') {
      message.ack();
      return undefined;
    }
    if (!this.stopped || this.keepsDeliveries) return message;
    this.handBack.add([message]);
    return undefined;
  }

  private begin(message: JetStreamMessage): boolean {
    if (!this.mayRun(message)) return false;
    this.inFlight.begin(message);
    return true;
  }

  private mayRun({ state }: JetStreamMessage): boolean {
    return state === 'waiting' && this.source.mayBegin();
  }

  private finished(message: JetStreamMessage): void {
    if (this.inFlight.release(message)) this.freeSlotOf(message);
  }

  private settled(message: JetStreamMessage): void {
    const isHandedBack = message.settledAs === 'nak';
    if (message.history) {
      if (!isHandedBack) this.redrives.settled(message as RedrivenMessage);
    } else if (isHandedBack) {
      this.source.handedBack(message);
    }
    if (this.inFlight.settle(message)) this.freeSlotOf(message);
  }

  private freeSlotOf({ history }: JetStreamMessage): void {
    if (history) this.redrives.release();
    else this.source.release();
  }

  /** Waits for the last redeliveries, so that they are recorded too. */
  private async handBackAfter(ended: Promise<unknown>, messages: readonly JetStreamMessage[]): Promise<void> {
    await ended;
    this.handBack.add(messages);
    await this.handBack.idle();
  }

  private setBlocked(reason: string | undefined): void {
    const { label } = this.definition;
    if (reason !== undefined && reason !== this.blocked)
      this.logger.error(
        `${label} receives no messages of stream '${this.stream}', because the server refuses ` +
          `its requests (${reason}). Trying again.`,
      );
    this.blocked = reason;
  }

  private abandon(messages: readonly JetStreamMessage[]): void {
    const { label } = this.definition;
    this.logger.warn(`${label}: the server did not answer. Another instance may have ${namesOf(messages)}.`);
    const reason = new Error('the server did not answer, so another instance may have this message');
    for (const message of messages) if (this.inFlight.abandon(message, reason)) this.freeSlotOf(message);
  }

  private overdue(messages: readonly JetStreamMessage[]): void {
    const { label, settings } = this.definition;
    const limit = `${durationText(settings.maxProcessingTimeMs)} (maxProcessingTime)`;
    const verb = messages.length === 1 ? 'The message' : 'The messages';
    this.logger.error(`${label} did not finish ${namesOf(messages)} within ${limit}. ${verb} will be redelivered.`);
    for (const message of messages) {
      message.abort(new Error(`the handler ran longer than ${limit}`));
      this.freeSlotOf(message);
    }
  }

  /** Shortest time after which the server redelivers a message of this consumer. */
  private get ackWaitMs(): number {
    const { ackWaitMs = this.definition.settings.ackWaitMs } = this.bound.effective;
    return Math.min(ackWaitMs, this.redrives.ackWaitMs);
  }

  private changed(change: BoundChange): void {
    const { effective, maxDeliver, created } = this.bound;
    if (effective.ackWaitMs !== undefined) this.inFlight.extendWithin(this.ackWaitMs);
    this.slot.maxDeliver = maxDeliver;
    const codec = effective.hasBodies ? this.session.codec : undefined;
    this.origin = { ...this.origin, codec, consumerCreated: created };
    if (!isDeepStrictEqual(change.before, effective)) this.source.configured();
    if (change.isReplaced) this.replaced ??= this.created;
    this.created = this.bound.created;
  }

  private async restored(restoration: Restoration): Promise<void> {
    this.taken = undefined;
    if (restoration.is === 'recreated') {
      this.replaced = undefined;
      this.inFlight.recreated();
    } else if (restoration.is === 'stream recreated') {
      this.replaced = undefined;
      this.dropStale();
    } else if (this.replaced !== undefined) {
      await this.adoptRecreation().catch((error: unknown) => this.recovery.begin(failureText(error)));
    } else {
      this.inFlight.observe(this.bound.info);
    }
    const { allRequestsTaken } = this.bound;
    this.setBlocked(allRequestsTaken);
    this.source.restart(allRequestsTaken !== undefined);
    this.redrives.follow();
  }

  /** Follows a recreation by another process. Resolves to true if there was one. */
  private async adoptRecreation(): Promise<boolean> {
    const { replaced, bound } = this;
    if (replaced === undefined) return false;
    const { created } = await this.open.manager.streams.info(bound.stream);
    this.replaced = undefined;
    if (new Date(created) <= new Date(replaced)) this.inFlight.recreatedElsewhere(bound.info);
    else this.dropStale();
    return true;
  }

  private dropStale(): void {
    const messages = this.inFlight.streamRecreated(this.bound.info);
    if (messages.length === 0) return;
    this.logger.warn(
      `${this.definition.label}: stream '${this.bound.stream}' was recreated. ${namesOf(messages)} of the old stream ` +
        'will not be acknowledged.',
    );
  }
}
