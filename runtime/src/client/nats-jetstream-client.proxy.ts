import { Logger, type OnApplicationShutdown } from '@nestjs/common';
import { ClientProxy, type ReadPacket, type WritePacket } from '@nestjs/microservices';
import type { NatsConnection } from '@nats-io/transport-node';
import { defer, finalize, lastValueFrom, type Observable } from 'rxjs';
import { isClosedConnection } from '../connection/closed-connection';
import type { ConnectionEvents, ConnectionStatus } from '../connection/jetstream-connection';
import { timerMillis, type Duration } from '../duration/duration';
import { InvalidOptionError } from '../errors/configuration.errors';
import { ConnectionClosedError } from '../errors/connection.errors';
import { createSession, type SessionOptions } from '../session/create-session';
import { JetStreamSession } from '../session/jetstream-session';
import type { EventArgument, StatedSubject, SubjectArgument } from '../subject/subject-argument';
import { assertPublishSubject } from '../subject/subject-syntax';
import { requestReply } from './core-request';
import { copyHeaders } from './message-headers';
import { NatsJetStreamRecord } from './nats-jetstream.record';
import type { NatsJetStreamPubAck } from './pub-ack';
import { prepareEvent, Publication, type PreparedEvent, type PublishOutcome } from './publish';
import { assertPublishDefaults, type PublishDefaults, type PublishOptions } from './publish-options';
import { checkedRequest, type RequestOptions } from './request-options';
import { SendRoutes } from './send-routes';
import { InFlight } from './in-flight';
import { EmittedEvent } from './emitted-event';

/** Options of a client, besides those of the session that it may share. */
export interface ClientSettings {
  /** Defaults for every message: `headers`, `timeout`, `retries`, `ttl` and `expect.streamName`. Default: none. */
  jetStreamPublishOptions?: PublishDefaults;
  /**
   * Maximum number of events that wait for their PubAck at the same time. Further events wait, and their `timeout` begins when they are sent.
   * Default 4,000.
   */
  maxInFlight?: number;
  /**
   * How long `close()` waits, as at the end of the application, for PubAcks and replies that are underway: ms or `'5s'`. Default 5 s. Those that
   * do not come in time end with `PUBLISH_UNCONFIRMED` and `REQUEST_UNANSWERED`.
   */
  closeTimeout?: Duration;
}

/** Options of a client made by hand, and the part of `register` that is about publishing. */
export interface NatsJetStreamClientOptions extends SessionOptions, ClientSettings {}

/**
 * Publishes events to JetStream, and sends requests over core NATS. Injectable wherever `NatsJetStreamTransport` is
 * registered; `new NatsJetStreamClientProxy(options)` makes one by hand, which shares a connection with whoever has the same
 * `connectionOptions`.
 */
