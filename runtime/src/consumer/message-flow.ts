import { Logger } from '@nestjs/common';
import { AckPolicy } from '@nats-io/jetstream';
import type { Msg } from '@nats-io/transport-node';
import { withDeadline } from '../util/deadline';
import { durationText } from '../errors/duration-text';
import { AckWriter, DeliveryReader } from '../message/ack';
import { JetStreamMessage, namesOf, type MessageOrigin } from '../message/jetstream-message';
import type { JetStreamSession, OpenSession } from '../session/jetstream-session';
import type { ConsumerLoad } from './active-consumer';
import { BatchRunner } from './batch-runner';
import type { HandlerDefinition } from './consumer-definition';
import { HandBack } from './hand-back';
import { InFlight } from './in-flight';
import type { BoundConsumer } from './provisioning/bound-consumer';
import { RedriveConsumer } from './redrive-consumer';
import { MessageRunner, type MessageHandlers, type Runner } from './runner';
import { createSource } from './source/create-source';
import type { MessageListener, MessageSource } from './source/message-source';

/** The consumer that the messages belong to. */
interface FlowListener {
  /** Called when no more messages arrive until `restart`. */
  lost(reason: string): void;
  /** Called when the server refuses to deliver, and with undefined when it delivers again. */
  blocked(reason: string | undefined): void;
  /** Called when the server redelivers a message that is in flight. */
  redelivered(): void;
}

/**
 * Moves the messages of a consumer: source → in-flight table → runner → handler. When a message is
 * settled, the table frees its slot at the source.
 */
export class MessageFlow {
  readonly inFlight: InFlight;
  private readonly logger = new Logger('NatsJetStreamConsumer');
  private readonly source: MessageSource;
  private readonly runner: Runner;
  private readonly handBack: HandBack;
  private readonly redrives: RedriveConsumer;
  private origin: MessageOrigin;
  private stopped = false;

  constructor(
    private readonly definition: HandlerDefinition,
    private readonly session: JetStreamSession,
    open: OpenSession,
    private readonly bound: BoundConsumer,
    handlers: MessageHandlers,
    private readonly listener: FlowListener,
  ) {
    const { settings } = definition;
    const { connection } = open;
    this.inFlight = new InFlight(bound.info, {
      maxDeliver: bound.maxDeliver,
      ackWaitMs: bound.effective.ackWaitMs ?? settings.ackWaitMs,
      maxProcessingTimeMs: settings.maxProcessingTimeMs,
      onOverdue: (messages) => this.overdue(messages),
    });
    this.handBack = new HandBack(async (messages, withinMs) => {
      if (this.inFlight.maxDeliver > 0) await handlers.handBack(messages, withinMs);
    });
    this.runner = settings.batch
      ? new BatchRunner(definition, settings.batch, handlers, this.inFlight, this.handBack)
      : new MessageRunner(definition, handlers, this.inFlight, this.handBack);
    const parts = { definition, session, open, bound, inFlight: this.inFlight };
    this.source = createSource(parts, this.sourceListener());
    this.origin = {
      connection,
      acks: new AckWriter(connection),
      ackTimeoutMs: session.timeoutMs,
      codec: bound.effective.hasBodies ? session.codec : undefined,
      consumerCreated: bound.created,
      deliveries: new DeliveryReader(),
      inFlight: this.inFlight,
      source: this.source,
    };
    this.redrives = new RedriveConsumer(
      { ...parts, origin: () => this.origin },
      {
        receive: (message) => this.admit(message),
        ready: (message) => this.runner.add(message),
        handBack: (messages) => this.handBack.add(messages),
        bound: () => this.inFlight.extendWithin(this.ackWaitMs),
      },
    );
  }

  get load(): ConsumerLoad {
    const { running, waiting } = this.runner;
    return this.keepsDeliveries ? { running: running + waiting, waiting: 0 } : { running, waiting };
  }

  /** Reason why redriven messages are not handled. Undefined if there is none. */
  get redriveProblem(): string | undefined {
    return this.redrives.problem;
  }

  start(): void {
    this.source.start();
    this.redrives.follow();
  }

  /** Called when the connection changed, so that deliveries may have been lost. */
  interrupted(): void {
    this.source.interrupted();
    this.redrives.suspend();
  }

