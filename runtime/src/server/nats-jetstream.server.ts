import { setMaxListeners } from 'node:events';
import { Logger } from '@nestjs/common';
import { Server, type CustomTransportStrategy, type MessageHandler } from '@nestjs/microservices';
import type { NatsConnection, Subscription } from '@nats-io/transport-node';
import type { Observable } from 'rxjs';
import type { ConnectionEvents, ConnectionStatus } from '../connection/jetstream-connection';
import type { HandlerDefinition } from '../consumer/consumer-definition';
import { ConsumerWorker } from '../consumer/consumer-worker';
import { CONSUMER_MARK } from '../consumer/jetstream-consumer.decorator';
import { reportOrphans } from '../consumer/provisioning/ownership';
import { verifyConsumer } from '../consumer/provisioning/verify-consumer';
import { AdvisoryReader } from '../dead-letter/advisory-reader';
import { DeadLetters } from '../dead-letter/dead-letters';
import { verifyDeadLetterStreams } from '../dead-letter/verify-dead-letters';
import { isUnanswered, untilAnswered } from '../session/until-answered';
import { durationMillis } from '../duration/duration';
import { permissionDenied } from '../errors/permission.errors';
import type { ProvisioningMismatch } from '../errors/provisioning.errors';
import { failureText } from '../errors/failure-text';
import { HandlerInvoker } from '../handler/invoke-handler';
import { ProcessingHooks } from '../handler/processing-hooks';
import { healthReport, type NatsJetStreamHealthReport } from '../health/health-report';
import { createSession } from '../session/create-session';
import type { JetStreamSession, OpenSession } from '../session/jetstream-session';
import { warnOfMissingInit } from '../session/missing-init';
import { openWhenReachable } from '../session/open-when-reachable';
import { ClusterHandlers } from './cluster-handlers';
import { modulesBeside, serversBeside } from './connected-servers';
import { consumerDefinitions, type EventHandler } from './consumer-definitions';
import { consumerDefaults, type NatsJetStreamServerOptions } from './nats-jetstream-server.options';
import { OfferedHandlers } from './offered-handlers';
import { processingAfterStart } from './processing-after-start';
import { respondToRequests } from './request-responder';
import { NATS_JETSTREAM } from '../transport-id';

/**
 * Nest's server side of JetStream: each event handler is a durable consumer, acknowledged after success and delivered again
 * after failure; each `@MessagePattern` handler answers core NATS requests.
 *
 * In an application that registers `NatsJetStreamTransport`: `app.connectMicroservice({ strategy: app.get(NatsJetStreamServer) })`,
 * which shares the module's connection and streams. On its own: `new NatsJetStreamServer(options)`.
 */
export class NatsJetStreamServer extends Server<ConnectionEvents, ConnectionStatus> implements CustomTransportStrategy {
  override readonly transportId = NATS_JETSTREAM;
  /** A failed handler is reported by its redelivery, so Nest need not report it too. */
  override readonly propagatesEventHandlerErrors = true;
  protected override readonly logger = new Logger('NatsJetStreamServer');
  private readonly session: JetStreamSession;
  private readonly gracePeriodMs: number;
  private readonly handlers: ClusterHandlers;
  private readonly offered = new OfferedHandlers();
  private readonly consumers: EventHandler[] = [];
  /** Plain event handlers by subject. */
  private readonly events = new Map<string, MessageHandler[]>();
  readonly #deadLetters = new DeadLetters();
  private readonly stopping = new AbortController();
  /** Default of Nest, which only calls its argument. */
  private readonly withoutHook = this.onProcessingStartHook;
  private readonly hooks = new ProcessingHooks(
    {
      areSet: () => this.onProcessingStartHook !== this.withoutHook || this.onProcessingEndHook !== undefined,
      start: (context, done) => this.onProcessingStartHook(this.transportId, context, done),
      end: (context) => this.onProcessingEndHook?.(this.transportId, context),
    },
    this.logger,
  );
  private readonly invoker = new HandlerInvoker(this.hooks, this.logger);
  // Private to the runtime too: nats.js's connection holds keys, and the options passwords, which no log of this object may show.
  readonly #options: NatsJetStreamServerOptions;
  #workers: ConsumerWorker[] = [];
  #advisories: AdvisoryReader | undefined;
  #responders: Subscription[] = [];
  #connection: NatsConnection | undefined;
  private closed: Promise<void> | undefined;

