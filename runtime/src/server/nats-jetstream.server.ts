import { setMaxListeners } from 'node:events';
import { Logger } from '@nestjs/common';
import { Server, type CustomTransportStrategy, type MessageHandler } from '@nestjs/microservices';
import type { JetStreamManager } from '@nats-io/jetstream';
import type { NatsConnection, Subscription } from '@nats-io/transport-node';
import type { Observable } from 'rxjs';
import type { ConnectionEvents, ConnectionStatus } from '../connection/jetstream-connection';
import type { HandlerDefinition } from '../consumer/consumer-definition';
import { BacklogReader } from '../consumer/backlog-reader';
import { ConsumerFleet } from '../consumer/fleet';
import { CONSUMER_MARK } from '../consumer/jetstream-consumer.decorator';
import { duration } from '../consumer/options/option-parsers';
import { reportOrphans } from '../consumer/provisioning/ownership';
import { storingStreams } from '../consumer/provisioning/storing-streams';
import { AttemptLedger } from '../dead-letter/attempt-ledger';
import { DeadLetters } from '../dead-letter/dead-letters';
import { prepareDeadLetters, verifyDeadLetters } from '../dead-letter/prepare-dead-letters';
import { jetStreamDisabled } from '../errors/connection.errors';
import { permissionDenied } from '../errors/permission.errors';
import type { ProvisioningMismatch } from '../errors/provisioning.errors';
import { messageHandlers } from '../handler/handle-message';
import { HandlerInvoker, ProcessingHooks } from '../handler/invoke-handler';
import { healthReport, type NatsJetStreamHealthReport } from '../health/health-report';
import { createSession } from '../session/create-session';
import type { JetStreamSession, OpenSession } from '../session/jetstream-session';
import { openWhenReachable } from '../session/open-when-reachable';
import { applicationOf } from './connected-servers';
import type { NatsJetStreamServerOptions } from './nats-jetstream-server.options';
import { warnOfMissingInit } from './missing-start';
import { respondToRequests } from './request-responder';
import { ServerHandlers } from './server-handlers';
import { NATS_JETSTREAM } from '../transport-id';

const gracePeriod = duration({ isTimer: true, suspiciousBelowMs: 1_000 });

/**
 * Nest's server side of JetStream. Each event handler is a durable consumer: its messages are
 * acknowledged after success and redelivered after failure. Each `@MessagePattern` handler answers
 * core NATS requests.
 *
 * In an application that registers `NatsJetStreamTransport`, connect it with
 * `app.connectMicroservice({ strategy: app.get(NatsJetStreamServer) })`: it shares the module's
 * connection and streams. Without the module, use `new NatsJetStreamServer(options)`.
 */
export class NatsJetStreamServer extends Server<ConnectionEvents, ConnectionStatus> implements CustomTransportStrategy {
  override readonly transportId = NATS_JETSTREAM;
  /** The transport reports a failed handler, so Nest need not report it too. */
  override readonly propagatesEventHandlerErrors = true;
  protected override readonly logger = new Logger('NatsJetStreamServer');
  private readonly session: JetStreamSession;
  private readonly gracePeriodMs: number;
  private readonly handlers: ServerHandlers;
  readonly #deadLetters = new DeadLetters();
  private readonly stopping = new AbortController();
  private readonly hooks = new ProcessingHooks(this, this.logger);
  private readonly invoker = new HandlerInvoker(this.hooks, this.logger);
  // Private at run time too: the connection and the options contain credentials, and this object
  // may be logged.
  readonly #options: NatsJetStreamServerOptions;
  readonly #attempts = new AttemptLedger();
  #fleet: ConsumerFleet | undefined;
  #responders: Subscription[] = [];
  #connection: NatsConnection | undefined;
  private closed: Promise<void> | undefined;

  /**
   * @throws InvalidOptionError (`INVALID_OPTION`), StreamDeclaredTwiceError
   * (`STREAM_DECLARED_TWICE`)
   */
  constructor(options: NatsJetStreamServerOptions = {}, session?: JetStreamSession) {
    super();
    this.#options = options;
    // Each ordered message that waits for its retry adds a listener.
    setMaxListeners(0, this.stopping.signal);
    const warnings: string[] = [];
    this.gracePeriodMs = gracePeriod(options.gracePeriod ?? '15s', 'gracePeriod', warnings);
    for (const warning of warnings) this.logger.warn(warning);
    this.handlers = new ServerHandlers(options, () => applicationOf(this));
    this.session = session ?? createSession(options);
  }

  /**
   * Registers the handlers of this connection. Each `@JetStreamConsumer` has its own consumer.
   * Plain event handlers of one subject share a consumer, which runs all of them. Nest's own chain
   * would stop at the first handler that completes without a value.
   */
  override addHandler(
    pattern: unknown,
    handler: MessageHandler<unknown, unknown, unknown>,
    isEventHandler = false,
    extras: Record<string, unknown> = {},
  ): void {
    const subject = this.normalizePattern(pattern as string);
    if (!this.handlers.add(subject, handler, isEventHandler, extras)) return;
    if (!isEventHandler) return super.addHandler(pattern, handler, false, extras);
    handler.isEventHandler = true;
    handler.extras = extras;
    // For callers of Nest's getHandlers() and getHandlerByPattern().
    if (!(CONSUMER_MARK in extras) && !this.messageHandlers.has(subject)) this.messageHandlers.set(subject, handler);
  }

