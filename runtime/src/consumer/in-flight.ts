import type { ConsumerInfo } from '@nats-io/jetstream';
import { LONGEST_TIMER_MS } from '../util/duration';
import type { DeliveryNumbers } from '../message/ack';
import type { JetStreamMessage } from '../message/jetstream-message';
import type { RunnerSlot } from './runner';

/** Extensions per ack wait. One of them can be lost without causing a redelivery. */
const EXTENSIONS_PER_ACK_WAIT = 3;
/** Number of settled messages that are kept, to recognize a late redelivery. */
const REMEMBERED_ACKS = 1_024;

/** Relation of a delivery to the messages in this process. */
export type Arrival =
  /** The message must be handled. */
  | 'new'
  /** The message is already waiting or running in this process. */
  | 'duplicate'
  /** The message was settled in this process, and its acknowledgement was late or lost. */
  | 'acknowledged';

export interface InFlightOptions {
  readonly maxDeliver: number;
  /** Time after which the server redelivers an unacknowledged message. */
  readonly ackWaitMs: number;
  /** Maximum time of one run of a handler. */
  readonly maxProcessingTimeMs: number;
  /** Called with messages that ran longer. They are removed, but their slots are still in use. */
  onOverdue(messages: readonly JetStreamMessage[]): void;
}

/**
 * Table of the messages of one consumer in this process, by their key. Each has one state:
 * `waiting → running → held → settled | overdue | abandoned`.
 *
 * The table has three uses. It counts the messages, so that `prefetch` can limit them. It
 * recognizes duplicates, so that no message runs twice at once. And it knows the resume position of
 * a recreated consumer, so that no message is skipped.
 *
 * It also extends the ack deadline of each message, while it waits and while it runs for at most
 * `maxProcessingTimeMs`.
 */
export class InFlight implements RunnerSlot {
  maxDeliver: number;
  private readonly messages = new Map<number, JetStreamMessage>();
  /** Messages with a handler that still runs, although the server redelivers them. */
  private readonly overdue = new Set<JetStreamMessage>();
  private readonly position: StreamPosition;
  private readonly acks = new Float64Array(REMEMBERED_ACKS);
  private ackCount = 0;
  private ackWaitMs: number;
  private timer: NodeJS.Timeout | undefined;
  private condition: (() => boolean) | undefined;

  constructor(
    info: ConsumerInfo,
    private readonly options: InFlightOptions,
  ) {
    this.position = new StreamPosition(info);
    this.ackWaitMs = options.ackWaitMs;
    this.maxDeliver = options.maxDeliver;
  }

  get size(): number {
    return this.messages.size;
  }

  /** Number of handlers that still run, although their message is no longer in the table. */
  get overdueCount(): number {
    return this.overdue.size;
  }

  values(): Iterable<JetStreamMessage> {
    return this.messages.values();
  }

  /** Adapts the interval of extensions to a changed ack wait. */
  extendWithin(ackWaitMs: number): void {
    if (ackWaitMs === this.ackWaitMs) return;
    this.ackWaitMs = ackWaitMs;
    this.stopExtending();
    if (this.messages.size > 0) this.startExtending();
  }

  /** Sets a condition without which no run begins or continues in this process. */
  runOnlyIf(condition: () => boolean): void {
    this.condition = condition;
  }

  /** Adds a delivery to the table and classifies it. */
  receive(message: JetStreamMessage): Arrival {
    const { deliveryNumbers, key } = message;
    const known = this.messages.get(key);
    let wasAcknowledged = deliveryNumbers.deliveryCount > 1 && this.acks.includes(key);
    // A redriven message comes from another stream, so it has no position in this one.
    if (!message.history) {
      wasAcknowledged ||= this.position.wasSettled(deliveryNumbers);
      this.position.delivered(deliveryNumbers);
    }
    if (known && known.timestampNanos === message.timestampNanos) {
      known.duplicates++;
      return 'duplicate';
    }
    // The stream was recreated, so the sequence belongs to another message.
    if (known) this.dropStale(known);
    this.messages.set(key, message);
    if (!this.timer) this.startExtending();
    return wasAcknowledged ? 'acknowledged' : 'new';
  }