  /** Stops receiving until {@link restart}. Messages in flight are finished. */
  suspend(): void {
    this.source.suspend();
    this.redrives.suspend();
  }

  /** @param isBlocked true if the listener was last called with a reason in `blocked` */
  restart(isBlocked = false): void {
    this.source.restart(isBlocked);
    this.redrives.follow();
  }

  /** Receives redriven messages, if the durable names a consumer for them now. */
  followRedrives(): void {
    this.redrives.follow();
  }

  /** Adopts the configuration of the consumer on the server. */
  configured(isChanged: boolean): void {
    const { effective, maxDeliver, created } = this.bound;
    if (effective.ackWaitMs !== undefined) this.inFlight.extendWithin(this.ackWaitMs);
    this.inFlight.maxDeliver = maxDeliver;
    const codec = effective.hasBodies ? this.session.codec : undefined;
    this.origin = { ...this.origin, codec, consumerCreated: created };
    if (isChanged) this.source.configured();
  }

  /** Stops receiving, and waits at most `gracePeriodMs` for running handlers. */
  async stop(gracePeriodMs: number): Promise<void> {
    this.stopped = true;
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

  private sourceListener(): MessageListener {
    const { listener } = this;
    return {
      receive: (received) => this.receive(received),
      admit: (received) => {
        const message = new JetStreamMessage(received, this.origin);
        return this.admit(message) ? message : undefined;
      },
      ready: (message) => this.runner.add(message),
      lost: (reason) => listener.lost(reason),
      blocked: (reason) => listener.blocked(reason),
      handBack: (messages) => this.handBack.add(messages),
      abandon: (messages) => this.abandon(messages),
    };
  }

  private receive(received: Msg): boolean {
    const message = new JetStreamMessage(received, this.origin);
    if (!this.admit(message)) return false;
    this.runner.add(message);
    return true;
  }

  /** Adds a message to the in-flight table. Returns false if it needs no handling. */
  private admit(message: JetStreamMessage): boolean {
    const arrival = this.inFlight.receive(message);
    if (arrival === 'duplicate') {
      // The ack wait may have been shortened on the server.
      this.listener.redelivered();
      return false;
    }
    if (arrival === 'acknowledged') {
      message.ack();
      return false;
    }
    if (!this.stopped || this.keepsDeliveries) return true;
    this.handBack.add([message]);
    return false;
  }

  private abandon(messages: readonly JetStreamMessage[]): void {
    const { label } = this.definition;
    this.logger.warn(`${label}: the server did not answer. Another instance may have ${namesOf(messages)}.`);
    const reason = new Error('the server did not answer, so another instance may have this message');
    for (const message of messages) this.inFlight.abandon(message, reason);
  }

  private overdue(messages: readonly JetStreamMessage[]): void {
    const { label, settings } = this.definition;
    const limit = `${durationText(settings.maxProcessingTimeMs)} (maxProcessingTime)`;
    const verb = messages.length === 1 ? 'The message' : 'The messages';
    this.logger.error(`${label} did not finish ${namesOf(messages)} within ${limit}. ${verb} will be redelivered.`);
    for (const message of messages) message.abort(new Error(`the handler ran longer than ${limit}`));
  }

  /** True without acknowledgements: nothing is redelivered, so each delivery is handled here. */
  private get keepsDeliveries(): boolean {
    return this.bound.effective.ackPolicy === AckPolicy.None;
  }

  /** Shortest time after which the server redelivers a message of this consumer. */
  private get ackWaitMs(): number {
    const { ackWaitMs = this.definition.settings.ackWaitMs } = this.bound.effective;
    return Math.min(ackWaitMs, this.redrives.ackWaitMs);
  }

  private async lastRuns(sourceEnded: Promise<unknown>): Promise<void> {
    await sourceEnded;
    await (this.keepsDeliveries ? this.runner.drain() : this.runner.idle());
  }

  /** Waits for the last redeliveries, so that they are recorded too. */
  private async handBackAfter(ended: Promise<unknown>, messages: readonly JetStreamMessage[]): Promise<void> {
    await ended;
    this.handBack.add(messages);
    await this.handBack.idle();
  }
}
