import { randomUUID } from 'node:crypto';
import { Logger, type OnApplicationShutdown } from '@nestjs/common';
import { ClientProxy, type ReadPacket, type WritePacket } from '@nestjs/microservices';
import type { NatsConnection } from '@nats-io/transport-node';
import { defer, Observable } from 'rxjs';
import type { ConnectionEvents, ConnectionStatus } from '../connection/jetstream-connection';
import { ConnectionClosedError } from '../errors/connection.errors';
import { createSession, type SessionOptions } from '../session/create-session';
import type { JetStreamSession } from '../session/jetstream-session';
import type { SubjectOf } from '../subject/subject';
import { requestReply } from './core-request';
import type { NatsJetStreamPubAck } from './pub-ack';
import { publishEvent } from './publish-event';

export type NatsJetStreamClientOptions = SessionOptions;

/**
 * Publishes events to JetStream, and sends requests over core NATS. Injectable wherever `NatsJetStreamTransport` is
 * registered; `new NatsJetStreamClientProxy(options)` makes one with a connection of its own.
 */
export class NatsJetStreamClientProxy
  extends ClientProxy<ConnectionEvents, ConnectionStatus>
  implements OnApplicationShutdown
{
  private readonly logger = new Logger('NatsJetStreamClientProxy');
  private readonly session: JetStreamSession;
  private connection: NatsConnection | undefined;
  private closed = false;

  constructor(options: NatsJetStreamClientOptions | JetStreamSession = {}) {
    super();
    this.session = createSession(options);
    this.session.connection.retain(this);
  }

  /**
   * Stores an event and resolves to the server's PubAck: from then on the event is not lost.
   * An attempt waits `jetStreamOptions.timeout` (5 s) for the PubAck; there are 3, all with one message id, so an event is never stored twice.
   * @throws NoStreamForSubjectError, PublishTimeoutError, PublishRefusedError, UnserializableEventError, InvalidSubjectError
   */
  emitAsync<TEvent = unknown>(subject: SubjectOf<TEvent>, event: NoInfer<TEvent>): Promise<NatsJetStreamPubAck> {
    return this.store(subject, event, randomUUID());
  }

  /**
   * Nest's form of {@link emitAsync}. The event is published at once, not on subscription; late subscribers get the same
   * result, and a failure that nobody subscribed to is logged with subject and message id.
   */
  override emit<TResult = NatsJetStreamPubAck, TEvent = unknown>(
    subject: SubjectOf<TEvent>,
    event: NoInfer<TEvent>,
  ): Observable<TResult> {
    const messageId = randomUUID();
    const outcome = this.store(subject, event, messageId) as Promise<TResult>;
    let observed = false;
    outcome.catch((error: unknown) => {
      if (!observed)
        this.logger.error(`Event for '${subject}' (message id ${messageId}) failed, unobserved: ${String(error)}`);
    });
    return new Observable((subscriber) => {
      observed = true;
      outcome.then(
        (result) => {
          subscriber.next(result);
          subscriber.complete();
        },
        (error: unknown) => subscriber.error(error),
      );
    });
  }

  /**
   * On a subject that a stream declared in this application stores: publishes and resolves to the PubAck. On any other:
   * a request over core NATS, answered by a `@MessagePattern` handler. Nothing is sent before subscription.
   * @throws as {@link emitAsync}, or NoResponderError (`NO_RESPONDER`) when no service answers.
   */
  override send<TResult = unknown, TEvent = unknown>(
    subject: SubjectOf<TEvent>,
    event: NoInfer<TEvent>,
  ): Observable<TResult> {
    if (!this.session.streams.covering(subject)) return super.send<TResult, TEvent>(subject, event);
    return defer(() => this.store(subject, event, randomUUID()) as Promise<TResult>);
  }

  /** Connects and puts the declared streams in place; done by the first `emit` or `send` otherwise. */
  async connect(): Promise<NatsConnection> {
    this.assertOpen('connect');
    ({ connection: this.connection } = await this.session.open());
    return this.connection;
  }

  override get status(): Observable<ConnectionStatus> {
    return this.session.connection.status;
  }

  /** Calls back at each change of the connection to this status; `status` is the same as an Observable. */
  override on<Event extends ConnectionStatus>(event: Event, callback: ConnectionEvents[Event]): void {
    this.session.connection.on(event, callback);
  }

  /** Lets go of the connection; pending publishes are flushed. Idempotent. */
  async close(): Promise<void> {
    this.closed = true;
    await this.session.connection.release(this);
  }

  async onApplicationShutdown(): Promise<void> {
    await this.close();
  }

  /** The nats.js connection. @throws Error before `connect`. */
  unwrap<T = NatsConnection>(): T {
    if (!this.connection) throw new Error('Not connected yet: await connect() before unwrap().');
    return this.connection as T;
  }

  protected override publish(packet: ReadPacket<unknown>, respond: (packet: WritePacket<unknown>) => void): () => void {
    return requestReply(this.unwrap(), this.session.connection.createInbox(), this.assignPacketId(packet), respond);
  }

  protected override dispatchEvent<T = NatsJetStreamPubAck>({ pattern, data }: ReadPacket<unknown>): Promise<T> {
    return this.store(String(pattern), data, randomUUID()) as Promise<T>;
  }

  private async store(subject: string, event: unknown, messageId: string): Promise<NatsJetStreamPubAck> {
    this.assertOpen(`publish to '${subject}'`);
    return publishEvent(this.session, subject, event, messageId);
  }

  private assertOpen(operation: string): void {
    if (this.closed) throw new ConnectionClosedError(operation);
  }
}
