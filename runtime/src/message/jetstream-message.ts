import type { DeliveryInfo, JsMsg, PullOptions } from '@nats-io/jetstream';
import type { Msg, MsgHdrs, NatsConnection } from '@nats-io/transport-node';
import type { EventCodec } from '../codec/event-codec';
import { InvalidOptionError } from '../errors/configuration.errors';
import { withDeadline } from '../util/deadline';
import { DeserializerTimeoutError, HandlerTimeoutError } from '../errors/event.errors';
import { declaredSchemas } from '../subject/subject-schemas';
import { validatedEvent } from '../subject/validate-event';
import { ACK, parseAckSubject, type AckWriter, type DeliveryNumbers, type DeliveryReader } from './ack';
import { NANOS_PER_MILLI } from '../errors/duration-text';

/** Acknowledgement that was sent to the server: done, redeliver, or never redeliver. */
export type AckType = 'ack' | 'nak' | 'term';

/**
 * Where a message is in its life in this process. `InFlight` is the only one that changes it.
 *
 * - `waiting`: received, and waits for a free slot, its key, its batch, the pause before a retry or
 *   the decision about its attempt
 * - `running`: its handler runs
 * - `held`: waits until its dead letter can be stored
 * - `settled`: acknowledged, handed back or terminated
 * - `overdue`: its handler runs longer than `maxProcessingTime`; the server redelivers it
 * - `abandoned`: another instance may have it; no run of its handler begins here
 */
export type MessageState = 'waiting' | 'running' | 'held' | 'settled' | 'overdue' | 'abandoned';

/** Nanoseconds are 64 bits on the server. */
const LONGEST_DELAY_MS = Math.floor(2 ** 63 / NANOS_PER_MILLI) - 1;
const encoder = new TextEncoder();
const IN_PROGRESS = encoder.encode('+WPI');

/** Identity of an attempt to handle a message of a consumer. */
export interface DeliveredMessage {
  readonly stream: string;
  readonly consumer: string;
  readonly streamSequence: number;
  /**
   * When the stream stored it: a sequence may mean another message after the stream was recreated.
   */
  readonly storedAtNanos: string;
  readonly deliveryCount: number;
  /** When the consumer was created: a recreated one counts deliveries from 1. */
  readonly consumerCreated: string;
}

/** Properties that the messages of one consumer share. */
export interface MessageOrigin {
  readonly connection: NatsConnection;
  readonly acks: Pick<AckWriter, 'write'>;
  /** How long `ackAck` waits for the server's confirmation. */
  readonly ackTimeoutMs: number;
  /** Codec of the event. Undefined if the server delivers headers only. */
  readonly codec: EventCodec | undefined;
  readonly deliveries: DeliveryReader;
  /** When the consumer was created, as the server writes it. */
  readonly consumerCreated: string;
  /** Called once for each message, when the transport or its handler has settled it. */
  onSettled(message: JetStreamMessage): void;
}

/**
 * A delivered message: an implementation of nats.js's `JsMsg`, which nats.js only creates in its
 * own consumer loops.
 */
export class JetStreamMessage implements JsMsg {
  private delivery: DeliveryInfo | undefined;
  private numbers: DeliveryNumbers | undefined;
  state: MessageState = 'waiting';
  /** Runs of the handler that began in this process. An ordered message is retried here. */
  runs = 0;
  /** When the present run began (`performance.now()`, in ms). */
  runningSinceMs = 0;
  /** Earlier deliveries that did not run, as far as the ledger of attempts was asked. */
  handedBack = 0;
  /** Redeliveries that arrived while this process still had the message; they never ran. */
  duplicates = 0;
  private acknowledgement: AckType | undefined;
  private aborting: AbortController | undefined;
  private event: { readonly value: unknown } | undefined;

  // Private to the runtime too: both lead to the keys of the connection, which no log of a
  // handler's context may show.
  readonly #received: Msg;
  readonly #origin: MessageOrigin;

