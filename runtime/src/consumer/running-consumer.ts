import { isDeepStrictEqual } from 'node:util';
import { Logger } from '@nestjs/common';
import type { Msg } from '@nats-io/transport-node';
import { filter, skip, tap, type Subscription } from 'rxjs';
import { withDeadline } from '../duration/deadline';
import { ConsumerTakenError } from '../errors/consumer.errors';
import { DeliveryReader } from '../message/ack-subject';
import { AckWriter } from '../message/ack-writer';
import { JetStreamMessage, type MessageOrigin } from '../message/jetstream-message';
import { namesOf } from '../message/message-names';
import type { JetStreamSession, OpenSession } from '../session/jetstream-session';
import { AckDeadline } from './ack-deadline';
import type { ConsumerDefinition } from './consumer-definition';
import type { ConsumerRun } from './consumer-run';
import type { ConsumerState } from './consumer-state';
import type { CreateDispatch, Dispatch } from './dispatch';
import type { MessageListener, MessageSource } from './message-source';
import { PinnedOrder } from './pull/pinned-order';
import type { Pinning } from './pull/pinning';
import { PullLoop } from './pull/pull-loop';
import { PushSubscription } from './push/push-subscription';
import type { BoundChange, BoundConsumer, Restoration } from './provisioning/bound-consumer';
import { Recovery } from './provisioning/recovery';
import { StreamPosition } from './stream-position';

const OBSERVE_EVERY_MS = 5_000;

/** Takes the messages of a bound consumer from the server to their dispatch, and keeps count of each until it is settled. */
export class RunningConsumer implements ConsumerRun {
  private readonly logger = new Logger('NatsJetStreamConsumer');
  private readonly dispatch: Dispatch;
  private readonly deadline: AckDeadline;
  private readonly origin: MessageOrigin;
  private source: MessageSource;
  private position: StreamPosition;
  private readonly recovery: Recovery;
  private readonly reconnects: Subscription;
  private readonly upkeep: NodeJS.Timeout;
  private readonly overdue = new Set<JetStreamMessage>();
  private readonly order: PinnedOrder | undefined;
  private stopped = false;
  private taken: string | undefined;
  private refusal: string | undefined;

  constructor(
    private readonly definition: ConsumerDefinition,
    private readonly session: JetStreamSession,
    private readonly open: OpenSession,
    private readonly bound: BoundConsumer,
    createDispatch: CreateDispatch,
  ) {
    const { settings, label } = definition;
    this.dispatch = createDispatch((message) => this.onFinished(message));
    this.position = new StreamPosition(bound.info);
    this.deadline = new AckDeadline(this.ackWaitMs, settings.maxProcessingTimeMs, (messages) => this.abandon(messages));
    this.order = settings.pinned && this.ordered(settings.pinned);
    this.origin = {
      connection: open.connection,
      acks: new AckWriter(open.connection),
      ackTimeoutMs: session.timeoutMs,
      get codec() {
        return bound.effective.hasBodies ? session.codec : undefined;
      },
      deliveries: new DeliveryReader(),
      get consumerCreated() {
        return binding.created;
      },
      pin: this.order?.pin,
      onSettled: (message) => this.onSettled(message),
    };
    this.source = this.subscribe();
    this.recovery = new Recovery(label, bound, {
      resumeAt: () => this.position.resumeAt,
      restored: (restoration) => this.onRestored(restoration),
    });
    bound.onChange((change) => this.onChange(change));
    this.reconnects = session.connection.status
      .pipe(
        skip(1),
        tap(() => this.order?.interrupted()),
        filter((status) => status === 'connected'),
      )
      .subscribe(() => this.recovery.begin('connected again'));
    this.upkeep = setInterval(() => void this.observe(), OBSERVE_EVERY_MS);
  }

  get state(): ConsumerState {
    if (this.stopped) return { is: 'stopped' };
    const blocked = this.taken ?? this.source.refusal;
    if (blocked !== undefined) return { is: 'blocked', reason: blocked };
    if (this.recovery.reason !== undefined) return { is: 'recovering', reason: this.recovery.reason };
    if (this.overdue.size > 0) return { is: 'stalled', messages: this.overdue.size };
    const { full } = this.bound;
    // A pinned instance is meant to have all that the server gives.
    return { is: 'running', ...(full === undefined || this.order ? {} : { full }) };
  }

  async stop(gracePeriodMs: number): Promise<void> {
    this.stopped = true;
    this.reconnects.unsubscribe();
    this.recovery.stop();
    clearInterval(this.upkeep);
    // Before anything is handed back, which would make room for more.
    const ended = this.session.connection.isOnline ? this.stopSource() : this.source.end();
    this.order?.stop();
    this.dispatch.stop();
    const finished = Promise.all([ended, this.dispatch.idle()]);
    await withDeadline(finished, gracePeriodMs, () => new Error('grace period')).catch(() => {
      this.logger.warn(
        `${this.definition.label}: ${this.dispatch.running} handlers still ran after ${gracePeriodMs} ms. ` +
          `Their messages are delivered again.`,
      );
    });
    for (const message of this.deadline.held()) message.abort(new Error('the application ends'));
    this.deadline.stop();
    this.order?.end();
  }

  /** Another instance need not wait for what still runs here: it begins when that is settled. */
  private async stopSource(): Promise<void> {
    await this.source.stop();
    await this.order?.handOver();
  }