  begin(message: JetStreamMessage): boolean {
    if (!this.mayRun(message)) return false;
    beginRun(message);
    return true;
  }

  /** Marks the message as waiting. This does not count as processing time. */
  pause(message: JetStreamMessage): void {
    if (message.state === 'running') message.state = 'waiting';
  }

  resume(message: JetStreamMessage): boolean {
    if (!this.mayRun(message)) return false;
    markRunning(message);
    return true;
  }

  /** Keeps the message until its dead letter is stored, although its handler is done. */
  hold(message: JetStreamMessage): void {
    if (message.state === 'running' || message.state === 'waiting') message.state = 'held';
  }

  /** Removes a settled message and frees its slot. */
  settle(message: JetStreamMessage): void {
    const { key, settledAs } = message;
    if (settledAs === 'nak') {
      this.forgetAck(key);
    } else {
      this.acks[this.ackCount++ % REMEMBERED_ACKS] = key;
      this.position.settled(key);
    }
    if (this.remove(message, 'settled')) message.freeSlot();
  }

  /** Removes a message that is done without an acknowledgement, and frees its slot. */
  end(message: JetStreamMessage): void {
    this.overdue.delete(message);
    if (message.state !== 'held' && this.remove(message, 'settled')) message.freeSlot();
  }

  /** Removes a message that another instance may have, and frees its slot. */
  abandon(message: JetStreamMessage, reason: Error): void {
    if (this.removeAbandoned(message, reason)) message.freeSlot();
  }

  /** Stops extending deadlines, so that the server redelivers the remaining messages. */
  stopExtending(): void {
    clearInterval(this.timer);
    this.timer = undefined;
  }

  /** First stream sequence that a recreated consumer must deliver. */
  get resumeAt(): number {
    return this.position.resumeAt;
  }

  /** Updates the position from the server, because a deleted consumer can no longer be read. */
  observe(info: ConsumerInfo): void {
    this.position.observe(info);
  }

  /** Follows a recreation by this process in the same stream, at {@link resumeAt}. */
  recreated(): void {
    this.position.recreated();
  }

  /** Follows a recreation by another process in the same stream. Keeps all messages. */
  recreatedElsewhere(info: ConsumerInfo): void {
    this.position.reset(info);
    for (const { seq, history } of this.messages.values()) if (!history) this.position.stillHas(seq);
  }

  /**
   * Follows a recreated stream. Its sequences belong to other messages. Abandons all its
   * messages without any acknowledgement, and returns them.
   */
  streamRecreated(info: ConsumerInfo): readonly JetStreamMessage[] {
    this.position.reset(info);
    this.acks.fill(0);
    const stale = [...this.messages.values()].filter(({ history }) => !history);
    for (const message of stale) this.dropStale(message);
    return stale;
  }

  private dropStale(message: JetStreamMessage): void {
    message.mute();
    this.removeAbandoned(message, new Error('the stream was recreated'));
  }

  private mayRun({ state }: JetStreamMessage): boolean {
    return state === 'waiting' && (this.condition === undefined || this.condition());
  }

  private removeAbandoned(message: JetStreamMessage, reason: Error): boolean {
    message.abort(reason);
    this.forgetAck(message.key);
    return this.remove(message, 'abandoned');
  }

  /** Returns true if the message was in the table. */
  private remove(message: JetStreamMessage, state: 'settled' | 'overdue' | 'abandoned'): boolean {
    const isHere = this.messages.get(message.key) === message;
    if (isHere) this.messages.delete(message.key);
    if (message.state !== 'overdue' && message.state !== 'abandoned') message.state = state;
    if (this.messages.size === 0) this.stopExtending();
    return isHere;
  }

  /** Forgets a settled sequence, because the message is redelivered and must run again. */
  private forgetAck(key: number): void {
    const at = this.acks.indexOf(key);
    if (at === -1) return;
    this.acks[at] = 0;
    this.forgetAck(key);
  }

  private startExtending(): void {
    const periodMs = Math.min(this.ackWaitMs / EXTENSIONS_PER_ACK_WAIT, LONGEST_TIMER_MS);
    this.timer = setInterval(() => this.extendAll(), periodMs);
  }

