import type { DeliveryInfo, JsMsg, PullOptions } from '@nats-io/jetstream';
import type { Msg, MsgHdrs, NatsConnection } from '@nats-io/transport-node';
import type { EventCodec } from '../codec/event-codec';
import { InvalidOptionError } from '../errors/configuration.errors';
import { HandlerTimeoutError } from '../errors/event.errors';
import { validatedEvent } from '../schema/validate-event';
import { parseAckSubject, type DeliveryNumbers, type DeliveryReader } from './ack-subject';
import { ACK, type AckWriter } from './ack-writer';

/** What the server was told last: done, again, or never again. */
export type Settlement = 'ack' | 'nak' | 'term';

const NANOS_PER_MILLI = 1_000_000;
/** Nanoseconds are 64 bits on the server. */
const LONGEST_DELAY_MS = Math.floor(2 ** 63 / NANOS_PER_MILLI) - 1;
const encoder = new TextEncoder();
const IN_PROGRESS = encoder.encode('+WPI');

/** What the messages of one consumer have in common. */
export interface MessageOrigin {
  readonly connection: NatsConnection;
  readonly acks: Pick<AckWriter, 'write'>;
  /** How long `ackAck` waits for the server's confirmation. */
  readonly ackTimeoutMs: number;
  /** Undefined where the server delivers no bodies. */
  readonly codec: EventCodec | undefined;
  readonly deliveries: DeliveryReader;
  /** `created` of the consumer on the server; not needed where nothing is delivered again. */
  readonly consumerCreated?: string;
  /** Where one instance at a time has the messages; undefined where all share them. */
  readonly pin?: { readonly isUnsure: boolean } | undefined;
  /** Called once for each message that was settled. */
  onSettled(message: JetStreamMessage): void;
}

/**
 * A delivered message: nats.js's `JsMsg`, made by ourselves because nats.js makes one in its own consumer loops only. It also
 * tells whoever keeps count of it when it was settled, by the transport or by a handler's `context.message.ack()`.
 */
export class JetStreamMessage implements JsMsg {
  private delivery: DeliveryInfo | undefined;
  private knownAttempt: number | undefined;
  private numbers: DeliveryNumbers | undefined;
  private settlement: Settlement | undefined;
  private aborting: AbortController | undefined;
  private abandoned = false;
  private left = false;
  private event: { readonly value: unknown } | undefined;

  // Private to the runtime too: both lead to the keys of the connection, which no log of a handler's context may show.
  readonly #received: Msg;
  readonly #origin: MessageOrigin;

  constructor(received: Msg, origin: MessageOrigin) {
    this.#received = received;
    this.#origin = origin;
  }

  /** How it was settled; undefined before. What comes later has no effect. */
  get settledAs(): Settlement | undefined {
    return this.settlement;
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

  get consumerCreated(): string {
    return this.#origin.consumerCreated ?? '';
  }

  /** Number of this attempt: that of the delivery, unless it is known to differ. */
  get attempt(): number {
    return this.knownAttempt ?? this.deliveryNumbers.deliveryCount;
  }

  set attempt(attempt: number) {
    this.knownAttempt = attempt;
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
    // The seventh token of seven in both forms, counted from the end of the first; a number would lose the last digits.
    const tokens = this.reply.split('.');
    return BigInt(tokens[tokens.length === 9 ? 7 : 9] ?? 0);
  }

  /** Aborted when nobody waits for the handler of this message any more. */
  get signal(): AbortSignal {
    this.aborting ??= new AbortController();
    return this.aborting.signal;
  }

  /** Whether `signal` is aborted, without making one. */
  get isAborted(): boolean {
    return this.aborting?.signal.aborted === true;
  }

  abort(reason: unknown): void {
    this.aborting ??= new AbortController();
    this.aborting.abort(reason);
  }

  /** Its deadline is extended no more, so the server delivers it again: what its handler still does is not waited for. */
  abandon(reason: unknown): void {
    this.abandoned = true;
    this.abort(reason);
  }

  get isAbandoned(): boolean {
    return this.abandoned;
  }

  /** Another instance may have it: no run of its handler begins here any more. */
  leave(reason: unknown): void {
    this.left = true;
    this.abandon(reason);
  }

  get isLeft(): boolean {
    return this.left || this.#origin.pin?.isUnsure === true;
  }

  /** For another attempt in this process, after one that took longer than its `timeout`. */
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

  /** Has `decode` begin anew. */
  forgetEvent(): void {
    this.event = undefined;
  }

  private read(): { readonly value: unknown } {
    const { codec } = this.#origin;
    if (!codec) return { value: undefined };
    const event = { value: validatedEvent(this, codec.decode(this, this.data)) };
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
    if (this.settlement) return;
    this.#origin.acks.write(this.#received);
    this.markSettled('ack');
  }

  /**
   * @param millis pause before it is delivered again; none without it. At most 292 years, which is what the server can count.
   * @throws InvalidOptionError (`INVALID_OPTION`) for what is no pause: the server would deliver again at once.
   */
  nak(millis?: number): void {
    const delay = millis === undefined ? '' : ` ${JSON.stringify({ delay: delayNanos(millis) })}`;
    this.settle('nak', encoder.encode(`-NAK${delay}`));
  }

  term(reason = ''): void {
    this.settle('term', encoder.encode(`+TERM ${reason}`.trimEnd()));
  }

  working(): void {
    if (!this.settlement) this.#received.respond(IN_PROGRESS);
  }

  next(subject: string, { batch = 1, no_wait = false, expires }: Partial<PullOptions> = {}): void {
    const request = { batch, no_wait, ...(expires === undefined ? {} : { expires: expires * NANOS_PER_MILLI }) };
    this.settle('ack', encoder.encode(`+NXT ${JSON.stringify(request)}`), subject);
  }

  /**
   * Acknowledges, and resolves to true when the server confirmed it. Unlike nats.js's, it may be tried again after a failure.
   * @throws TimeoutError when no confirmation came in time: the server has the acknowledgement, or delivers again.
   */
  async ackAck({ timeout = this.#origin.ackTimeoutMs }: { timeout?: number } = {}): Promise<boolean> {
    if (this.settlement) return false;
    await this.#origin.connection.request(this.reply, ACK, { timeout });
    this.markSettled('ack');
    return true;
  }

  private settle(settlement: Settlement, payload: Uint8Array, reply?: string): void {
    if (this.settlement) return;
    this.#received.respond(payload, reply === undefined ? undefined : { reply });
    this.markSettled(settlement);
  }

  private markSettled(settlement: Settlement): void {
    if (this.settlement) return;
    this.settlement = settlement;
    this.#origin.onSettled(this);
  }
}

/** Whole milliseconds, since the server takes a fraction for an invalid delay. */
function delayNanos(millis: number): number {
  if (!(millis >= 0)) throw new InvalidOptionError('delay', millis, 'give milliseconds from 0 up');
  return Math.min(Math.round(millis), LONGEST_DELAY_MS) * NANOS_PER_MILLI;
}
