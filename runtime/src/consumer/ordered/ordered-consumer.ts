import { setTimeout as delay } from 'node:timers/promises';
import { Logger } from '@nestjs/common';
import type { Consumer, ConsumerMessages, JsMsg } from '@nats-io/jetstream';
import { filter, skip, type Subscription } from 'rxjs';
import { withDeadline } from '../../duration/deadline';
import { failureText } from '../../errors/failure-text';
import { sentence } from '../../errors/sentence';
import type { JetStreamMessage } from '../../message/jetstream-message';
import type { JetStreamSession, OpenSession } from '../../session/jetstream-session';
import { firstAnswer } from '../provisioning/find-consumer';
import type { ConsumerRun, ProcessMessage } from '../consumer-run';
import type { HandlerDefinition } from '../consumer-definition';
import type { ConsumerState } from '../consumer-state';
import { firstSequence, openOrdered } from './ordered-start';
import { orderedMessage } from './ordered-message';

const RETRY_PAUSE_MS = 500;
const FETCH_EXPIRES_MS = 30_000;

/**
 * Takes a stream's messages to the handler one after the other, without a gap, through nats.js's ordered consumer. It fetches
 * instead of consuming, so that a slow handler holds no more than `prefetch` messages; and makes the consumer anew after a
 * reconnect, because a message lost on the wire shows only by the one that follows.
 */
export class OrderedConsumer implements ConsumerRun {
  private readonly logger = new Logger('NatsJetStreamConsumer');
  private readonly stopping = new AbortController();
  private readonly reconnects: Subscription;
  private readonly ended: Promise<void>;
  private batch: ConsumerMessages | undefined;
  private current: JetStreamMessage | undefined;
  private interrupted = false;
  private trouble: string | undefined;

  private constructor(
    private readonly definition: HandlerDefinition,
    private readonly session: JetStreamSession,
    private readonly open: OpenSession,
    private readonly stream: string,
    private created: string,
    private next: number | undefined,
    private readonly process: ProcessMessage<HandlerDefinition>,
  ) {
    this.reconnects = session.connection.status
      .pipe(
        skip(1),
        filter((status) => status === 'connected'),
      )
      .subscribe(() => this.interrupt());
    this.ended = this.run();
  }

  /** @throws JetStreamApiError when the server refuses the consumer. */
  static async start(
    definition: HandlerDefinition,
    session: JetStreamSession,
    open: OpenSession,
    stream: string,
    process: ProcessMessage<HandlerDefinition>,
  ): Promise<OrderedConsumer> {
    const { created } = await open.manager.streams.info(stream);
    const next = await firstSequence(open, stream, definition);
    return new OrderedConsumer(definition, session, open, stream, created, next, process);
  }

  get state(): ConsumerState {
    if (this.stopping.signal.aborted) return { is: 'stopped' };
    return this.trouble === undefined ? { is: 'running' } : { is: 'recovering', reason: this.trouble };
  }

  async stop(gracePeriodMs: number): Promise<void> {
    this.stopping.abort();
    this.reconnects.unsubscribe();
    this.batch?.stop();
    await withDeadline(this.ended, gracePeriodMs, () => new Error('grace period')).catch(() => {
      const { label } = this.definition;
      this.logger.warn(`${label}: its handler still ran after ${gracePeriodMs} ms. It is not waited for.`);
      this.current?.abort(new Error('the application ends'));
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
        this.trouble = undefined;
        await this.takeFrom(consumer);
        // One that the server does not know any more need not be deleted; one on a node that is down is not waited for.
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
        `${this.definition.label}: stream '${this.stream}' was made anew. It begins at the start of it.`,
      );
      this.created = created;
      this.next = 1;
    }
    return this.create();
  }

  /** While the cluster has no leader nobody answers, and the leader that comes then was not asked. */
  private async create(): Promise<Consumer> {
    const created = openOrdered(this.open, this.stream, this.definition, this.next);
    try {
      return await withDeadline(created, this.session.timeoutMs / 2, () => new Error('no answer'));
    } catch (error) {
      void created.then((late) => late.delete()).catch(() => false);
      throw error;
    }
  }

  private async takeFrom(consumer: Consumer): Promise<void> {
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
   * Nothing comes, not even heartbeats, and no handler keeps the batch from ending: nats.js would ask for the consumer, of which the
   * cluster knows as long as the node that had it is down, and wait.
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
    await new Promise<unknown>((done) => this.process(this.definition, message, done));
    this.current = undefined;
  }

  private report(reason: string): void {
    if (reason === this.trouble || this.stopping.signal.aborted) return;
    this.trouble = reason;
    this.logger.warn(
      `${this.definition.label}: no messages from stream '${this.stream}': ${sentence(reason)} Trying again.`,
    );
  }
}