  constructor(received: Msg, origin: MessageOrigin) {
    this.#received = received;
    this.#origin = origin;
  }

  /** Acknowledgement that was sent. Undefined before; later ones have no effect. */
  get settledAs(): AckType | undefined {
    return this.acknowledgement;
  }

  get subject(): string {
    return this.#received.subject;
  }

  get sid(): number {
    return this.#received.sid;
  }

  get data(): Uint8Array {
    return this.#received.data;
  }

  get headers(): MsgHdrs | undefined {
    return this.#received.headers;
  }

  get reply(): string {
    return this.#received.reply ?? '';
  }

  get info(): DeliveryInfo {
    this.delivery ??= parseAckSubject(this.reply);
    return this.delivery;
  }

  /** What of `info` is asked for with every message, for less. */
  get deliveryNumbers(): DeliveryNumbers {
    this.numbers ??= this.#origin.deliveries.read(this.reply);
    return this.numbers;
  }

  get redelivered(): boolean {
    return this.deliveryNumbers.deliveryCount > 1;
  }

  get seq(): number {
    return this.deliveryNumbers.streamSequence;
  }

  get time(): Date {
    return new Date(this.info.timestampNanos / NANOS_PER_MILLI);
  }

  get timestamp(): string {
    return this.time.toISOString();
  }

  get timestampNanos(): bigint {
    // The seventh token of seven in both forms, counted from the end of the first; a number would
    // lose the last digits.
    const tokens = this.reply.split('.');
    return BigInt(tokens[tokens.length === 9 ? 7 : 9] ?? 0);
  }

  /** Identity of this attempt, for the ledger of attempts. */
  get delivered(): DeliveredMessage {
    const { stream, consumer, streamSequence } = this.info;
    return {
      stream,
      consumer,
      streamSequence,
      storedAtNanos: String(this.timestampNanos),
      deliveryCount: this.deliveries,
      consumerCreated: this.#origin.consumerCreated,
    };
  }

  /** Redeliveries that arrived while this process had the message. None of them ran. */
  get redeliveries(): readonly DeliveredMessage[] {
    const { delivered, duplicates } = this;
    return Array.from({ length: duplicates }, (_, at) => ({
      ...delivered,
      deliveryCount: delivered.deliveryCount + at + 1,
    }));
  }

  /** Deliveries of the server plus retries in this process, the present one included. */
  get deliveries(): number {
    return this.deliveryNumbers.deliveryCount + Math.max(0, this.runs - 1);
  }

  /**
   * Number of this attempt: {@link deliveries} without those that are known to have been handed
   * back.
   */
  get attempt(): number {
    return this.deliveries - this.handedBack;
  }

  /** Aborted when the transport no longer waits for the handler of this message. */
  get signal(): AbortSignal {
    this.aborting ??= new AbortController();
    return this.aborting.signal;
  }

  abort(reason: unknown): void {
    this.aborting ??= new AbortController();
    this.aborting.abort(reason);
  }

  /** Renews `signal` for a retry in this process, after a run that exceeded its `timeout`. */
  renewSignal(): void {
    if (this.aborting?.signal.reason instanceof HandlerTimeoutError) this.aborting = undefined;
  }

  /**
   * The event or a promise of it, decoded and validated once.
   * @throws UndecodableEventError (`UNDECODABLE_EVENT`), InvalidEventError (`INVALID_EVENT`)
   */
  decode(): unknown {
    this.event ??= this.read();
    return this.event.value;
  }

  /**
   * Decodes as {@link decode}, and bounds an asynchronous deserializer or schema. After a timeout
   * the next call decodes again.
   * @throws UndecodableEventError (`UNDECODABLE_EVENT`), InvalidEventError (`INVALID_EVENT`); the
   * promise also rejects with DeserializerTimeoutError (`DESERIALIZER_TIMEOUT`)
   */
  decodeWithin(limitMs: number): unknown {
    const event = this.decode();
    if (!(event instanceof Promise)) return event;
    return withDeadline<unknown>(event, limitMs, () => {
      this.forgetEvent();
      return new DeserializerTimeoutError(this.subject, limitMs);
    });
  }

