import { setTimeout as delay } from 'node:timers/promises';
import { Logger } from '@nestjs/common';
import { failureText, sentence } from '../errors/thrown-value';
import { NatsJetStreamError } from '../errors/nats-jetstream.error';
import type { ProvisioningMismatch } from '../errors/provisioning.errors';
import type { JetStreamSession, OpenSession } from '../session/jetstream-session';
import { isUnanswered, retryUntilAnswered } from '../session/until-answered';
import type { TelemetryConsumer } from '../telemetry/telemetry';
import { observedState, type ActiveConsumer, type ConsumerLoad, type ConsumerState } from './active-consumer';
import { observedName, type HandlerDefinition } from './consumer-definition';
import { OrderedConsumer } from './ordered/ordered-consumer';
import { BoundConsumer } from './provisioning/bound-consumer';
import { isStreamMissing } from './provisioning/find-consumer';
import { assertReadable, storingStreams } from './provisioning/storing-streams';
import { verifyConsumer } from './provisioning/verify-consumer';
import type { MessageHandlers } from './runner';
import { SharedConsumer } from './shared-consumer';

/** Interval at which the next consumer is compared with the server. */
const OBSERVE_PERIOD_MS = 2_500;
const RETRY_PAUSE_MS = 500;
/** Interval at which further streams of a pattern are looked up. */
const LOOK_AGAIN_MS = 30_000;

/** State of a consumer and its names. */
export interface ConsumerReport {
  /** Undefined for an ephemeral consumer, which has a random name. */
  readonly durable: string | undefined;
  readonly handlerName: string;
  /** Undefined while no stream stores the subjects. */
  readonly stream: string | undefined;
  readonly state: ConsumerState;
}

/** A handler and a stream that it is bound to. */
export interface BoundHandler {
  readonly definition: HandlerDefinition;
  readonly stream: string;
}

/** Called with newly bound handlers, before they receive messages. */
export type OnBound = (open: OpenSession, bound: readonly BoundHandler[]) => Promise<void>;

/**
 * All consumers of a server. They are bound and verified before any of them receives messages, so
 * that an application that fails to start does not use up deliveries.
 */
export class ConsumerFleet {
  private readonly logger = new Logger('NatsJetStreamConsumer');
  private readonly stopping = new AbortController();
  private readonly members: readonly HandlerConsumers[];
  private readonly background = new Set<Promise<void>>();
  private monitor: NodeJS.Timeout | undefined;
  private observed = 0;
  private isReceiving = false;

  constructor(
    definitions: readonly HandlerDefinition[],
    private readonly session: JetStreamSession,
    handlers: MessageHandlers,
    private readonly onBound: OnBound,
  ) {
    this.members = definitions.map((definition) => new HandlerConsumers(definition, session, handlers));
  }

  get reports(): readonly ConsumerReport[] {
    return this.members.flatMap(({ reports }) => reports);
  }

  /** Handlers and the streams that they are bound to. */
  get bound(): readonly BoundHandler[] {
    return this.members.flatMap(({ definition, streams }) => streams.map((stream) => ({ definition, stream })));
  }

  /** State of all consumers, for telemetry. */
  get states(): readonly TelemetryConsumer[] {
    return this.members.flatMap(({ states }) => states);
  }

  /** Names of the durables of all handlers. */
  get durables(): ReadonlySet<string> {
    return new Set(this.members.map(({ definition }) => definition.durable));
  }

  /** Names of the streams that consumers are bound to. */
  get streams(): ReadonlySet<string> {
    return new Set(this.members.flatMap(({ streams }) => streams));
  }

  /** Compares all consumers with the server. Changes nothing. */
  async verify(open: OpenSession): Promise<ProvisioningMismatch[]> {
    const { streams } = this.session;
    const found = this.members.map(async ({ definition }) => verifyConsumer(open, streams, definition));
    return (await Promise.all(found)).flat();
  }

  /**
   * Binds all consumers, without receiving messages. Handlers are bound in the background if their
   * stream does not exist yet or has no leader. The service that declares the stream may start
   * later.
   * @throws AmbiguousStreamError, and the errors of {@link BoundConsumer.bind}
   */
  async bind(open: OpenSession): Promise<void> {
    await this.untilAnswered(async () => {
      const bound = await Promise.all(this.members.map((member) => member.bind(open)));
      await this.onBound(open, bound.flat());
      for (const member of this.members) this.completeLater(member, open);
      if (this.isReceiving) this.receiveAll();
    });
  }

