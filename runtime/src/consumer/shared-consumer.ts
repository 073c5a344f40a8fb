import { isDeepStrictEqual } from 'node:util';
import { Logger } from '@nestjs/common';
import { skip, type Subscription } from 'rxjs';
import { ConsumerTakenError } from '../errors/consumer.errors';
import { failureText } from '../errors/thrown-value';
import { NatsJetStreamError } from '../errors/nats-jetstream.error';
import { namesOf } from '../message/jetstream-message';
import type { JetStreamSession, OpenSession } from '../session/jetstream-session';
import type { ActiveConsumer, ConsumerLoad, ConsumerState } from './active-consumer';
import type { HandlerDefinition } from './consumer-definition';
import { MessageFlow } from './message-flow';
import type { BoundChange, BoundConsumer, Restoration } from './provisioning/bound-consumer';
import { Recovery } from './provisioning/recovery';
import type { MessageHandlers } from './runner';

/**
 * A consumer with acknowledgements. All instances of the service share its messages. This class
 * follows the consumer on the server, and {@link MessageFlow} moves its messages.
 */
export class SharedConsumer implements ActiveConsumer {
  private readonly logger = new Logger('NatsJetStreamConsumer');
  private readonly flow: MessageFlow;
  private readonly recovery: Recovery;
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
    this.created = bound.created;
    this.flow = new MessageFlow(definition, session, open, bound, handlers, {
      lost: (reason) => this.recovery.begin(reason),
      blocked: (reason) => this.setBlocked(reason),
      redelivered: () => void this.observe(),
    });
    this.recovery = new Recovery(definition, bound, {
      resumeAt: () => this.flow.inFlight.resumeAt,
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
    if (this.flow.inFlight.overdueCount > 0) return { is: 'stalled', messages: this.flow.inFlight.overdueCount };
    if (!this.reconnects) return { is: 'starting' };
    // A pinned instance normally has all unacknowledged messages.
    const full = this.definition.settings.pinned ? undefined : this.bound.full;
    const { pausedUntil } = this.bound.effective;
    const isPaused = pausedUntil !== undefined && pausedUntil.getTime() > Date.now();
    return { is: 'running', full, pausedUntil: isPaused ? pausedUntil : undefined, redrive: this.flow.redriveProblem };
  }

  get load(): ConsumerLoad {
    return this.flow.load;
  }

  start(): void {
    if (this.stopped || this.reconnects) return;
    this.reconnects = this.session.connection.status.pipe(skip(1)).subscribe((status) => {
      this.flow.interrupted();
      if (status === 'connected') this.recovery.begin('connected again');
    });
    this.flow.start();
  }

  async observe(): Promise<void> {
    if (this.isObserving || this.recovery.reason !== undefined || this.stopped) return;
    this.isObserving = true;
    try {
      const exists = await this.bound.observe();
      if (this.stopped) return;
      if (!exists) return this.recovery.begin('its consumer was deleted');
      const isReplaced = await this.adoptRecreation();
      if (!isReplaced) this.flow.inFlight.observe(this.bound.info);
      if (isReplaced || this.taken !== undefined) this.flow.restart();
      else this.flow.followRedrives();
      this.taken = undefined;
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
    this.flow.suspend();
  }

  async stop(gracePeriodMs: number): Promise<void> {
    this.stopped = true;
    this.reconnects?.unsubscribe();
    this.recovery.stop();
    await this.flow.stop(gracePeriodMs);
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

  private changed(change: BoundChange): void {
    this.flow.configured(!isDeepStrictEqual(change.before, this.bound.effective));
    if (change.isReplaced) this.replaced ??= this.created;
    this.created = this.bound.created;
  }

  private async restored(restoration: Restoration): Promise<void> {
    this.taken = undefined;
    if (restoration.is === 'recreated') {
      this.replaced = undefined;
      this.flow.inFlight.recreated();
    } else if (restoration.is === 'stream recreated') {
      this.replaced = undefined;
      this.dropStale();
    } else if (this.replaced !== undefined) {
      await this.adoptRecreation().catch((error: unknown) => this.recovery.begin(failureText(error)));
    } else {
      this.flow.inFlight.observe(this.bound.info);
    }
    const { allRequestsTaken } = this.bound;
    this.setBlocked(allRequestsTaken);
    this.flow.restart(allRequestsTaken !== undefined);
  }

  /** Follows a recreation by another process. Resolves to true if there was one. */
  private async adoptRecreation(): Promise<boolean> {
    const { replaced, bound } = this;
    if (replaced === undefined) return false;
    const { created } = await this.open.manager.streams.info(bound.stream);
    this.replaced = undefined;
    if (new Date(created) <= new Date(replaced)) this.flow.inFlight.recreatedElsewhere(bound.info);
    else this.dropStale();
    return true;
  }

  private dropStale(): void {
    const messages = this.flow.inFlight.streamRecreated(this.bound.info);
    if (messages.length === 0) return;
    this.logger.warn(
      `${this.definition.label}: stream '${this.bound.stream}' was recreated. ${namesOf(messages)} of the old stream ` +
        'will not be acknowledged.',
    );
  }
}