  /** @throws InvalidOptionError (`INVALID_OPTION`), StreamDeclaredTwiceError (`STREAM_DECLARED_TWICE`) */
  constructor(options: NatsJetStreamServerOptions = {}, session?: JetStreamSession) {
    super();
    this.#options = options;
    // Each ordered message that waits for its retry listens.
    setMaxListeners(0, this.stopping.signal);
    this.gracePeriodMs = durationMillis(options.gracePeriod ?? '15s', 'gracePeriod');
    this.handlers = new ClusterHandlers(options.name, () => this.ofApplication());
    this.session = session ?? createSession(options);
  }

  /**
   * Takes the handlers of its own cluster. Each `@JetStreamConsumer` is a consumer of its own. Plain event handlers of one subject share
   * a consumer, and each of them is run; Nest's own chain would end the run of one with the first that completes without a value.
   */
  override addHandler(
    pattern: unknown,
    handler: MessageHandler<unknown, unknown, unknown>,
    isEventHandler = false,
    extras: Record<string, unknown> = {},
  ): void {
    this.offered.add(String(pattern), isEventHandler, extras);
    if (!this.handlers.isOwn(String(pattern), extras)) return;
    if (!isEventHandler) return super.addHandler(pattern, handler, false, extras);
    handler.isEventHandler = true;
    handler.extras = extras;
    if (CONSUMER_MARK in extras) return void this.consumers.push({ subject: String(pattern), handler });
    const subject = this.normalizePattern(pattern as string);
    this.events.set(subject, [...(this.events.get(subject) ?? []), handler]);
    // For those who ask Nest's server for its handlers.
    if (!this.messageHandlers.has(subject)) this.messageHandlers.set(subject, handler);
  }