  /** Begins to receive messages. */
  receive(): void {
    if (this.isReceiving || this.stopping.signal.aborted) return;
    this.isReceiving = true;
    this.receiveAll();
    this.monitor = setInterval(() => this.observeNext(), OBSERVE_PERIOD_MS);
  }

  /**
   * Stops receiving at once, and waits at most `gracePeriodMs` for running handlers. Idempotent.
   */
  async stop(gracePeriodMs: number): Promise<void> {
    if (this.isReceiving && !this.stopping.signal.aborted) this.reportStop();
    this.stopping.abort();
    clearInterval(this.monitor);
    await Promise.all(this.background);
    await Promise.all(this.members.map((member) => member.stop(gracePeriodMs)));
  }

  private receiveAll(): void {
    const begun = this.members.flatMap((member) => member.receive());
    if (begun.length > 0) this.logger.log(`Receiving messages: ${begun.join(', ')}.`);
  }

  private reportStop(): void {
    const loads = this.members.flatMap((member) => member.loads);
    const running = loads.reduce((sum, load) => sum + load.running, 0);
    const waiting = loads.reduce((sum, load) => sum + load.waiting, 0);
    if (loads.length > 0) this.logger.log(`Stopping: finishing ${running} handlers, returning ${waiting} messages.`);
  }

  /** Retries in the background if the cluster has no leader, so that the start does not wait. */
  private async untilAnswered(part: () => Promise<void>): Promise<void> {
    const { signal } = this.stopping;
    try {
      await part();
    } catch (error) {
      if (!isUnanswered(error) || !this.session.connection.waitsOnFirstConnect || signal.aborted) throw error;
      this.logger.warn(`JetStream does not answer yet: ${sentence(failureText(error))} Trying again.`);
      const retried = async (): Promise<void> => {
        // A request that is sent during an outage times out, so wait for the connection first.
        await this.session.connection.untilReconnected(signal);
        if (!signal.aborted) await part();
      };
      this.inBackground(retryUntilAnswered(retried, signal).catch((cause: unknown) => this.logger.error(cause)));
    }
  }

  private completeLater(member: HandlerConsumers, open: OpenSession): void {
    if (member.isComplete) return;
    const { label, subjects } = member.definition;
    if (member.streams.length === 0)
      this.logger.warn(`${label}: no stream stores '${subjects.join("', '")}' yet. Waiting for one.`);
    this.inBackground(this.complete(member, open));
  }

  private async complete(member: HandlerConsumers, open: OpenSession): Promise<void> {
    const { signal } = this.stopping;
    while (!signal.aborted && !member.isComplete) {
      // Keep the number of requests per second constant, however many handlers wait.
      const pauseMs =
        member.streams.length === 0 ? RETRY_PAUSE_MS * Math.ceil(this.background.size / 2) : LOOK_AGAIN_MS;
      await delay(pauseMs, undefined, { signal }).catch(() => undefined);
      if (signal.aborted) return;
      try {
        const bound = await member.bind(open);
        if (bound.length > 0) await this.onBound(open, bound);
        if (this.isReceiving) this.receiveAll();
      } catch (error) {
        member.report(error);
      }
    }
  }

  private inBackground(task: Promise<void>): void {
    const tracked = task.finally(() => this.background.delete(tracked));
    this.background.add(tracked);
  }

  private observeNext(): void {
    const consumers = this.members.flatMap((member) => member.observable);
    const next = consumers[this.observed++ % consumers.length];
    void next?.observe?.();
  }
}

/** The consumers of one handler: one for each stream that stores its subjects. */
class HandlerConsumers {
  private readonly logger = new Logger('NatsJetStreamConsumer');
  private readonly consumers = new Map<string, ActiveConsumer>();
  private failure: string | undefined;
  private hasLooked = false;
  private isStopped = false;
  /** False while no stream stores the subjects yet, or another one may store a part of them. */
  isComplete = false;