  /** Asks although it pulls nothing while its handlers have all they can hold: meanwhile a stream may drop what has no consumer. */
  private async observe(): Promise<void> {
    try {
      const exists = await this.bound.observe();
      if (this.stopped) return;
      if (!exists) return this.recovery.begin('its consumer was deleted');
      this.position.observe(this.bound.info);
      if (this.taken !== undefined) this.onReturned();
    } catch (error) {
      if (error instanceof ConsumerTakenError && !this.stopped) this.onTaken(error);
    }
  }

  /** Another service owns the durable now: what runs is finished, and no more messages are taken. */
  private onTaken(error: ConsumerTakenError): void {
    if (this.taken !== undefined) return;
    this.taken = error.message;
    this.logger.error(error.message);
    void this.source.stop();
  }

  private onReturned(): void {
    this.taken = undefined;
    this.source = this.subscribe();
  }

  private onRestored({ is }: Restoration): void {
    if (is === 'unchanged') this.position.observe(this.bound.info);
    else if (is === 'recreated') this.position.recreated();
    else this.position = new StreamPosition(this.bound.info);
    const { allRequestsTaken } = this.bound;
    if (allRequestsTaken !== undefined) this.onRefused(allRequestsTaken);
    if (this.taken === undefined) this.source.restart(allRequestsTaken);
  }

  /** The position says nothing about a consumer that another client recreated: it may belong to another stream, or replay it. */
  private onChange({ isReplaced, before }: BoundChange): void {
    const { effective, info } = this.bound;
    if (isReplaced) this.position = new StreamPosition(info);
    this.deadline.follow(this.ackWaitMs);
    if (isDeepStrictEqual(before.pushedTo, effective.pushedTo)) return this.source.limitsChanged?.();
    void this.source.stop();
    this.source = this.subscribe();
  }

  private get ackWaitMs(): number {
    return this.bound.effective.ackWaitMs ?? this.definition.settings.ackWaitMs;
  }

  private subscribe(): MessageSource {
    const { open, session, bound } = this;
    const { settings, durable } = this.definition;
    const { connection } = open;
    const listener: MessageListener = {
      message: (received) => this.accept(received),
      lost: (reason) => {
        this.order?.interrupted();
        this.recovery.begin(reason);
      },
      unsure: () => void this.recovery.check(),
      refused: (reason) => this.onRefused(reason),
    };
    const { kind, heartbeatMs } = settings.delivery;
    if (kind === 'push') {
      const { subject = '', group } = bound.effective.pushedTo ?? {};
      return new PushSubscription({ connection, subject, group, heartbeatMs, prefetch: settings.prefetch }, listener);
    }
    const subject = `${open.apiPrefix}.CONSUMER.MSG.NEXT.${bound.stream}.${durable}`;
    const { prefetch } = settings;
    const inbox = session.connection.createInbox();
    const { order } = this;
    return new PullLoop(
      {
        connection,
        inbox,
        subject,
        prefetch,
        heartbeatMs,
        pinned: order?.pull,
        get limits() {
          return bound.effective;
        },
      },
      listener,
    );
  }

  private onRefused(reason: string): void {
    const { label, durable } = this.definition;
    if (reason !== this.refusal)
      this.logger.error(
        `The server refuses requests of ${label} for messages of durable '${durable}' of stream '${this.bound.stream}' ` +
          `(${reason}). Trying again.`,
      );
    this.refusal = reason;
  }

  private ordered(pinned: Pinning): PinnedOrder {
    const { open, definition, bound, deadline } = this;
    return new PinnedOrder(
      { open, definition, pinned, stream: bound.stream, info: () => bound.look(), held: () => deadline.held() },
      {
        pass: (message) => this.dispatch.add(message),
        drop: (message) => this.letGo(message),
        leave: (messages) => this.leave(messages),
        unsettled: (count) => this.source.makeRoomFor?.(count),
      },
    );
  }

  private accept(received: Msg): void {
    const message = new JetStreamMessage(received, this.origin);
    this.deadline.hold(message);
    if (this.stopped) return message.nak();
    const alreadySettled = this.position.wasSettled(message.deliveryNumbers);
    this.position.delivered(message.deliveryNumbers);
    if (alreadySettled) return message.ack();
    if (this.order) this.order.add(message);
    else this.dispatch.add(message);
  }

  private onFinished(message: JetStreamMessage): void {
    this.overdue.delete(message);
    this.letGo(message);
  }

  private onSettled(message: JetStreamMessage): void {
    if (message.settledAs === 'nak') this.order?.handedBack(message);
    else this.position.settled(message.seq);
    this.letGo(message);
  }

  /** Once for each message: there is room for another. */
  private letGo(message: JetStreamMessage): void {
    if (this.deadline.letGo(message)) this.source.release();
  }

  private leave(messages: readonly JetStreamMessage[]): void {
    const { label } = this.definition;
    this.logger.warn(`${label}: the server did not answer. Another instance may have ${namesOf(messages)}.`);
    for (const message of messages) {
      message.leave(new Error('the server did not answer: another instance may have this message'));
      this.letGo(message);
    }
  }

  private abandon(messages: readonly JetStreamMessage[]): void {
    const { label, settings } = this.definition;
    this.logger.error(
      `${label} did not finish ${namesOf(messages)} within ${settings.maxProcessingTimeMs} ms. To be delivered again.`,
    );
    for (const message of messages) {
      this.overdue.add(message);
      message.abandon(new Error(`maxProcessingTime of ${settings.maxProcessingTimeMs} ms is over`));
      this.letGo(message);
    }
  }
}
