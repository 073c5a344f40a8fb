import { Logger } from '@nestjs/common';
import type { Msg } from '@nats-io/transport-node';
import { filter, skip, type Subscription } from 'rxjs';
import { failureText } from '../errors/failure-text';
import { withDeadline } from '../duration/deadline';
import { JetStreamMessage } from '../message/jetstream-message';
import type { JetStreamSession, OpenSession } from '../session/jetstream-session';
import { NatsJetStreamContext } from '../message/nats-jetstream.context';
import { AckDeadline } from './ack-deadline';
import type { ConsumerBinding } from './consumer-binding';
import type { ConsumerDefinition } from './consumer-definition';
import type { ConsumerRun, ProcessMessage } from './consumer-run';
import type { ConsumerState } from './consumer-state';
import { Lanes } from './lanes';
import { deliveryConfig } from './delivery';
import type { MessageListener, MessageSource } from './message-source';
import { PullLoop } from './pull/pull-loop';
import { PushSubscription } from './push/push-subscription';
import { Recovery } from './recovery';

const OBSERVE_EVERY_MS = 5_000;

/** Takes the messages of a bound consumer from the pull loop to the handler, and keeps count of each until it is settled. */
export class RunningConsumer<Definition extends ConsumerDefinition = ConsumerDefinition> implements ConsumerRun {
  private readonly logger = new Logger('NatsJetStreamConsumer');
  private readonly lanes: Lanes;
  private readonly deadline: AckDeadline;
  private readonly source: MessageSource;
  private readonly recovery: Recovery;
  private readonly reconnects: Subscription;
  private readonly upkeep: NodeJS.Timeout;
  private readonly overdue = new Set<JetStreamMessage>();
  /** Set while messages wait for their keys, which come in the order of the messages. */
  private lining: Promise<void> | undefined;
  private stopped = false;

  constructor(
    private readonly definition: Definition,
    private readonly session: JetStreamSession,
    private readonly open: OpenSession,
    private readonly binding: ConsumerBinding,
    private readonly process: ProcessMessage<Definition>,
  ) {
    const { settings, label } = definition;
    this.lanes = new Lanes(settings.concurrency);
    this.deadline = new AckDeadline(settings.ackWaitMs, settings.maxProcessingTimeMs, (message) =>
      this.abandon(message),
    );
    this.source = this.subscribe();
    this.recovery = new Recovery(label, binding, () => this.source.restart());
    this.reconnects = session.connection.status
      .pipe(
        skip(1),
        filter((status) => status === 'connected'),
      )
      .subscribe(() => this.recovery.begin('connected again'));
    this.upkeep = setInterval(() => void binding.observe().catch(() => undefined), OBSERVE_EVERY_MS);
  }

  get state(): ConsumerState {
    if (this.stopped) return { is: 'stopped' };
    if (this.recovery.reason !== undefined) return { is: 'recovering', reason: this.recovery.reason };
    return this.overdue.size > 0 ? { is: 'stalled', messages: this.overdue.size } : { is: 'running' };
  }

  async stop(gracePeriodMs: number): Promise<void> {
    this.stopped = true;
    this.reconnects.unsubscribe();
    this.recovery.stop();
    clearInterval(this.upkeep);
    // What still waits for its slot is handed back by `work` now, not when a slot is free.
    for (const handBack of this.lanes.clear()) void handBack();
    const ended = this.session.connection.isOnline ? this.source.stop() : this.source.end();
    const finished = Promise.all([ended, Promise.resolve(this.lining).then(async () => this.lanes.idle())]);
    await withDeadline(finished, gracePeriodMs, () => new Error('grace period')).catch(() => {
      this.logger.warn(
        `${this.definition.label}: ${this.lanes.size} handlers still ran after ${gracePeriodMs} ms. ` +
          `Their messages are delivered again.`,
      );
    });
    for (const message of this.deadline.held()) message.abort(new Error('the application ends'));
    this.deadline.stop();
  }