  constructor(
    readonly definition: HandlerDefinition,
    private readonly session: JetStreamSession,
    private readonly handlers: MessageHandlers,
  ) {}

  get streams(): readonly string[] {
    return [...this.consumers.keys()];
  }

  get observable(): readonly ActiveConsumer[] {
    return [...this.consumers.values()].filter((consumer) => 'observe' in consumer);
  }

  get loads(): readonly ConsumerLoad[] {
    return [...this.consumers.values()].map(({ load }) => load);
  }

  get reports(): readonly ConsumerReport[] {
    const { ephemeral, handlerName } = this.definition;
    const durable = ephemeral ? undefined : this.definition.durable;
    if (this.consumers.size === 0) return [{ durable, handlerName, stream: undefined, state: this.stateWithoutStream }];
    return [...this.consumers].map(([stream, { state }]) => ({ durable, handlerName, stream, state }));
  }

  get states(): readonly TelemetryConsumer[] {
    const { label: handler } = this.definition;
    const durable = observedName(this.definition);
    if (this.consumers.size === 0)
      return [{ stream: '', durable, handler, state: observedState(this.stateWithoutStream), inFlight: 0 }];
    return [...this.consumers].map(([stream, { state, load }]) => {
      const inFlight = load.running + load.waiting;
      return { stream, durable, handler, state: observedState(state), inFlight };
    });
  }

  /** Binds to all streams that are not bound yet, and returns these. */
  async bind(open: OpenSession): Promise<readonly BoundHandler[]> {
    const { definition, session, consumers } = this;
    const { names, isComplete } = await storingStreams(open, session.streams, definition);
    this.hasLooked = true;
    assertReadable(definition, [...new Set([...consumers.keys(), ...names])]);
    const bound: BoundHandler[] = [];
    for (const stream of names.filter((name) => !consumers.has(name))) {
      const consumer = await this.create(open, stream).catch((error: unknown) => {
        // The option `stream` names a missing stream, or the stream was deleted meanwhile.
        if (isStreamMissing(error)) return undefined;
        throw error;
      });
      if (!consumer) continue;
      if (this.isStopped) await consumer.stop(0);
      else consumers.set(stream, consumer);
      bound.push({ definition, stream });
    }
    this.failure = undefined;
    this.isComplete = isComplete && names.every((stream) => consumers.has(stream));
    return bound;
  }

  /** Starts the consumers, and returns a text about each one that did not receive before. */
  receive(): readonly string[] {
    const begun = [...this.consumers.values()].filter(({ state }) => state.is === 'starting');
    for (const consumer of this.consumers.values()) consumer.start();
    return begun.map(({ stream }) => startText(this.definition, stream));
  }

  async stop(gracePeriodMs: number): Promise<void> {
    this.isStopped = true;
    await Promise.all([...this.consumers.values()].map((consumer) => consumer.stop(gracePeriodMs)));
  }

  /** Logs once why a later stream could not be bound. */
  report(error: unknown): void {
    const text = failureText(error);
    // Bound consumers report a lost connection themselves.
    if (text === this.failure || (this.consumers.size > 0 && !(error instanceof NatsJetStreamError))) return;
    this.failure = text;
    this.logger.error(`${this.definition.label}: ${text}`);
  }

  private get stateWithoutStream(): ConsumerState {
    if (this.isStopped) return { is: 'stopped' };
    if (this.failure !== undefined) return { is: 'blocked', reason: this.failure };
    return { is: this.hasLooked ? 'waiting for a stream' : 'starting' };
  }

  private async create(open: OpenSession, stream: string): Promise<ActiveConsumer> {
    const { definition, session, handlers } = this;
    if (definition.settings.delivery.kind === 'ordered')
      return OrderedConsumer.create(definition, session, open, stream, handlers);
    const bound = await BoundConsumer.bind(open, stream, definition);
    return new SharedConsumer(definition, session, open, bound, handlers);
  }
}

function startText({ durable, ephemeral, handlerName, settings }: HandlerDefinition, stream: string): string {
  const mode = settings.delivery.kind === 'ordered' ? 'ordered' : `concurrency ${settings.concurrency}`;
  const details = `stream '${stream}', ${mode}`;
  return ephemeral ? `${handlerName} (${details})` : `${durable} (${handlerName}, ${details})`;
}
