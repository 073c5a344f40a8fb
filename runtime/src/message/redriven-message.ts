import type { DeliveryInfo, StoredMsg } from '@nats-io/jetstream';
import type { MsgHdrs } from '@nats-io/transport-node';
import { NANOS_PER_MILLI } from '../errors/duration-text';
import { DEAD_LETTER_HEADERS, deadLetterKey, type DeadLetterKey, ownHeaders } from './dead-letter';
import { JetStreamMessage, type RedriveHistory } from './jetstream-message';
import type { DeliveredMessage } from './message-state';

/**
 * A message that was redriven to its consumer. It is delivered as a copy in the dead letter stream,
 * and has the bytes, headers, subject, stream and sequence of the original message. The delivery
 * count is that of the copy.
 */
export class RedrivenMessage extends JetStreamMessage {
  private content: Pick<StoredMsg, 'data' | 'header'> | undefined;
  private original: DeliveryInfo | undefined;
  private ownHeaders: MsgHdrs | undefined;

  /** True if the copy names its original subject. Other clients may publish without one. */
  get isComplete(): boolean {
    return this.subject !== '' && super.headers?.has(DEAD_LETTER_HEADERS.redriveOf) === true;
  }

  override get history(): RedriveHistory {
    return {
      redrives: Number(this.letter('redrives')),
      firstReason: this.letter('firstReason') || undefined,
    };
  }

  /** Sequence of the copy in the dead letter stream. */
  get copySequence(): number {
    return this.deliveryNumbers.streamSequence;
  }

  /** Consumer and sequence from the subject of the copy. */
  get letterKey(): DeadLetterKey {
    return deadLetterKey(super.subject);
  }

  /** Sequence of the dead letter that the copy replaces. */
  get deadLetterSequence(): number {
    return Number(this.letter('redriveOf'));
  }

  /** Sequence of a separate message with the bytes and headers, or undefined. */
  get contentSequence(): number | undefined {
    return Number(this.letter('content')) || undefined;
  }

  /** Sets the bytes and headers that are stored separately. */
  setContent(content: Pick<StoredMsg, 'data' | 'header'>): void {
    this.content = content;
    this.ownHeaders = undefined;
  }

  /** Negative, because sequences of the dead letter stream and of the original stream overlap. */
  override get key(): number {
    return -this.copySequence;
  }

  override get subject(): string {
    return this.letter('subject');
  }

  override get data(): Uint8Array {
    return this.content?.data ?? super.data;
  }

  override get headers(): MsgHdrs | undefined {
    if (this.ownHeaders) return this.ownHeaders;
    const headers = ownHeaders(this.content?.header ?? super.headers);
    const messageId = this.letter('messageId');
    if (messageId) headers.set('Nats-Msg-Id', messageId);
    this.ownHeaders = headers;
    return headers.keys().length > 0 ? headers : undefined;
  }

  override get info(): DeliveryInfo {
    this.original ??= {
      ...super.info,
      stream: this.letter('stream'),
      consumer: this.letter('consumer'),
      streamSequence: this.seq,
      timestampNanos: this.time.getTime() * NANOS_PER_MILLI,
    };
    return this.original;
  }

  override get seq(): number {
    return Number(this.letter('sequence'));
  }

  override get time(): Date {
    const storedAt = new Date(this.letter('storedAt'));
    // Another client may have stored the dead letter without it.
    return Number.isNaN(storedAt.getTime()) ? new Date(super.info.timestampNanos / NANOS_PER_MILLI) : storedAt;
  }

  override get delivered(): DeliveredMessage {
    return { ...super.delivered, copy: this.copySequence };
  }

  override json<T>(): T {
    return JSON.parse(this.string()) as T;
  }

  override string(): string {
    return new TextDecoder().decode(this.data);
  }

  private letter(name: keyof typeof DEAD_LETTER_HEADERS): string {
    return super.headers?.get(DEAD_LETTER_HEADERS[name]) ?? '';
  }
}