  private subscribe(): MessageSource {
    const { open, session, binding } = this;
    const { settings, durable, label } = this.definition;
    const { connection } = open;
    const listener: MessageListener = {
      message: (received) => this.accept(received),
      lost: (reason) => this.recovery.begin(reason),
      unsure: () => void this.recovery.check(),
      refused: (reason) => this.logger.error(`${label}: the server refused a pull: ${reason}.`),
    };
    const { kind, heartbeatMs } = settings.delivery;
    if (kind === 'push') {
      const { deliver_subject: subject = '', deliver_group: group } = deliveryConfig(
        settings.delivery,
        durable,
        this.definition.inboxPrefix,
      );
      return new PushSubscription({ connection, subject, group, heartbeatMs, prefetch: settings.prefetch }, listener);
    }
    const subject = `${open.apiPrefix}.CONSUMER.MSG.NEXT.${binding.stream}.${durable}`;
    const { prefetch } = settings;
    return new PullLoop(
      { connection, inbox: session.connection.createInbox(), subject, prefetch, heartbeatMs },
      listener,
    );
  }

  private accept(received: Msg): void {
    const { timeoutMs, codec } = this.session;
    const settled = (): void => this.onSettled(message);
    const message = new JetStreamMessage(received, this.open.connection, timeoutMs, codec, settled);
    this.deadline.hold(message);
    if (this.stopped) return message.nak();
    const alreadySettled = this.binding.position.wasSettled(message.info);
    this.binding.position.delivered(message.info);
    if (alreadySettled) return message.ack();
    this.lineUp(message);
  }

  private lineUp(message: JetStreamMessage): void {
    const run = (key?: string): void => this.lanes.run(() => this.work(message), key);
    const key = this.laneOf(message);
    if (!(key instanceof Promise) && !this.lining) return run(key);
    const lined = Promise.all([key, this.lining]).then(([known]) => {
      if (this.lining === lined) this.lining = undefined;
      if (!message.signal.aborted) run(known);
    });
    this.lining = lined;
  }

  /** A message without a usable key shares one lane with its like: too much order is the harmless side. */
  private laneOf(message: JetStreamMessage): string | undefined | Promise<string | undefined> {
    const { settings, label } = this.definition;
    const { orderBy } = settings;
    if (!orderBy) return undefined;
    const keyOf = (event: unknown): string | undefined => orderBy(event as never, new NatsJetStreamContext(message));
    const withoutKey = (error: unknown): string => {
      this.logger.warn(`${label}: '${message.subject}' (sequence ${message.seq}) has no key: ${failureText(error)}.`);
      return '';
    };
    try {
      const event = message.decode();
      return event instanceof Promise ? event.then(keyOf).catch(withoutKey) : keyOf(event);
    } catch (error) {
      return withoutKey(error);
    }
  }

  private async work(message: JetStreamMessage): Promise<void> {
    if (this.stopped) return message.nak();
    await this.process(this.definition, message);
    this.overdue.delete(message);
    this.letGo(message);
  }

  private onSettled(message: JetStreamMessage): void {
    if (message.settledAs !== 'nak') this.binding.position.settled(message.seq);
    this.letGo(message);
  }

  /** Once for each message: there is room for another. */
  private letGo(message: JetStreamMessage): void {
    if (this.deadline.letGo(message)) this.source.release();
  }

  private abandon(message: JetStreamMessage): void {
    const { label, settings } = this.definition;
    this.logger.error(
      `${label} did not finish '${message.subject}' (sequence ${message.seq}) within ${settings.maxProcessingTimeMs} ms. ` +
        `The message is delivered again.`,
    );
    this.overdue.add(message);
    message.abort(new Error(`maxProcessingTime of ${settings.maxProcessingTimeMs} ms is over`));
    this.letGo(message);
  }
}
