import { setTimeout as delay } from 'node:timers/promises';
import { Logger } from '@nestjs/common';
import type { JetStreamSession, OpenSession } from '../session/jetstream-session';
import type { JetStreamMessage } from '../message/jetstream-message';
import { BatchDispatch } from './batch/batch-dispatch';
import type { HandlerDefinition } from './consumer-definition';
import type { ConsumerRun, Processing } from './consumer-run';
import type { ConsumerState } from './consumer-state';
import { OrderedConsumer } from './ordered/ordered-consumer';
import type { Dispatch } from './dispatch';
import { MessageDispatch } from './message-dispatch';
import { RunningConsumer } from './running-consumer';
import { BoundConsumer } from './provisioning/bound-consumer';
import { isStreamMissing } from './provisioning/find-consumer';
import { storingStreams } from './provisioning/storing-streams';
import { AmbiguousStreamError } from '../errors/consumer.errors';
import { failureText } from '../errors/failure-text';
import { NatsJetStreamError } from '../errors/nats-jetstream.error';

const RETRY_PAUSE_MS = 500;

/** Pause before a pattern is looked up again: a stream that stores a part of it may be created later. */
const LOOK_AGAIN_MS = 5_000;

/**
 * The consumers of one handler, one for each stream that stores its subject: bound at start, or as soon as a stream exists, until
 * the application ends.
 */
export class ConsumerWorker {
  private readonly logger = new Logger('NatsJetStreamConsumer');
  private readonly stopping = new AbortController();
  private readonly runs = new Map<string, ConsumerRun>();
  private waiting: Promise<void> | undefined;
  private failure: string | undefined;

  constructor(
    private readonly definition: HandlerDefinition,
    private readonly session: JetStreamSession,
    private readonly processing: Processing,
  ) {}

  get durable(): string {
    return this.definition.durable;
  }

  /** Streams that it is bound to; empty while it waits for one. */
  get streams(): string[] {
    return [...this.runs.keys()];
  }

  /** Streams whose dead letters are stored in a stream. */
  get deadLettersOf(): string[] {
    return this.definition.settings.deadLetter === 'stream' ? this.streams : [];
  }

  /** State of each consumer, under the name of the handler, and of the stream where there are several. */
  get states(): { readonly label: string; readonly state: ConsumerState }[] {
    const { label } = this.definition;
    if (this.runs.size === 0) return [{ label, state: this.stateWithoutStream }];
    return [...this.runs].map(([stream, { state }]) => ({
      label: this.runs.size === 1 ? label : `${label} (stream '${stream}')`,
      state,
    }));
  }

  /**
   * Binds the durables and begins to pull. Without a stream for the subject it warns, and begins when there is one: the service
   * that declares the stream may start later.
   * @throws what {@link BoundConsumer.bind} throws; AmbiguousStreamError
   */
  async start(open: OpenSession): Promise<void> {
    const isComplete = await this.bindStreams(open);
    if (this.runs.size === 0)
      this.logger.warn(
        `${this.definition.label}: no stream stores '${this.definition.subjects.join("', '")}' yet. Waiting for one.`,
      );
    if (!isComplete) this.waiting = this.lookForStreams(open);
  }

  /** Stops pulling at once and hands back waiting messages, then waits at most `gracePeriodMs` for running handlers. Idempotent. */
  async stop(gracePeriodMs: number): Promise<void> {
    this.stopping.abort();
    await this.waiting;
    await Promise.all([...this.runs.values()].map((run) => run.stop(gracePeriodMs)));
  }

  private get stateWithoutStream(): ConsumerState {
    if (this.stopping.signal.aborted) return { is: 'stopped' };
    if (this.failure !== undefined) return { is: 'blocked', reason: this.failure };
    return { is: this.waiting ? 'waiting for a stream' : 'starting' };
  }

  /** Resolves to true when no other stream can store a part of the subjects. */
  private async bindStreams(open: OpenSession): Promise<boolean> {
    const { definition, session, stopping } = this;
    const { names: streams, isComplete } = await storingStreams(open, session.streams, definition);
    const found = [...new Set([...this.runs.keys(), ...streams])];
    const reason = found.length > 1 ? oneStreamOnly(definition) : undefined;
    if (reason !== undefined) throw new AmbiguousStreamError(definition.label, definition.subjects, found, reason);
    for (const stream of streams.filter((name) => !this.runs.has(name))) {
      const run = await this.run(open, stream).catch((error: unknown) => {
        // It was named with the option `stream`, or deleted meanwhile.
        if (isStreamMissing(error)) return undefined;
        throw error;
      });
      if (!run) continue;
      if (stopping.signal.aborted) await run.stop(0);
      else this.runs.set(stream, run);
    }
    return isComplete && streams.every((stream) => this.runs.has(stream));
  }

  private async run(open: OpenSession, stream: string): Promise<ConsumerRun> {
    const { definition, session, processing } = this;
    if (definition.settings.delivery.kind === 'ordered')
      return OrderedConsumer.start(definition, session, open, stream, processing.message);
    const bound = await BoundConsumer.bind(open, stream, definition);
    return new RunningConsumer(definition, session, open, bound, (finished) => this.dispatch(finished));
  }

  private dispatch(finished: (message: JetStreamMessage) => void): Dispatch {
    const { definition, processing } = this;
    const { batch } = definition.settings;
    return batch
      ? new BatchDispatch(definition, batch, processing.batch, processing.undecodable, finished)
      : new MessageDispatch(definition, processing.message, finished);
  }

  /** Ends with the first stream, or never for a pattern that later streams may store a part of. */
  private async lookForStreams(open: OpenSession): Promise<void> {
    const { signal } = this.stopping;
    while (!signal.aborted) {
      const pauseMs = this.runs.size === 0 ? RETRY_PAUSE_MS : LOOK_AGAIN_MS;
      await delay(pauseMs, undefined, { signal }).catch(() => undefined);
      if (signal.aborted) return;
      try {
        const isComplete = await this.bindStreams(open);
        this.failure = undefined;
        if (isComplete) return;
      } catch (error) {
        this.report(error);
      }
    }
  }

  private report(error: unknown): void {
    const text = failureText(error);
    const isRefusal = error instanceof NatsJetStreamError;
    // The consumers that are bound report a lost connection themselves.
    if (text === this.failure || (this.runs.size > 0 && !isRefusal)) return;
    this.failure = text;
    this.logger.error(`${this.definition.label}: ${text}`);
  }
}

/** Reason why a handler cannot read several streams; undefined when it can. */
function oneStreamOnly({ settings }: HandlerDefinition): string | undefined {
  const { delivery, orderBy } = settings;
  if (delivery.kind === 'ordered') return 'an ordered consumer keeps the order of one stream';
  if (delivery.kind === 'push') return 'a push consumer delivers one stream to its subject';
  return orderBy && 'orderBy keeps the order of one stream';
}