  /** Discards the decoded event, so that the next `decode` starts again. */
  forgetEvent(): void {
    this.event = undefined;
  }

  private read(): { readonly value: unknown } {
    const { codec } = this.#origin;
    if (!codec) return { value: undefined };
    const decoded = codec.decode(this, this.data);
    const event = { value: declaredSchemas.exist ? validatedEvent(this, decoded) : decoded };
    if (event.value instanceof Promise) {
      void event.value.then(
        (read: unknown) => (event.value = read),
        () => undefined,
      );
    }
    return event;
  }

  json<T>(): T {
    return this.#received.json<T>();
  }

  string(): string {
    return this.#received.string();
  }

  ack(): void {
    if (this.acknowledgement) return;
    this.#origin.acks.write(this.#received);
    this.markSettled('ack');
  }

  /**
   * @param millis pause before it is delivered again; none without it. At most 292 years, which is
   * what the server can count.
   * @throws InvalidOptionError (`INVALID_OPTION`) for what is no pause: the server would deliver
   * again at once.
   */
  nak(millis?: number): void {
    const delay = millis === undefined ? '' : ` ${JSON.stringify({ delay: delayNanos(millis) })}`;
    this.settle('nak', encoder.encode(`-NAK${delay}`));
  }

  term(reason = ''): void {
    this.settle('term', encoder.encode(`+TERM ${reason}`.trimEnd()));
  }

  working(): void {
    if (!this.acknowledgement) this.#received.respond(IN_PROGRESS);
  }

  next(subject: string, { batch = 1, no_wait = false, expires }: Partial<PullOptions> = {}): void {
    const request = { batch, no_wait, ...(expires === undefined ? {} : { expires: expires * NANOS_PER_MILLI }) };
    this.settle('ack', encoder.encode(`+NXT ${JSON.stringify(request)}`), subject);
  }

  /**
   * Acknowledges, and resolves to true when the server confirmed it. Unlike nats.js's, it may be
   * tried again after a failure.
   * @throws TimeoutError when no confirmation came in time: the server has the acknowledgement, or
   * delivers again.
   */
  async ackAck({ timeout = this.#origin.ackTimeoutMs }: { timeout?: number } = {}): Promise<boolean> {
    if (this.acknowledgement) return false;
    await this.#origin.connection.request(this.reply, ACK, { timeout });
    this.markSettled('ack');
    return true;
  }

  /** Sends nothing more: the server would take it for another message. */
  mute(): void {
    this.acknowledgement ??= 'nak';
  }

  private settle(type: AckType, payload: Uint8Array, reply?: string): void {
    if (this.acknowledgement) return;
    this.#received.respond(payload, reply === undefined ? undefined : { reply });
    this.markSettled(type);
  }

  private markSettled(type: AckType): void {
    if (this.acknowledgement) return;
    this.acknowledgement = type;
    this.#origin.onSettled(this);
  }
}

/** Whole milliseconds, since the server takes a fraction for an invalid delay. */
function delayNanos(millis: number): number {
  if (!(millis >= 0)) throw new InvalidOptionError('delay', millis, 'give milliseconds from 0 up');
  return Math.min(Math.round(millis), LONGEST_DELAY_MS) * NANOS_PER_MILLI;
}

/**
 * Names messages for a log: `'order.created' (sequence 7)` or `100 messages (sequences 7 to 106)`.
 */
export function namesOf(messages: readonly JetStreamMessage[]): string {
  const [only] = messages;
  if (only && messages.length === 1) return `'${only.subject}' (sequence ${only.seq})`;
  let lowest = Number.POSITIVE_INFINITY;
  let highest = 0;
  for (const { seq } of messages) {
    lowest = Math.min(lowest, seq);
    highest = Math.max(highest, seq);
  }
  return `${messages.length} messages (sequences ${lowest} to ${highest})`;
}
