import { Logger, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { ClientProxy, type ReadPacket, type WritePacket } from '@nestjs/microservices';
import type { NatsConnection } from '@nats-io/transport-node';
import { defer, lastValueFrom, Observable } from 'rxjs';
import type { ConnectionEvents, ConnectionStatus } from '../connection/jetstream-connection';
import { timerMillis } from '../util/duration';
import { ConnectionClosedError, NotConnectedError } from '../errors/connection.errors';
import { createSession } from '../session/create-session';
import { JetStreamSession } from '../session/jetstream-session';
import type { AnySubject } from '../subject/event-subject';
import {
  isRequest,
  type NoReply,
  type RequestArgument,
  type RequestData,
  type StatedRequest,
} from '../subject/request-subject';
import type { EventArgument, StatedSubject, SubjectArgument } from '../subject/subject-argument';
import { assertPublishSubject } from '../subject/subject-syntax';
import {
  assertBatch,
  type BatchPublishOptions,
  type EventPairs,
  type NatsJetStreamBatchAck,
} from './batch/prepare-batch';
import {
  checkedMaxInFlight,
  shortDuplicateWindows,
  type ClientSettings,
  type NatsJetStreamClientOptions,
} from './client-options';
import type { JetStreamPublisher } from './jetstream-publisher';
import { observedRequest } from './observed-request';
import { openedEvent, type NatsJetStreamRecord, type OpenedEvent } from './nats-jetstream.record';
import type { NatsJetStreamPubAck } from './pub-ack';
import { assertPublishDefaults, attemptsMs, type PublishDefaults, type PublishOptions } from './publish-options';
import { Publisher, publishTo } from './publisher';
import { beginExchange, prepareRequest, type RequestOptions, type Respond } from './request';
import { SendRoutes } from './send-routes';
import { EmittedEvent } from './emitted-event';

/**
 * Publishes events to JetStream, and sends requests over core NATS. `NatsJetStreamTransport` makes
 * it injectable. `new NatsJetStreamClientProxy(options)` creates a client outside of it. Clients
 * and servers with the same `connectionOptions` share a connection.
 */
export class NatsJetStreamClientProxy
  extends ClientProxy<ConnectionEvents, ConnectionStatus>
  implements JetStreamPublisher, OnApplicationBootstrap, OnApplicationShutdown
{
  private readonly logger = new Logger('NatsJetStreamClientProxy');
  private readonly session: JetStreamSession;
  private readonly routes: SendRoutes;
  private readonly publishDefaults: PublishDefaults;
  private readonly closeTimeoutMs: number;
  private readonly publisher: Publisher;
  private closed: Promise<void> | undefined;

  /**
   * @throws InvalidOptionError (`INVALID_OPTION`), StreamDeclaredTwiceError
   * (`STREAM_DECLARED_TWICE`)
   */
  constructor(
    options: NatsJetStreamClientOptions | JetStreamSession = {},
    settings: ClientSettings = options instanceof JetStreamSession ? {} : options,
  ) {
    super();
    this.publishDefaults = settings.jetStreamPublishOptions ?? {};
    this.closeTimeoutMs = timerMillis(settings.closeTimeout ?? '5s', 'closeTimeout');
    const maxInFlight = checkedMaxInFlight(settings.maxInFlight);
    assertPublishDefaults(this.publishDefaults);
    this.session = createSession(options);
    this.publisher = new Publisher(this.session, maxInFlight, this.publishDefaults);
    this.routes = new SendRoutes(this.session.streams, this.logger);
  }

  /**
   * Publishes an event and resolves to its PubAck, which confirms that the event is stored. Makes
   * up to 3 attempts that wait `jetStreamOptions.timeout` (5 s) each. All attempts have the same
   * message id, so the event is not stored twice.
   * @throws NoStreamForSubjectError, PublishTimeoutError, StreamFullError, PayloadTooLargeError,
   * WrongLastSequenceError, PublishRefusedError, UnserializableEventError, InvalidSubjectError,
   * InvalidOptionError
   */
  emitAsync<TEvent = unknown, TSubject extends AnySubject = StatedSubject<TEvent>>(
    subject: SubjectArgument<TSubject>,
    event: EventArgument<TSubject> | NatsJetStreamRecord<EventArgument<TSubject>>,
    options?: PublishOptions,
  ): Promise<NatsJetStreamPubAck>;
  emitAsync(subject: string, event: unknown, options: PublishOptions = {}): Promise<NatsJetStreamPubAck> {
    return this.store(subject, event, options);
  }

  /**
   * Stores all of up to 1,000 events or none, and resolves to the PubAck of the batch. All subjects
   * must belong to one stream with `allowAtomic` (nats-server 2.12). Attempts and timeout are those
   * of {@link emitAsync}.
   * @throws BatchNotAllowedError, BatchAcrossStreamsError, BatchConflictError,
   * UnsupportedByServerError, and the errors of {@link emitAsync}
   */
  emitAll<TSubjects extends readonly string[]>(
    events: EventPairs<TSubjects>,
    options?: BatchPublishOptions,
  ): Promise<NatsJetStreamBatchAck>;
  emitAll(events: unknown, options: BatchPublishOptions = {}): Promise<NatsJetStreamBatchAck> {
    return new Promise((stored, failed) => {
      assertBatch(events);
      const opened = events.map(([subject, data]) => ({ subject, ...this.prepare(publishTo, subject, data, {}) }));
      this.publisher.publishAll(opened, options, { stored, failed });
    });
  }

  /**
   * Publishes an event like {@link emitAsync}, with Nest's signature. The event is published
   * immediately, not on subscription, and late subscribers receive the same result. A failure is
   * logged with its subject and message id if no subscriber has an error callback.
   */
  override emit<TResult = NatsJetStreamPubAck, TEvent = unknown, TSubject extends AnySubject = StatedSubject<TEvent>>(
    subject: SubjectArgument<TSubject>,
    event: EventArgument<TSubject> | NatsJetStreamRecord<EventArgument<TSubject>>,
  ): Observable<TResult>;
  override emit<TResult>(subject: string, event: unknown): Observable<TResult> {
    const emitted = new EmittedEvent(subject, this.logUnhandled);
    try {
      this.publisher.publish(subject, this.prepare(publishTo, subject, event, {}), emitted);
    } catch (error) {
      emitted.failed(error);
    }
    return emitted.outcome as Observable<TResult>;
  }

  /**
   * Publishes an event if a stream declared in this application stores the subject, and returns its
   * PubAck. Otherwise sends a request over core NATS to a `@MessagePattern` handler, and returns
   * its reply. Sends on subscription. The first use of both is logged at debug level.
   * @throws NoResponderError (`NO_RESPONDER`) if no service answers, or the errors of
   * {@link emitAsync} or {@link request}
   */
  override send<TResult = unknown, TEvent = unknown, TSubject extends string = StatedRequest<TEvent>>(
    subject: RequestArgument<TSubject, TResult>,
    event: RequestData<TSubject> | NatsJetStreamRecord<RequestData<TSubject>>,
  ): Observable<TResult>;
  override send<TResult>(subject: string, event: unknown): Observable<TResult> {
    return defer(() => {
      assertPublishSubject(subject);
      return !isRequest(subject) && this.routes.isStored(subject)
        ? (this.store(subject, event) as Promise<TResult>)
        : this.ask<TResult>(subject, event, {});
    });
  }

  /**
   * Sends a request to a `@MessagePattern` handler over core NATS and resolves to its last reply.
   * @throws NoResponderError (`NO_RESPONDER`), RequestTimeoutError (`REQUEST_TIMEOUT`),
   * RequestedStreamError (`REQUESTED_STREAM`), RequestUnansweredError (`REQUEST_UNANSWERED`),
   * PermissionDeniedError, PayloadTooLargeError, InvalidOptionError, UnserializableEventError, or
   * the error of the handler in the form of Nest's transports
   */
  request<TReply = unknown, TEvent = unknown, TSubject extends string = StatedRequest<TEvent>>(
    subject: RequestArgument<TSubject, TReply>,
    data: RequestData<TSubject> | NatsJetStreamRecord<RequestData<TSubject>>,
    options?: RequestOptions,
  ): Promise<TReply | NoReply<TSubject>>;
  async request<TReply>(subject: string, data: unknown, options: RequestOptions = {}): Promise<TReply | undefined> {
    const reply = this.ask<TReply>(subject, data, options, this.session.timeoutMs);
    return lastValueFrom(reply, { defaultValue: undefined });
  }

  /** Connects and provisions the declared streams. The first `emit` or `send` does so too. */
  async connect(): Promise<NatsConnection> {
    this.use(() => 'connect');
    const { connection } = await this.session.open();
    return connection;
  }

  override get status(): Observable<ConnectionStatus> {
    return this.session.connection.status;
  }

  /** Calls back on each change of the connection to this status, like the Observable `status`. */
  override on<Event extends ConnectionStatus>(event: Event, callback: ConnectionEvents[Event]): void {
    this.session.connection.on(event, callback);
  }

  /**
   * Closes the client. New events and requests fail with ConnectionClosedError
   * (`CONNECTION_CLOSED`). Outstanding ones have `closeTimeout` to finish. The last user of the
   * connection drains it. Idempotent.
   */
  close(): Promise<void> {
    this.closed ??= this.shutDown();
    return this.closed;
  }

  /** Warns if a duplicate window is shorter than the attempts of an event. Called by Nest. */
  onApplicationBootstrap(): void {
    const limitMs = attemptsMs(this.publishDefaults, this.session.timeoutMs);
    for (const warning of shortDuplicateWindows(this.session.streams, limitMs)) this.logger.warn(warning);
  }

  /** Closes the client with the application. Called by Nest. */
  async onApplicationShutdown(): Promise<void> {
    await this.close();
  }

  /**
   * Returns the connection of nats.js.
   * @throws NotConnectedError (`NOT_CONNECTED`) before the first connection
   */
  unwrap<T = NatsConnection>(): T {
    const { current } = this.session.connection;
    if (!current) throw new NotConnectedError();
    return current as T;
  }

  private readonly logUnhandled = (subject: unknown, error: unknown, messageId: string | undefined): void => {
    const id = messageId === undefined ? '' : ` (message id ${messageId})`;
    this.logger.error(`The event for '${String(subject)}'${id} failed without an error callback: ${String(error)}`);
  };

  private async shutDown(): Promise<void> {
    const unanswered = await this.publisher.inFlight.ended(this.closeTimeoutMs);
    this.publisher.failWaiting();
    if (unanswered > 0)
      this.logger.warn(
        `Closed after ${this.closeTimeoutMs} ms (closeTimeout) with ${unanswered} unanswered events or requests.`,
      );
    await this.session.connection.release(this);
  }

  protected override publish(
    { pattern, data }: ReadPacket<unknown>,
    respond: (packet: WritePacket<unknown>) => void,
  ): () => void {
    return this.exchange(String(pattern), data, {}, undefined, respond);
  }

  protected override dispatchEvent<T = NatsJetStreamPubAck>({ pattern, data }: ReadPacket<unknown>): Promise<T> {
    return this.store(String(pattern), data) as Promise<T>;
  }

  private store(subject: string, data: unknown, given: PublishOptions = {}): Promise<NatsJetStreamPubAck> {
    return new Promise((stored, failed) =>
      this.publisher.publish(subject, this.prepare(publishTo, subject, data, given), { stored, failed }),
    );
  }

  private ask<TReply>(
    subject: string,
    data: unknown,
    given: RequestOptions,
    defaultTimeoutMs?: number,
  ): Observable<TReply> {
    return new Observable((subscriber) =>
      this.exchange(subject, data, given, defaultTimeoutMs, this.createObserver(subscriber)),
    );
  }

  /** Sends a request and passes its replies to `respond`. Returns a function that cancels it. */
  private exchange(
    subject: string,
    data: unknown,
    given: RequestOptions,
    defaultTimeoutMs: number | undefined,
    respond: Respond,
  ): () => void {
    const { event, options } = this.prepare(requestTo, subject, data, given);
    const { id } = this.assignPacketId({ pattern: subject, data: undefined });
    const request = prepareRequest(subject, id, event, options, defaultTimeoutMs);
    const { telemetry } = this.session;
    const observed = telemetry && observedRequest(telemetry, request);
    this.publisher.inFlight.begin();
    return beginExchange(this.session, request, {
      ended: (failure) => {
        this.publisher.inFlight.end();
        observed?.ended(failure);
      },
      respond: ({ err, response, isDisposed }) =>
        respond({
          err: err && this.session.connection.failureOf(requestTo(subject), err),
          response,
          isDisposed: Boolean(isDisposed),
        }),
    });
  }

  /** Checks the subject of a message, and returns its event and options. */
  private prepare<Options extends PublishOptions | RequestOptions>(
    operation: (subject: unknown) => string,
    subject: string,
    data: unknown,
    given: Options,
  ): OpenedEvent<Options> {
    this.use(operation, subject);
    assertPublishSubject(subject);
    return openedEvent(data, given, this.dispatched(subject, data));
  }

  /** Returns the metadata of the hook of `setOnDispatchHook`, which Nest 11 does not have. */
  private dispatched(pattern: string, data: unknown): Record<string, string> | undefined {
    const packet: ReadPacket<unknown> = { pattern, data };
    this.onDispatchHook?.(packet);
    return packet.metadata;
  }

  /** Keeps the connection open after the first use. */
  private use(operation: (subject: unknown) => string, subject?: unknown): void {
    if (this.closed) throw new ConnectionClosedError(operation(subject));
    this.session.connection.retain(this);
  }
}

function requestTo(subject: unknown): string {
  return `send a request to '${String(subject)}'`;
}