  private extendAll(): void {
    const latestStartMs = performance.now() - this.options.maxProcessingTimeMs;
    const exceeded: JetStreamMessage[] = [];
    for (const message of this.messages.values()) {
      if (message.state === 'running' && message.runningSinceMs <= latestStartMs) exceeded.push(message);
      else message.working();
    }
    if (exceeded.length === 0) return;
    for (const message of exceeded) {
      this.remove(message, 'overdue');
      this.forgetAck(message.key);
      this.overdue.add(message);
    }
    this.options.onOverdue(exceeded);
    for (const message of exceeded) message.freeSlot();
  }
}

/** Marks the start of a run of the handler. */
export function beginRun(message: JetStreamMessage): void {
  message.runs++;
  markRunning(message);
}

function markRunning(message: JetStreamMessage): void {
  message.state = 'running';
  message.runningSinceMs = performance.now();
}

/**
 * Position of this process in the stream. A deleted consumer is recreated there without a gap. No
 * message runs twice, provided that no other instance shares the consumer.
 */
class StreamPosition {
  /** Sequences that are delivered and not settled, including those that were handed back. */
  private readonly unsettled = new Set<number>();
  private highest = 0;
  private ackFloor = 0;
  private lastDelivery = 0;
  /** Number of deliveries that the server had made at the last comparison. */
  private observedDeliveries = 0;
  /** True while this process has received all deliveries. */
  private alone = true;
  private settledUpTo = 0;

  constructor(info: ConsumerInfo) {
    this.reset(info);
  }

  reset({ delivered, ack_floor, num_ack_pending }: ConsumerInfo): void {
    this.unsettled.clear();
    this.highest = delivered.stream_seq;
    this.ackFloor = ack_floor.stream_seq;
    this.lastDelivery = delivered.consumer_seq;
    this.observedDeliveries = delivered.consumer_seq;
    // Unacknowledged messages belong to another instance, or to a process that exited.
    this.alone = num_ack_pending === 0;
    this.settledUpTo = 0;
  }

  delivered({ streamSequence, deliverySequence }: DeliveryNumbers): void {
    // The consumer numbers its deliveries, so a gap is a delivery to another instance.
    if (deliverySequence !== this.lastDelivery + 1) this.alone = false;
    this.lastDelivery = deliverySequence;
    this.unsettled.add(streamSequence);
    if (streamSequence > this.highest) this.highest = streamSequence;
  }

  settled(streamSequence: number): void {
    this.unsettled.delete(streamSequence);
  }

  stillHas(streamSequence: number): void {
    this.unsettled.add(streamSequence);
    if (streamSequence > this.highest) this.highest = streamSequence;
  }

  observe({ ack_floor, delivered }: ConsumerInfo): void {
    // Recent deliveries may still be on their way, but those of the last comparison are not.
    if (!this.hasObservedDeliveries) this.alone = false;
    this.observedDeliveries = delivered.consumer_seq;
    if (ack_floor.stream_seq <= this.ackFloor) return;
    this.ackFloor = ack_floor.stream_seq;
    // Messages that were handed back here may have been settled elsewhere.
    for (const sequence of this.unsettled) if (sequence <= this.ackFloor) this.unsettled.delete(sequence);
  }

  /**
   * Returns true for the redelivery of a message that was settled here, after a lost ack or a
   * recreated consumer. Returns false for a replay by an operator.
   */
  wasSettled({ streamSequence, deliveryCount }: DeliveryNumbers): boolean {
    const again = deliveryCount > 1 || streamSequence <= this.settledUpTo;
    return again && this.alone && streamSequence <= this.highest && !this.unsettled.has(streamSequence);
  }

  get resumeAt(): number {
    if (!this.alone || !this.hasObservedDeliveries) return this.ackFloor + 1;
    let first = this.highest + 1;
    for (const sequence of this.unsettled) if (sequence < first) first = sequence;
    return first;
  }

  /** Follows a recreated consumer. It numbers its deliveries from 1. */
  recreated(): void {
    this.lastDelivery = 0;
    this.observedDeliveries = 0;
    this.settledUpTo = this.highest;
  }

  /** False if another instance received messages. Detects it even if none are delivered here. */
  private get hasObservedDeliveries(): boolean {
    return this.lastDelivery >= this.observedDeliveries;
  }
}
