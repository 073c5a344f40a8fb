import { setTimeout as delay } from 'node:timers/promises';
import { Logger } from '@nestjs/common';
import type { Consumer, ConsumerMessages, JsMsg } from '@nats-io/jetstream';
import { filter, skip, type Subscription } from 'rxjs';
import { withDeadline } from '../../util/deadline';
import { durationText } from '../../errors/duration-text';
import { failureText, sentence } from '../../errors/thrown-value';
import type { JetStreamMessage } from '../../message/jetstream-message';
import type { JetStreamSession, OpenSession } from '../../session/jetstream-session';
import { firstAnswer } from '../provisioning/find-consumer';
import type { ActiveConsumer, ConsumerLoad, ConsumerState } from '../active-consumer';
import type { HandlerDefinition } from '../consumer-definition';
import { beginRun } from '../in-flight';
import type { ConsumerSlot, MessageHandlers } from '../runner';
import { firstSequence, openOrdered } from './ordered-start';
import { orderedMessage } from './ordered-message';

const RETRY_PAUSE_MS = 500;
const FETCH_EXPIRES_MS = 30_000;

/**
 * Slot of an ordered consumer. It handles one message at a time and redelivers none.
 */
const SLOT: ConsumerSlot = {
  maxDeliver: 1,
  begin: (message) => {
    beginRun(message);
    return true;
  },
  pause: () => undefined,
  resume: () => true,
  hold: () => undefined,
};

/**
 * Handles the messages of a stream one after the other, without gaps, through the ordered consumer
 * of nats.js. It fetches instead of consuming, so that a slow handler holds at most `prefetch`
 * messages. It recreates the consumer after a reconnect, because a lost message is only detected
 * when the next one arrives.
 */
export class OrderedConsumer implements ActiveConsumer {
  private readonly logger = new Logger('NatsJetStreamConsumer');
  private readonly stopping = new AbortController();
  private reconnects: Subscription | undefined;
  private ended: Promise<void> | undefined;
  private batch: ConsumerMessages | undefined;
  private current: JetStreamMessage | undefined;
  private interrupted = false;
  private lastError: string | undefined;

  private constructor(
    private readonly definition: HandlerDefinition,
    private readonly session: JetStreamSession,
    private readonly open: OpenSession,
    readonly stream: string,
    private created: string,
    private next: number | undefined,
    private readonly handlers: MessageHandlers,
  ) {}

  /**
   * Creates a consumer that starts at the declared position.
   * @throws JetStreamApiError if the server refuses the consumer
   */
  static async create(
    definition: HandlerDefinition,
    session: JetStreamSession,
    open: OpenSession,
    stream: string,
    handlers: MessageHandlers,
  ): Promise<OrderedConsumer> {
    const { created } = await open.manager.streams.info(stream);
    const next = await firstSequence(open, stream, definition);
    return new OrderedConsumer(definition, session, open, stream, created, next, handlers);
  }

  get state(): ConsumerState {
    if (this.stopping.signal.aborted) return { is: 'stopped' };
    if (this.lastError !== undefined) return { is: 'recovering', reason: this.lastError };
    if (!this.ended) return { is: 'starting' };
    const { current, definition } = this;
    const isOverdue = current && performance.now() - current.runningSinceMs > definition.settings.maxProcessingTimeMs;
    return isOverdue ? { is: 'stalled', messages: 1 } : { is: 'running' };
  }

  get load(): ConsumerLoad {
    return { running: this.current ? 1 : 0, waiting: 0 };
  }

  start(): void {
    if (this.ended || this.stopping.signal.aborted) return;
    this.reconnects = this.session.connection.status
      .pipe(
        skip(1),
        filter((status) => status === 'connected'),
      )
      .subscribe(() => this.interrupt());
    this.ended = this.run();
  }

  async stop(gracePeriodMs: number): Promise<void> {
    this.stopping.abort();
    this.reconnects?.unsubscribe();
    this.batch?.stop();
    await withDeadline(Promise.resolve(this.ended), gracePeriodMs, () => new Error('grace period')).catch(() => {
      const { label } = this.definition;
      this.logger.warn(
        `${label} still ran after ${durationText(gracePeriodMs)} (gracePeriod). The shutdown continues.`,
      );
      this.current?.abort(new Error('the application is shutting down'));
    });
  }

  private interrupt(): void {
    this.interrupted = true;
    this.batch?.stop();
  }

  private async run(): Promise<void> {
    const { signal } = this.stopping;
    while (!signal.aborted) {
      try {
        this.interrupted = false;
        const consumer = await this.reopen();
        this.lastError = undefined;
        await this.handleAll(consumer);
        // Do not wait for the deletion on a server that is down.
        const deleted = consumer.delete().catch(() => false);
        if (signal.aborted) await deleted;
      } catch (error) {
        this.report(failureText(error));
        await delay(RETRY_PAUSE_MS, undefined, { signal }).catch(() => undefined);
      }
    }
  }

  private async reopen(): Promise<Consumer> {
    const { created } = await firstAnswer(() => this.open.manager.streams.info(this.stream));
    if (created !== this.created) {
      this.logger.warn(
        `${this.definition.label}: stream '${this.stream}' was recreated. The handler begins at its first message.`,
      );
      this.created = created;
      this.next = 1;
    }
    return this.create();
  }

  /** Repeats the request before it times out, because it is never answered without a leader. */
  private async create(): Promise<Consumer> {
    const created = openOrdered(this.open, this.stream, this.definition, this.next);
    try {
      return await withDeadline(created, this.session.timeoutMs / 2, () => new Error('no answer'));
    } catch (error) {
      void created.then((late) => late.delete()).catch(() => false);
      throw error;
    }
  }

  private async handleAll(consumer: Consumer): Promise<void> {
    const { prefetch, delivery } = this.definition.settings;
    while (!this.isOver) {
      this.batch = await consumer.fetch({
        max_messages: prefetch,
        expires: FETCH_EXPIRES_MS,
        idle_heartbeat: delivery.heartbeatMs ?? 0,
      });
      if (this.isOver) this.batch.stop();
      void this.watch(this.batch);
      for await (const message of this.batch) {
        if (this.isOver) break;
        await this.handle(message);
      }
    }
  }

  /**
   * Interrupts a batch that misses heartbeats while no handler runs. nats.js would keep requesting
   * from a consumer on a server that is down.
   */
  private async watch(batch: ConsumerMessages): Promise<void> {
    for await (const { type } of batch.status()) {
      if (type === 'heartbeats_missed' && this.current === undefined && this.batch === batch) this.interrupt();
    }
  }

  private get isOver(): boolean {
    return this.interrupted || this.stopping.signal.aborted;
  }

  private async handle(received: JsMsg): Promise<void> {
    if (this.next !== undefined && received.seq < this.next) return;
    this.next = received.seq + 1;
    const { timeoutMs, codec } = this.session;
    const hasBodies = this.definition.settings.serverConfig.headers_only !== true;
    const message = orderedMessage(received, this.open, timeoutMs, hasBodies ? codec : undefined);
    this.current = message;
    await this.handlers.message(this.definition, message, SLOT);
    this.current = undefined;
  }

  private report(reason: string): void {
    if (reason === this.lastError || this.stopping.signal.aborted) return;
    this.lastError = reason;
    this.logger.warn(
      `${this.definition.label} receives no messages of stream '${this.stream}': ${sentence(reason)} Trying again.`,
    );
  }
}