export class NatsJetStreamClientProxy
  extends ClientProxy<ConnectionEvents, ConnectionStatus>
  implements OnApplicationShutdown
{
  private readonly logger = new Logger('NatsJetStreamClientProxy');
  private readonly session: JetStreamSession;
  private readonly sendRoutes: SendRoutes;
  // Private to the runtime too: it holds keys, which no log of this object may show.
  #connection: NatsConnection | undefined;
  private readonly bookkeeping = {
    ended: (): void => {
      this.inFlight.release();
      this.inFlight.end();
    },
    failure: (subject: string, error: unknown): unknown => this.toFailure(publishTo(subject), error),
  };
  private readonly publishDefaults: PublishDefaults;
  private readonly closeTimeoutMs: number;
  private readonly inFlight: InFlight<PreparedEvent>;
  private closed: Promise<void> | undefined;

  /** @throws InvalidOptionError (`INVALID_OPTION`), StreamDeclaredTwiceError (`STREAM_DECLARED_TWICE`) */
  constructor(
    options: NatsJetStreamClientOptions | JetStreamSession = {},
    settings: ClientSettings = options instanceof JetStreamSession ? {} : options,
  ) {
    super();
    this.publishDefaults = settings.jetStreamPublishOptions ?? {};
    assertPublishDefaults(this.publishDefaults);
    this.closeTimeoutMs = timerMillis(settings.closeTimeout ?? '5s', 'closeTimeout');
    this.inFlight = new InFlight(maxInFlight(settings.maxInFlight), (event) =>
      new Publication(this.session, event, this.bookkeeping).start(),
    );
    this.session = createSession(options);
    this.sendRoutes = new SendRoutes(this.session.streams, this.logger);
  }

  /**
   * Stores an event and resolves to the server's PubAck: from then on the event is not lost.
   * An attempt waits `jetStreamOptions.timeout` (5 s) for the PubAck; there are 3, all with one message id, so an event is never stored twice.
   * @throws NoStreamForSubjectError, PublishTimeoutError, StreamFullError, PayloadTooLargeError, WrongLastSequenceError,
   * PublishRefusedError, UnserializableEventError, InvalidSubjectError, InvalidOptionError
   */
  emitAsync<TEvent = unknown, TSubject extends string = StatedSubject<TEvent>>(
    subject: SubjectArgument<TSubject>,
    event: EventArgument<TSubject> | NatsJetStreamRecord<EventArgument<TSubject>>,
    options?: PublishOptions,
  ): Promise<NatsJetStreamPubAck>;
  emitAsync(subject: string, event: unknown, options: PublishOptions = {}): Promise<NatsJetStreamPubAck> {
    return this.store(subject, event, options);
  }

  /**
   * Nest's form of {@link emitAsync}. The event is published at once, not on subscription; late subscribers get the same
   * result, and a failure that nobody subscribed to is logged with subject and message id.
   */
  override emit<TResult = NatsJetStreamPubAck, TEvent = unknown, TSubject extends string = StatedSubject<TEvent>>(
    subject: SubjectArgument<TSubject>,
    event: EventArgument<TSubject> | NatsJetStreamRecord<EventArgument<TSubject>>,
  ): Observable<TResult>;
  override emit<TResult>(subject: string, event: unknown): Observable<TResult> {
    const emitted = new EmittedEvent(subject, this.logUnobserved);
    this.submit(subject, event, {}, emitted);
    return emitted.outcome as Observable<TResult>;
  }

  /**
   * On a subject that a stream declared in this application stores: publishes and resolves to the PubAck. On any other:
   * a request over core NATS, answered by a `@MessagePattern` handler. Nothing is sent before subscription. The first use of
   * each way is logged at debug.
   * @throws as {@link emitAsync}, or NoResponderError (`NO_RESPONDER`) when no service answers.
   */
  override send<TResult = unknown, TEvent = unknown, TSubject extends string = StatedSubject<TEvent>>(
    subject: SubjectArgument<TSubject>,
    event: EventArgument<TSubject> | NatsJetStreamRecord<EventArgument<TSubject>>,
  ): Observable<TResult>;
  override send<TResult>(subject: string, event: unknown): Observable<TResult> {
    return defer(() => {
      assertPublishSubject(subject);
      return this.sendRoutes.isStored(subject)
        ? (this.store(subject, event) as Promise<TResult>)
        : this.ask<TResult>(subject, event);
    });
  }

  /**
   * Asks a `@MessagePattern` handler over core NATS and resolves to its reply, the last one when there are several. Unlike
   * `send` it never publishes to a stream: on a subject that a stream stores, that stream would answer.
   * @throws NoResponderError (`NO_RESPONDER`), RequestTimeoutError (`REQUEST_TIMEOUT`), InvalidOptionError, UnserializableEventError;
   * what the handler threw, as Nest's transports give it, otherwise
   */
  request<TReply = unknown, TEvent = unknown, TSubject extends string = StatedSubject<TEvent>>(
    subject: SubjectArgument<TSubject>,
    data: EventArgument<TSubject>,
    options?: RequestOptions,
  ): Promise<TReply | undefined>;
  async request<TReply>(subject: string, data: unknown, options: RequestOptions = {}): Promise<TReply | undefined> {
    assertPublishSubject(subject);
    const record = new NatsJetStreamRecord(data, { timeout: this.session.timeoutMs, ...options });
    return lastValueFrom(this.ask<TReply>(subject, record), { defaultValue: undefined });
  }

  /** Connects and puts the declared streams in place; done by the first `emit` or `send` otherwise. */
  async connect(): Promise<NatsConnection> {
    this.use('connect');
    ({ connection: this.#connection } = await this.session.open());
    return this.#connection;
  }

  override get status(): Observable<ConnectionStatus> {
    return this.session.connection.status;
  }

  /** Calls back at each change of the connection to this status; `status` is the same as an Observable. */
  override on<Event extends ConnectionStatus>(event: Event, callback: ConnectionEvents[Event]): void {
    this.session.connection.on(event, callback);
  }

  /**
   * Refuses what is new with ConnectionClosedError (`CONNECTION_CLOSED`), waits for what is underway for `closeTimeout`, and lets go of
   * the connection, which its last user drains. Idempotent.
   */
  close(): Promise<void> {
    this.closed ??= this.shutDown();
    return this.closed;
  }

  /** Nest's hook: closes the client with the application. */
  async onApplicationShutdown(): Promise<void> {
    await this.close();
  }

  /** The nats.js connection. @throws Error before `connect`. */
  unwrap<T = NatsConnection>(): T {
    if (!this.#connection) throw new Error('Not connected yet: await connect() before unwrap().');
    return this.#connection as T;
  }

  private readonly logUnobserved = (subject: unknown, error: unknown, messageId: string | undefined): void => {
    const id = messageId === undefined ? '' : ` (message id ${messageId})`;
    this.logger.error(`Event for '${String(subject)}'${id} failed, unobserved: ${String(error)}`);
  };

  private async shutDown(): Promise<void> {
    const left = await this.inFlight.ended(this.closeTimeoutMs);
    for (const { subject, outcome } of this.inFlight.takeWaiting()) {
      this.inFlight.end();
      outcome.failed(new ConnectionClosedError(publishTo(subject)));
    }
    if (left > 0)
      this.logger.warn(
        `Closed after ${this.closeTimeoutMs} ms (closeTimeout) with ${left} events or requests unanswered.`,
      );
    await this.session.connection.release(this);
  }

  protected override publish(packet: ReadPacket<unknown>, respond: (packet: WritePacket<unknown>) => void): () => void {
    const { event, options } = NatsJetStreamRecord.open(packet.data);
    const request = this.assignPacketId({ ...packet, data: event });
    const headers = copyHeaders(packet.metadata, options.headers);
    const inbox = this.session.connection.createInbox();
    try {
      return requestReply(this.unwrap(), inbox, request, checkedRequest({ ...options, headers }), respond);
    } catch (error) {
      throw this.toFailure(`send a request to '${request.pattern}'`, error);
    }
  }

  protected override dispatchEvent<T = NatsJetStreamPubAck>({ pattern, data }: ReadPacket<unknown>): Promise<T> {
    return this.store(String(pattern), data) as Promise<T>;
  }

  private store(subject: string, data: unknown, given: PublishOptions = {}): Promise<NatsJetStreamPubAck> {
    return new Promise((stored, failed) => this.submit(subject, data, given, { stored, failed }));
  }

  /** Publishes an event once it is encoded and there is room for it in flight. Never throws. */
  private submit(subject: string, data: unknown, given: PublishOptions, outcome: PublishOutcome): void {
    let prepared: PreparedEvent | Promise<PreparedEvent>;
    try {
      if (this.closed) throw new ConnectionClosedError(publishTo(subject));
      this.session.connection.retain(this);
      const { event, options } = this.outgoing(subject, data, given);
      prepared = prepareEvent(this.session, subject, event, options, this.publishDefaults, outcome);
    } catch (error) {
      return outcome.failed(error);
    }
    this.inFlight.begin();
    if (!(prepared instanceof Promise)) return this.inFlight.enter(prepared);
    prepared.then(
      (event) => this.inFlight.enter(event),
      (error: unknown) => {
        this.inFlight.end();
        outcome.failed(error);
      },
    );
  }

  private ask<TReply>(subject: string, data: unknown): Observable<TReply> {
    return defer(() => {
      this.use(`send a request to '${subject}'`);
      this.inFlight.begin();
      return super.send<TReply, unknown>(subject, data).pipe(finalize(() => this.inFlight.end()));
    });
  }

  private toFailure(operation: string, error: unknown): unknown {
    const { connection } = this.session;
    return isClosedConnection(error, connection.isReleased) ? connection.closedError(operation, error) : error;
  }

  private outgoing(subject: string, data: unknown, given: PublishOptions): { event: unknown; options: PublishOptions } {
    const metadata = this.dispatched(subject, data);
    const { event, options } = NatsJetStreamRecord.open(data);
    if (!metadata && event === data) return { event, options: given };
    const merged = { ...options, ...given };
    return { event, options: metadata ? { ...merged, headers: copyHeaders(metadata, merged.headers) } : merged };
  }

  /** What the hook of `setOnDispatchHook` says of a message. Nest 11 has no such hook. */
  private dispatched(pattern: string, data: unknown): Record<string, string> | undefined {
    const packet: ReadPacket<unknown> = { pattern, data };
    this.onDispatchHook?.(packet);
    return packet.metadata;
  }

  /** From its first use on, the client keeps the connection open. */
  private use(operation: string): void {
    if (this.closed) throw new ConnectionClosedError(operation);
    this.session.connection.retain(this);
  }
}

/** Of whatever was given for a subject: a symbol cannot be written into a text as it is. */
function publishTo(subject: unknown): string {
  return `publish to '${String(subject)}'`;
}

/** @throws InvalidOptionError (`INVALID_OPTION`) */
function maxInFlight(max: number = 4_000): number {
  if (Number.isSafeInteger(max) && max > 0) return max;
  throw new InvalidOptionError('maxInFlight', max, 'give a whole number above 0');
}