  /**
   * Binds all consumers, and begins to receive messages after the bootstrap hooks of the
   * application. If no server answers yet, the application starts and binds its consumers later. An
   * invalid option, a refused connection or drift fails startup through the error of the callback.
   */
  async listen(callback: (error?: unknown) => void): Promise<void> {
    try {
      this.session.connection.retain(this);
      this.session.hasServer = true;
      const definitions = this.handlers.definitions(this.session, this.logger);
      const handlers = messageHandlers({
        deadLetters: this.#deadLetters,
        attempts: this.#attempts,
        logger: this.logger,
        handlers: this.invoker,
        telemetry: this.session.telemetry,
        stopping: this.stopping.signal,
      });
      this.#fleet = new ConsumerFleet(definitions, this.session, handlers, (open, bound) =>
        prepareDeadLetters(open, bound, this.#deadLetters, this.#attempts),
      );
      this.observe(this.#fleet);
      this.session.verification.add(async (open) => this.verify(open, definitions));
      const session = await this.session.openOrWait();
      if (session) await this.start(session);
      else void this.startWhenReachable();
      void warnOfMissingInit(this.session, this.logger, this.stopping.signal);
    } catch (error) {
      const isShuttingDown = this.stopping.signal.aborted;
      // Release everything that a failed start has opened.
      await this.close();
      // An interrupted start is not a failure.
      if (isShuttingDown) return callback();
      return callback(permissionDenied(error) ?? jetStreamDisabled(error, this.#options.jetStreamOptions) ?? error);
    }
    callback();
  }

  /**
   * Stops receiving messages at once, waits for running handlers for at most `gracePeriod`, then
   * releases the connection. Idempotent.
   */
  close(): Promise<void> {
    this.closed ??= this.shutDown();
    return this.closed;
  }

  /** Returns the present state of the transport; see `NatsJetStreamHealth`. */
  health(): NatsJetStreamHealthReport {
    const { servers, currentStatus } = this.session.connection;
    return healthReport({
      servers,
      connection: currentStatus,
      consumers: this.#fleet?.reports ?? [],
      errors: [...this.session.streamProblems, this.#deadLetters.lastError, this.#attempts.lastError],
    });
  }

  override get status(): Observable<ConnectionStatus> {
    return this.session.connection.status;
  }

  /**
   * Calls back each time the connection changes to this status. `status` is the same as an
   * Observable.
   */
  on<Event extends ConnectionStatus>(event: Event, callback: ConnectionEvents[Event]): void {
    this.session.connection.on(event, callback);
  }

  /** The nats.js connection. @throws Error before the first connection. */
  unwrap<T = NatsConnection>(): T {
    if (!this.#connection)
      throw new Error('The server is not connected yet. Await app.startAllMicroservices() before unwrap().');
    return this.#connection as T;
  }

  /** Adds the consumers to the state that the telemetry observes. */
  private observe(fleet: ConsumerFleet): void {
    const { observed, connection } = this.session;
    if (!observed) return;
    const manager = (): JetStreamManager | undefined => (connection.isOnline ? this.session.ready?.manager : undefined);
    const backlog = new BacklogReader(manager, () => fleet.bound, new Logger('NatsJetStreamTelemetry'));
    observed.observe({
      get consumers() {
        return fleet.states;
      },
      backlog: async () => backlog.read(),
    });
  }

  private async start(session: OpenSession): Promise<void> {
    this.#connection = session.connection;
    this.#deadLetters.open(session, this.session.streams);
    this.#attempts.open(session, this.session.streams);
    await this.#fleet?.bind(session);
    void this.reportOrphans(session);
    const { pending } = this.session.startHooks;
    if (pending) void pending.then((areOver) => areOver && this.receive(session));
    else this.receive(session);
  }

  private receive(session: OpenSession): void {
    if (this.stopping.signal.aborted) return;
    for (const [subject, handler] of this.messageHandlers) {
      if (!handler.isEventHandler) this.#responders.push(this.respond(session.connection, subject, handler));
    }
    this.#fleet?.receive();
  }

  /** Compares consumers and their streams with the server, for `provisioning: 'verify'`. */
  private async verify(open: OpenSession, definitions: readonly HandlerDefinition[]): Promise<ProvisioningMismatch[]> {
    const { streams } = this.session;
    const read = definitions.map(async (definition) => {
      const { names } = await storingStreams(open, streams, definition);
      return names.map((stream) => ({ stream, definition }));
    });
    const found = await Promise.all([
      this.#fleet?.verify(open) ?? [],
      verifyDeadLetters(open, (await Promise.all(read)).flat(), this.#attempts),
    ]);
    return found.flat();
  }

  private async reportOrphans({ manager, provisioning }: OpenSession): Promise<void> {
    const { id } = this.#options;
    if (!id || provisioning === 'none' || !this.#fleet) return;
    const declared = this.session.streams.all().map(({ config }) => config.name);
    const streams = new Set([...this.#fleet.streams, ...declared]);
    await reportOrphans(manager, id, [...streams], this.#fleet.durables, this.stopping.signal);
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
    this.#attempts.stop();
    await this.#fleet?.stop(this.gracePeriodMs);
    this.#deadLetters.stop();
    await this.session.connection.release(this);
  }

  private respond(connection: NatsConnection, subject: string, handler: MessageHandler): Subscription {
    return respondToRequests(connection, subject, this.#options.id, {
      telemetry: this.session.telemetry,
      logger: this.logger,
      hooks: this.hooks,
      send: (data, context, reply) => this.send(this.transformToObservable(handler(data, context)), reply),
    });
  }
}
