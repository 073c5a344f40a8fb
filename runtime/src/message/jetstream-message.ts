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
import type { AckType, DeliveredMessage, MessageState } from './message-state';

/** The server stores nanoseconds as 64 bits. */
const LONGEST_DELAY_MS = Math.floor(2 ** 63 / NANOS_PER_MILLI) - 1;
const encoder = new TextEncoder();
const IN_PROGRESS = encoder.encode('+WPI');

/** Earlier failures of a redriven message. */
export interface RedriveHistory {
  readonly redrives: number;
  /** Reason of its first dead letter. */
  readonly firstReason: string | undefined;
}

/** Properties that the messages of one consumer share. */
export interface MessageOrigin {
  readonly connection: NatsConnection;
  readonly acks: Pick<AckWriter, 'write'>;
  /** Time that `ackAck` waits for the confirmation of the server. */
  readonly ackTimeoutMs: number;
  /** Codec of the event. Undefined if the server delivers headers only. */
  readonly codec: EventCodec | undefined;
  readonly deliveries: DeliveryReader;
  /** Creation time of the consumer, in the format of the server. */
  readonly consumerCreated: string;
  /** Table of the unsettled messages. Called once for each message, when it is settled. */
  readonly inFlight: { settle(message: JetStreamMessage): void };
  readonly source: DeliverySource;
}

/** Delivers messages, and limits how many of them are in flight. */
export interface DeliverySource {
  /** Frees one slot, after a message was removed from the in-flight table. */
  release(): void;
  /** Called once for each message, after the transport or its handler has settled it. */
  settled?(message: JetStreamMessage): void;
}

/**
 * A delivered message. It implements `JsMsg` of nats.js, which nats.js creates only in its own
 * consumer loops.
 */
export class JetStreamMessage implements JsMsg {
  private delivery: DeliveryInfo | undefined;
  private numbers: DeliveryNumbers | undefined;
  state: MessageState = 'waiting';
  /** Number of handler runs that began in this process, which include retries with `orderBy`. */
  runs = 0;
  /** Start of the current run (`performance.now()`, in ms). */
  runningSinceMs = 0;
  /** Number of earlier deliveries that did not run, if the attempt ledger was read. */
  handedBack = 0;
  /** Number of redeliveries that arrived while this process had the message. None of them ran. */
  duplicates = 0;
  private acknowledgement: AckType | undefined;
  private aborting: AbortController | undefined;
  private event: { readonly value: unknown } | undefined;

  // Private at run time too: both reference the credentials of the connection, which must not
  // appear in a log of the context.
  readonly #received: Msg;
  readonly #origin: MessageOrigin;

  constructor(received: Msg, origin: MessageOrigin) {
    this.#received = received;
    this.#origin = origin;
  }

  /** Acknowledgement that was sent, or undefined. Later ones have no effect. */
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

  /** The part of `info` that every message needs. Parsing it is cheaper. */
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

  /** Identity among the messages of its consumer. */
  get key(): number {
    return this.deliveryNumbers.streamSequence;
  }

  /** Undefined unless the message was redriven to its consumer. */
  get history(): RedriveHistory | undefined {
    return undefined;
  }

  get time(): Date {
    return new Date(this.info.timestampNanos / NANOS_PER_MILLI);
  }

  get timestamp(): string {
    return this.time.toISOString();
  }

  get timestampNanos(): bigint {
    // The timestamp is at a different index in the two forms of the reply subject. A number would
    // lose its last digits.
    const tokens = this.reply.split('.');
    return BigInt(tokens[tokens.length === 9 ? 7 : 9] ?? 0);
  }

  /** Identity of this attempt, for the attempt ledger. */
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

  /** Number of deliveries by the server and retries in this process, including the current one. */
  get deliveries(): number {
    return this.deliveryNumbers.deliveryCount + Math.max(0, this.runs - 1);
  }

  /**
   * Number of this attempt: {@link deliveries} without those that were handed back.
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

  /**
   * Creates a new `signal` for a retry in this process, after a run that exceeded its `timeout`.
   */
  renewSignal(): void {
    if (this.aborting?.signal.reason instanceof HandlerTimeoutError) this.aborting = undefined;
  }

  /**
   * Decodes and validates the event once, and returns it or a promise of it.
   * @throws UndecodableEventError (`UNDECODABLE_EVENT`), InvalidEventError (`INVALID_EVENT`)
   */
  decode(): unknown {
    this.event ??= this.read();
    return this.event.value;
  }

  /**
   * Decodes as {@link decode}, with a time limit for an asynchronous deserializer or schema. After
   * a timeout the next call decodes again.
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

  /** Discards the decoded event, so that {@link decode} decodes it again. */
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
   * Asks the server to redeliver the message.
   * @param millis delay before the redelivery, at most 292 years, which is the limit of the server
   * @throws InvalidOptionError (`INVALID_OPTION`) for an invalid delay, because the server would
   * redeliver at once
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
   * Acknowledges, and resolves to true when the server has confirmed it. Unlike in nats.js, the
   * call can be repeated after a failure.
   * @throws TimeoutError without a confirmation in time. The server may or may not have received
   * the acknowledgement.
   */
  async ackAck({ timeout = this.#origin.ackTimeoutMs }: { timeout?: number } = {}): Promise<boolean> {
    if (this.acknowledgement) return false;
    await this.#origin.connection.request(this.reply, ACK, { timeout });
    this.markSettled('ack');
    return true;
  }

  /** Frees the slot of the message at its source. Called by the in-flight table. */
  freeSlot(): void {
    this.#origin.source.release();
  }

  /** Prevents any acknowledgement, which the server would apply to another message. */
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
    const { source, inFlight } = this.#origin;
    source.settled?.(this);
    inFlight.settle(this);
  }
}

/** Rounds to whole milliseconds, because the server rejects a fraction. */
function delayNanos(millis: number): number {
  if (!(millis >= 0)) throw new InvalidOptionError('delay', millis, 'pass a number of milliseconds, from 0 up');
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
