import { Logger } from '@nestjs/common';
import type { Msg } from '@nats-io/transport-node';
import { filter, skip, tap, type Subscription } from 'rxjs';
import { withDeadline } from '../duration/deadline';
import { DeliveryReader } from '../message/ack-subject';
import { AckWriter } from '../message/ack-writer';
import { JetStreamMessage, type MessageOrigin } from '../message/jetstream-message';
import { namesOf } from '../message/message-names';
import type { JetStreamSession, OpenSession } from '../session/jetstream-session';
import { AckDeadline } from './ack-deadline';
import type { ConsumerBinding } from './consumer-binding';
import type { ConsumerDefinition } from './consumer-definition';
import type { ConsumerRun } from './consumer-run';
import type { ConsumerState } from './consumer-state';
import type { CreateDispatch, Dispatch } from './dispatch';
import type { MessageListener, MessageSource } from './message-source';
import { PinnedOrder } from './pull/pinned-order';
import type { Pinning } from './pull/pinning';
import { PullLoop } from './pull/pull-loop';
import { PushSubscription } from './push/push-subscription';
import { Recovery } from './recovery';

const OBSERVE_EVERY_MS = 5_000;

/** Takes the messages of a bound consumer from the server to their dispatch, and keeps count of each until it is settled. */
export class RunningConsumer implements ConsumerRun {
  private readonly logger = new Logger('NatsJetStreamConsumer');
  private readonly dispatch: Dispatch;
  private readonly deadline: AckDeadline;
  private readonly origin: MessageOrigin;
  private readonly source: MessageSource;
  private readonly recovery: Recovery;
  private readonly reconnects: Subscription;
  private readonly upkeep: NodeJS.Timeout;
  private readonly overdue = new Set<JetStreamMessage>();
  private readonly order: PinnedOrder | undefined;
  private stopped = false;

  constructor(
    private readonly definition: ConsumerDefinition,
    private readonly session: JetStreamSession,
    private readonly open: OpenSession,
    private readonly binding: ConsumerBinding,
    createDispatch: CreateDispatch,
  ) {
    const { settings, label } = definition;
    this.dispatch = createDispatch((message) => this.onFinished(message));
    this.deadline = new AckDeadline(settings.ackWaitMs, settings.maxProcessingTimeMs, (messages) =>
      this.abandon(messages),
    );
    this.order = settings.pinned && this.ordered(settings.pinned);
    this.origin = {
      connection: open.connection,
      acks: new AckWriter(open.connection),
      ackTimeoutMs: session.timeoutMs,
      get codec() {
        return binding.hasBodies ? session.codec : undefined;
      },
      deliveries: new DeliveryReader(),
      pin: this.order?.pin,
      onSettled: (message) => this.onSettled(message),
    };
    this.source = this.subscribe();
    this.recovery = new Recovery(label, binding, () => this.source.restart());
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
    if (this.recovery.reason !== undefined) return { is: 'recovering', reason: this.recovery.reason };
    if (this.overdue.size > 0) return { is: 'stalled', messages: this.overdue.size };
    const { full } = this.binding;
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
    const isThere = await this.binding.observe().catch(() => true);
    if (!isThere) this.recovery.begin('its consumer is gone');
  }

  private subscribe(): MessageSource {
    const { open, session, binding } = this;
    const { settings, durable, label } = this.definition;
    const { connection } = open;
    const listener: MessageListener = {
      message: (received) => this.accept(received),
      lost: (reason) => {
        this.order?.interrupted();
        this.recovery.begin(reason);
      },
      unsure: () => void this.recovery.check(),
      refused: (reason) => this.logger.error(`${label}: the server refused a pull: ${reason}.`),
    };
    const { kind, heartbeatMs } = settings.delivery;
    if (kind === 'push') {
      const { subject, group } = binding.pushedTo;
      return new PushSubscription({ connection, subject, group, heartbeatMs, prefetch: settings.prefetch }, listener);
    }
    const subject = `${open.apiPrefix}.CONSUMER.MSG.NEXT.${binding.stream}.${durable}`;
    const { prefetch } = settings;
    const inbox = session.connection.createInbox();
    return new PullLoop({ connection, inbox, subject, prefetch, heartbeatMs, pinned: this.order?.pull }, listener);
  }

  private ordered(pinned: Pinning): PinnedOrder {
    const { open, definition, binding, deadline } = this;
    return new PinnedOrder(
      { open, definition, pinned, stream: binding.stream, info: () => binding.look(), held: () => deadline.held() },
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
    const alreadySettled = this.binding.position.wasSettled(message.deliveryNumbers);
    this.binding.position.delivered(message.deliveryNumbers);
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
    else this.binding.position.settled(message.seq);
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