  /**
   * Begins to handle messages. When no server answers yet, the application starts all the same, and consumers follow as soon
   * as one does. So it is with a cluster that has no leader yet. A wrong option, a refused connection and drift on the server end the start, through the callback's error.
   */
  async listen(callback: (error?: unknown) => void): Promise<void> {
    try {
      this.session.connection.retain(this);
      this.handlers.assertNoneLost(this.logger);
      this.offered.assertComplete(modulesBeside(this));
      const definitions = consumerDefinitions(this.eventHandlers(), {
        serviceId: this.#options.id,
        defaults: consumerDefaults(this.#options),
        inboxPrefix: this.session.deliveryPrefix,
        streams: this.session.streams,
      });
      const processing = processingAfterStart(this.session.startHooks, {
        deadLetters: this.#deadLetters,
        logger: this.logger,
        handlers: this.invoker,
        stopping: this.stopping.signal,
      });
      this.#workers = definitions.map((definition) => new ConsumerWorker(definition, this.session, processing));
      this.#advisories = new AdvisoryReader(definitions, this.#options.id, this.#deadLetters);
      this.session.verification.add(async (open) => this.verify(open, definitions));
      const session = await this.session.openOrWait();
      if (session) await this.start(session);
      else void this.startWhenReachable();
      void warnOfMissingInit(this.session.startHooks, this.logger, this.stopping.signal);
    } catch (error) {
      // A start that failed leaves nothing open, and nothing running.
      await this.close();
      return callback(permissionDenied(error) ?? error);
    }
    callback();
  }

  /** Stops pulling at once, lets running handlers finish for `gracePeriod`, then lets go of the connection. Idempotent. */
  close(): Promise<void> {
    this.closed ??= this.shutDown();
    return this.closed;
  }

  /** What the transport knows of its own state at this moment; see `NatsJetStreamHealth`. */
  health(): NatsJetStreamHealthReport {
    const { servers, presentStatus } = this.session.connection;
    const consumers = this.#workers.flatMap(({ states }) => states);
    return healthReport({
      servers,
      connection: presentStatus,
      consumers,
      deadLetterTrouble: this.#deadLetters.trouble,
    });
  }

  override get status(): Observable<ConnectionStatus> {
    return this.session.connection.status;
  }

  /** Calls back at each change of the connection to this status; `status` is the same as an Observable. */
  on<Event extends ConnectionStatus>(event: Event, callback: ConnectionEvents[Event]): void {
    this.session.connection.on(event, callback);
  }

  /** The nats.js connection. @throws Error before the first connection. */
  unwrap<T = NatsConnection>(): T {
    if (!this.#connection) throw new Error('Not connected yet: await app.startAllMicroservices() before unwrap().');
    return this.#connection as T;
  }

  private ofApplication(): ClusterHandlers[] | undefined {
    const servers = serversBeside(this)?.filter((server) => server instanceof NatsJetStreamServer);
    return servers?.map(({ handlers }) => handlers);
  }

  private eventHandlers(): EventHandler[] {
    const plain = [...this.events].flatMap(([subject, [handler, ...siblings]]) =>
      handler ? [{ subject, handler, siblings }] : [],
    );
    return [...this.consumers, ...plain];
  }

  private async start(session: OpenSession): Promise<void> {
    this.#connection = session.connection;
    this.#deadLetters.open(session);
    for (const [subject, handler] of this.messageHandlers) {
      if (!handler.isEventHandler) this.#responders.push(this.respond(session.connection, subject, handler));
    }
    await Promise.all(this.#workers.map((worker) => this.begin(() => worker.start(session))));
    await this.begin(() => this.prepareDeadLetters());
    await this.begin(async () => this.#advisories?.start(this.session, session));
    void this.reportOrphans(session);
  }

  /** What JetStream does not answer to yet goes on in the background: a cluster without a leader holds up no start. */
  private async begin(part: () => Promise<void>): Promise<void> {
    const { signal } = this.stopping;
    try {
      await part();
    } catch (error) {
      if (!isUnanswered(error) || !this.session.connection.waits || signal.aborted) throw error;
      this.logger.warn(`JetStream does not answer yet (${failureText(error)}). Trying again until it does.`);
      untilAnswered(part, signal)
        .then(() => this.prepareDeadLetters())
        .catch((cause: unknown) => this.logger.error(cause));
    }
  }

  /** Now, and not at the first dead letter: what forbids it ends the start, instead of holding up a consumer some night. */
  private async prepareDeadLetters(): Promise<void> {
    const sources = this.#workers.flatMap(({ deadLettersOf }) => deadLettersOf);
    await Promise.all([...new Set(sources)].map((stream) => this.#deadLetters.prepare(stream)));
  }

  /** What `provisioning: 'verify'` finds wanting besides the declared streams. */
  private async verify(open: OpenSession, definitions: readonly HandlerDefinition[]): Promise<ProvisioningMismatch[]> {
    const { streams } = this.session;
    const found = await Promise.all([
      ...definitions.map(async (definition) => verifyConsumer(open, streams, definition)),
      verifyDeadLetterStreams(open, streams, definitions),
      this.#advisories?.verify(open, streams) ?? [],
    ]);
    return found.flat();
  }

  private async reportOrphans({ manager, provisioning }: OpenSession): Promise<void> {
    const { id } = this.#options;
    if (!id || provisioning === 'none') return;
    const bound = this.#workers.flatMap(({ streams }) => streams);
    const declared = this.session.streams.all().map(({ config }) => config.name);
    const claimed = new Set(this.#workers.map(({ durable }) => durable));
    await reportOrphans(manager, id, [...new Set([...bound, ...declared])], claimed, this.stopping.signal);
  }

  private async startWhenReachable(): Promise<void> {
    try {
      const session = await openWhenReachable(this.session, this.logger, this.stopping.signal);
      if (session && !this.closed) await this.start(session);
    } catch (error) {
      if (!this.closed) this.logger.error(error);
    }
  }

  private async shutDown(): Promise<void> {
    this.stopping.abort();
    this.handlers.end();
    this.session.startHooks.abandon();
    for (const responder of this.#responders) responder.unsubscribe();
    const consumers = [...this.#workers, ...(this.#advisories ? [this.#advisories] : [])];
    await Promise.all(consumers.map((consumer) => consumer.stop(this.gracePeriodMs)));
    this.#deadLetters.stop();
    await this.session.connection.release(this);
  }

  private respond(connection: NatsConnection, subject: string, handler: MessageHandler): Subscription {
    return respondToRequests(connection, subject, this.#options.id, {
      logger: this.logger,
      hooks: this.hooks,
      send: (data, context, reply) => this.send(this.transformToObservable(handler(data, context)), reply),
    });
  }
}
