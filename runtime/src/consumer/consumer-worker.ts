import { setTimeout as delay } from 'node:timers/promises';
import { Logger } from '@nestjs/common';
import type { JetStreamSession, OpenSession } from '../session/jetstream-session';
import type { JetStreamMessage } from '../message/jetstream-message';
import { BatchDispatch } from './batch/batch-dispatch';
import { ConsumerBinding } from './consumer-binding';
import type { HandlerDefinition } from './consumer-definition';
import type { ConsumerRun, Processing } from './consumer-run';
import type { ConsumerState } from './consumer-state';
import { OrderedConsumer } from './ordered/ordered-consumer';
import type { Dispatch } from './dispatch';
import { MessageDispatch } from './message-dispatch';
import { RunningConsumer } from './running-consumer';
import { storingStream } from './storing-stream';

const RETRY_PAUSE_MS = 500;

/** The life of one handler's consumer: bound at start, or as soon as its stream exists, until the application ends. */
export class ConsumerWorker {
  private readonly logger = new Logger('NatsJetStreamConsumer');
  private readonly stopping = new AbortController();
  private bound: string | undefined;
  private running: ConsumerRun | undefined;
  private waiting: Promise<void> | undefined;

  constructor(
    private readonly definition: HandlerDefinition,
    private readonly session: JetStreamSession,
    private readonly processing: Processing,
  ) {}

  get label(): string {
    return this.definition.label;
  }

  get durable(): string {
    return this.definition.durable;
  }

  /** The stream that it is bound to; undefined while it waits for one. */
  get stream(): string | undefined {
    return this.bound;
  }

  /** The stream whose dead letters are to be stored; undefined when something else becomes of them. */
  get deadLettersOf(): string | undefined {
    return this.definition.settings.deadLetter === 'stream' ? this.bound : undefined;
  }

  get state(): ConsumerState {
    if (this.running) return this.running.state;
    if (this.stopping.signal.aborted) return { is: 'stopped' };
    return { is: this.waiting ? 'waiting for a stream' : 'starting' };
  }

  /**
   * Puts the durable in place and begins to pull. Without a stream for the subject it says so, and begins when there is one:
   * the service that declares the stream may start later.
   * @throws ConsumerDriftError
   */
  async start(open: OpenSession): Promise<void> {
    if (await this.tryToRun(open)) return;
    this.logger.warn(
      `${this.definition.label}: no stream stores '${this.definition.subjects.join("', '")}' yet. Waiting for one.`,
    );
    this.waiting = this.waitForStream(open);
  }

  /** Stops pulling at once and hands back what waits, then lets what runs finish, at most `gracePeriodMs`. Idempotent. */
  async stop(gracePeriodMs: number): Promise<void> {
    this.stopping.abort();
    await this.waiting;
    await this.running?.stop(gracePeriodMs);
  }

  private async tryToRun(open: OpenSession): Promise<boolean> {
    const { definition, session, processing } = this;
    const stream = await storingStream(open, session.streams, definition);
    if (stream === undefined) return false;
    const running =
      definition.settings.delivery.kind === 'ordered'
        ? await OrderedConsumer.start(definition, session, open, stream, processing.message)
        : new RunningConsumer(
            definition,
            session,
            open,
            await ConsumerBinding.create(open, stream, definition),
            (finished) => this.dispatch(finished),
          );
    if (this.stopping.signal.aborted) {
      await running.stop(0);
      return false;
    }
    this.running = running;
    this.bound = stream;
    return true;
  }

  private dispatch(finished: (message: JetStreamMessage) => void): Dispatch {
    const { definition, processing } = this;
    const { batch } = definition.settings;
    return batch
      ? new BatchDispatch(definition, batch, processing.batch, processing.undecodable, finished)
      : new MessageDispatch(definition, processing.message, finished);
  }

  private async waitForStream(open: OpenSession): Promise<void> {
    const { signal } = this.stopping;
    while (!signal.aborted) {
      await delay(RETRY_PAUSE_MS, undefined, { signal }).catch(() => undefined);
      if (signal.aborted) return;
      const found = await this.tryToRun(open).catch((error: unknown) => {
        this.logger.error(`${this.definition.label}: ${String(error)}`);
        return false;
      });
      if (found) return;
    }
  }
}
