import { setTimeout as delay } from 'node:timers/promises';
import type { Consumer, ConsumerMessages, JsMsg } from '@nats-io/jetstream';
import { Logger } from '@nestjs/common';
import { withDeadline } from '../duration/deadline';
import type { JetStreamSession, OpenSession } from '../session/jetstream-session';
import { AckDeadline } from './ack-deadline';
import type { ConsumerDefinition } from './consumer-definition';
import { ensureConsumer } from './ensure-consumer';
import { Slots } from './slots';

const PULL_EXPIRES_MS = 30_000;
/** Two missed heartbeats end a pull, so a dead connection or a lost pull is noticed within 10 s. */
const PULL_HEARTBEAT_MS = 5_000;
const RECOVERY_DELAY_MS = 1_000;

/**
 * Pulls the messages of one durable and hands each to `handle`, never more than `concurrency` at a time. It asks the server
 * only for as many as have a free slot, so what this process cannot work on stays available to the others.
 */
export class ConsumerWorker {
  private readonly logger = new Logger('NatsJetStreamConsumer');
  private readonly slots: Slots;
  private readonly deadline: AckDeadline;
  private readonly running = new Set<Promise<void>>();
  private readonly stopping = new AbortController();
  private pull: ConsumerMessages | undefined;
  private loop: Promise<void> = Promise.resolve();

  constructor(
    private readonly definition: ConsumerDefinition,
    private readonly session: JetStreamSession,
    private readonly handle: (definition: ConsumerDefinition, message: JsMsg) => Promise<void>,
  ) {
    this.slots = new Slots(definition.settings.concurrency);
    this.deadline = new AckDeadline(definition.settings.ackWaitMs);
  }

  /**
   * Puts the durable in place and begins to pull. Without a stream for the subject it says so, and begins when there is one:
   * the service that declares the stream may start later.
   * @throws ConsumerDriftError
   */
  async start(open: OpenSession): Promise<void> {
    const consumer = await this.bind(open);
    if (!consumer) {
      this.logger.warn(`${this.definition.label}: no stream stores '${this.definition.subject}' yet. Waiting for one.`);
    }
    this.loop = this.run(open, consumer);
  }

  /** Stops pulling at once, then waits for the handlers that run, at most `gracePeriodMs`. Idempotent. */
  async stop(gracePeriodMs: number): Promise<void> {
    this.stopping.abort();
    this.pull?.stop();
    const { label } = this.definition;
    await withDeadline(this.finish(), gracePeriodMs, () => new Error('grace period')).catch(() => {
      this.logger.warn(
        `${label}: ${this.running.size} handlers still ran after ${gracePeriodMs} ms. Their messages are delivered again.`,
      );
    });
    this.deadline.stop();
  }

  private async finish(): Promise<void> {
    await this.loop;
    await Promise.all(this.running);
  }

  private async bind({ client, manager }: OpenSession): Promise<Consumer | undefined> {
    const { subject, durable } = this.definition;
    const stream = this.session.streams.covering(subject)?.name ?? (await findStream(manager, subject));
    if (!stream) return undefined;
    await ensureConsumer(manager, stream, this.definition);
    return client.consumers.get(stream, durable);
  }

  private async run(open: OpenSession, bound: Consumer | undefined): Promise<void> {
    let consumer = bound;
    while (!this.stopping.signal.aborted) {
      try {
        consumer ??= await this.bind(open);
        if (consumer) await this.pullOnce(consumer);
        else await this.pause();
      } catch (error) {
        if (this.stopping.signal.aborted) return;
        this.logger.warn(`${this.definition.label}: ${String(error)}. Pulling again.`);
        await this.pause();
      }
    }
  }

  private async pause(): Promise<void> {
    await delay(RECOVERY_DELAY_MS, undefined, { signal: this.stopping.signal }).catch(() => undefined);
  }

  private async freeSlot(): Promise<void> {
    const giveBack = await this.slots.take();
    giveBack();
  }

  private async pullOnce(consumer: Consumer): Promise<void> {
    await this.freeSlot();
    if (this.stopping.signal.aborted) return;
    this.pull = await consumer.fetch({
      max_messages: this.slots.free,
      expires: PULL_EXPIRES_MS,
      idle_heartbeat: PULL_HEARTBEAT_MS,
    });
    if (this.stopping.signal.aborted) this.pull.stop();
    for await (const message of this.pull) {
      if (this.stopping.signal.aborted) message.nak();
      else this.accept(message);
    }
  }

  /** Not awaited by the pull: a message is held from its arrival on, also while it waits for its slot. */
  private accept(message: JsMsg): void {
    this.deadline.hold(message);
    const work = this.work(message).finally(() => {
      this.deadline.letGo(message);
      this.running.delete(work);
    });
    this.running.add(work);
  }

  private async work(message: JsMsg): Promise<void> {
    const giveBack = await this.slots.take();
    try {
      await this.handle(this.definition, message);
    } finally {
      giveBack();
    }
  }
}

async function findStream({ streams }: OpenSession['manager'], subject: string): Promise<string | undefined> {
  return (await streams.names(subject).next())[0];
}
