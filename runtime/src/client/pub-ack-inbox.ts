import {
  errors,
  MsgHdrsImpl,
  type Msg,
  type MsgHdrs,
  type NatsConnection,
  type Status,
  type Subscription,
} from '@nats-io/transport-node';
import { frameSink, type FrameSink } from '../connection/frame-sink';
import { TimedList, type Timed } from '../duration/timed-list';
import { isTooLarge, type OutgoingEvent } from './outgoing-event';
import type { NatsJetStreamPubAck } from './pub-ack';
import { readPubAck } from './read-pub-ack';

/** How an attempt to publish ends: one of both is called, once. */
export interface PublishEnd {
  stored(ack: NatsJetStreamPubAck): void;
  /** As nats.js's own `publish` fails: TimeoutError, RequestError, JetStreamApiError and their like. */
  failed(error: unknown): void;
}

interface Waiting extends Timed {
  readonly token: string;
  readonly event: OutgoingEvent;
  readonly limits: TimedList<Waiting>;
  readonly end: PublishEnd;
  readonly mayRepeat: boolean;
}

/** Characters that are not kept as text any longer; nats.js sends at 32 KiB itself. */
const FLUSH_AT = 32_768;
const CRLF = new Uint8Array([13, 10]);
const inboxes = new WeakMap<NatsConnection, PubAckInbox>();

/**
 * Publishes events and takes their PubAcks: with one subscription for all that a connection publishes, one timer for all that
 * have the same timeout, and nothing else. nats.js's `publish` makes a timer, four promises and two stack traces for each.
 */
export class PubAckInbox {
  private readonly waiting = new Map<string, Waiting>();
  private readonly limits = new Map<number, TimedList<Waiting>>();
  readonly #connection: NatsConnection;
  readonly #sink: FrameSink | undefined;
  private frames = '';
  private prefix = '';
  private subscription: Subscription | undefined;
  private count = 0;
  private watched = false;

  private constructor(
    connection: NatsConnection,
    private readonly createInbox: () => string,
  ) {
    this.#connection = connection;
    this.#sink = frameSink(connection);
  }

  /** The one of a connection. It subscribes with the first event. @param createInbox a subject that it may subscribe to */
  static of(connection: NatsConnection, createInbox: () => string): PubAckInbox {
    const known = inboxes.get(connection);
    if (known) return known;
    const inbox = new PubAckInbox(connection, createInbox);
    inboxes.set(connection, inbox);
    return inbox;
  }

  /**
   * One attempt. With `mayRepeat` it goes out again when the connection was lost and is there again: what was underway is gone.
   * @throws ClosedConnectionError, DrainingConnectionError, InvalidArgumentError (nats.js): it cannot be sent
   */
  publish(event: OutgoingEvent, timeoutMs: number, mayRepeat: boolean, end: PublishEnd): void {
    if (!this.subscription) this.subscribe();
    const token = (this.count++).toString(36);
    this.write(event, `${this.prefix}${token}`);
    const limits = this.limitsOf(timeoutMs);
    const waiting = { token, event, limits, end, mayRepeat, dueAt: 0, before: undefined, after: undefined };
    limits.add(waiting);
    this.waiting.set(token, waiting);
  }

  private write({ subject, headers, body }: OutgoingEvent, reply: string): void {
    const connection = this.#connection;
    const headerBytes = Buffer.byteLength(headers);
    const size = headerBytes + Buffer.byteLength(body);
    if (!this.#sink || connection.isClosed() || connection.isDraining() || isTooLarge(size, connection)) {
      this.flush();
      // It sends what can be sent, and says why it cannot.
      connection.publish(subject, body, { reply, headers: asHeaders(headers) });
      return;
    }
    const head = `HPUB ${subject} ${reply} ${headerBytes} ${size}\r\n${headers}`;
    if (typeof body === 'string') return this.queue(`${head}${body}\r\n`);
    this.flush();
    this.#sink.sendCommand(head, body, CRLF);
  }

  /** All that is published in one go becomes bytes in one go. */
  private queue(frame: string): void {
    if (this.frames === '') queueMicrotask(() => this.flush());
    this.frames += frame;
    if (this.frames.length >= FLUSH_AT) this.flush();
  }

  private flush(): void {
    const { frames } = this;
    this.frames = '';
    if (frames !== '') this.#sink?.sendCommand(frames);
  }

  private limitsOf(timeoutMs: number): TimedList<Waiting> {
    const known = this.limits.get(timeoutMs);
    if (known) return known;
    for (const [millis, list] of this.limits) if (list.isIdle) this.limits.delete(millis);
    const limits = new TimedList<Waiting>(timeoutMs, (waiting) => this.fail(waiting, new errors.TimeoutError()));
    this.limits.set(timeoutMs, limits);
    return limits;
  }

  private subscribe(): void {
    this.prefix = `${this.createInbox()}.`;
    this.subscription = this.#connection.subscribe(`${this.prefix}*`, {
      callback: (error, message) => (error ? this.onRefusedInbox(error) : this.onAnswer(message)),
    });
    if (!this.watched) void this.watch();
  }

  private onAnswer(message: Msg): void {
    const waiting = this.waiting.get(message.subject.slice(this.prefix.length));
    // The answer to an attempt that was repeated, or came too late.
    if (!waiting) return;
    let ack: NatsJetStreamPubAck;
    try {
      ack = readPubAck(waiting.event.subject, message);
    } catch (error) {
      return this.fail(waiting, error);
    }
    this.forget(waiting);
    waiting.end.stored(ack);
  }

  private async watch(): Promise<void> {
    this.watched = true;
    for await (const status of this.#connection.status()) this.onStatus(status);
    this.failAll(() => new errors.ClosedConnectionError());
    for (const list of this.limits.values()) list.stop();
  }

  private onStatus(status: Status): void {
    if (status.type === 'reconnect') this.repeat();
    else if (status.type === 'error' && status.error instanceof errors.PermissionViolationError)
      this.onRefusedPublish(status.error);
  }

  private repeat(): void {
    for (const waiting of [...this.waiting.values()].filter(({ mayRepeat }) => mayRepeat)) {
      try {
        this.write(waiting.event, `${this.prefix}${waiting.token}`);
      } catch (error) {
        this.fail(waiting, error);
      }
    }
  }

  /** The server says so once for each event that it refuses. */
  private onRefusedPublish(error: InstanceType<typeof errors.PermissionViolationError>): void {
    if (error.operation !== 'publish') return;
    for (const waiting of this.waiting.values()) {
      if (waiting.event.subject === error.subject) return this.fail(waiting, requestError(error));
    }
  }

  private onRefusedInbox(error: Error): void {
    this.subscription = undefined;
    this.failAll(() => requestError(error));
  }

  private failAll(reason: () => Error): void {
    const all = [...this.waiting.values()];
    for (const waiting of all) this.fail(waiting, reason());
  }

  private fail(waiting: Waiting, error: unknown): void {
    this.forget(waiting);
    waiting.end.failed(error);
  }

  private forget(waiting: Waiting): void {
    if (this.waiting.delete(waiting.token)) waiting.limits.remove(waiting);
  }
}

function requestError(cause: Error): Error {
  return new errors.RequestError(cause.message, { cause });
}

function asHeaders(text: string): MsgHdrs {
  return MsgHdrsImpl.decode(new TextEncoder().encode(text));
}
