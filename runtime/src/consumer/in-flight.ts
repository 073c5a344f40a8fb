import type { ConsumerInfo } from '@nats-io/jetstream';
import { LONGEST_TIMER_MS } from '../util/duration';
import type { DeliveryNumbers } from '../message/ack';
import type { JetStreamMessage } from '../message/jetstream-message';

/** Extensions per ack wait. One of them may be lost without a redelivery. */
const EXTENSIONS_PER_ACK_WAIT = 3;
/** Acknowledged and terminated sequences that are remembered, to recognise a late redelivery. */
const REMEMBERED_ACKS = 1_024;

/** Relation of a delivery to the messages of this process. */
export type Arrival =
  /** Not here: to be handled. */
  | 'new'
  /** A redelivery of a message that is waiting or running here. */
  | 'duplicate'
  /** A redelivery of a message that was acknowledged or terminated here: that was late or lost. */
  | 'acknowledged';

export interface InFlightOptions {
  /** Time after which the server redelivers an unacknowledged message. */
  readonly ackWaitMs: number;
  /** Time that one run of a handler may take. */
  readonly maxProcessingTimeMs: number;
  /** Called with messages whose run took longer. They left the table. */
  onOverdue(messages: readonly JetStreamMessage[]): void;
}

/**
 * The messages of one consumer that this process has, by stream sequence, each with one state:
 * `waiting → running → held → settled | overdue | abandoned`.
 *
 * The table answers three questions. How many messages are here, which prefetch limits. Whether a
 * delivery is one of them, so that nothing runs twice at once. And where a consumer that was
 * deleted must resume, so that nothing is skipped.
 *
 * It extends the ack deadline of each message, as long as it waits and while it runs for at most
 * `maxProcessingTimeMs`.
 */
export class InFlight {
  private readonly messages = new Map<number, JetStreamMessage>();
  /** Messages whose handlers still run although the server redelivers them. */
  private readonly overdue = new Set<JetStreamMessage>();
  private readonly position: StreamPosition;
  private readonly acks = new Float64Array(REMEMBERED_ACKS);
  private ackCount = 0;
  private ackWaitMs: number;
  private timer: NodeJS.Timeout | undefined;

  constructor(
    info: ConsumerInfo,
    private readonly options: InFlightOptions,
  ) {
    this.position = new StreamPosition(info);
    this.ackWaitMs = options.ackWaitMs;
  }

  get size(): number {
    return this.messages.size;
  }

  /** Number of handlers that still run although their message left the table. */
  get overdueCount(): number {
    return this.overdue.size;
  }

  values(): Iterable<JetStreamMessage> {
    return this.messages.values();
  }

  /** Follows a change of the server's ack wait. */
  extendWithin(ackWaitMs: number): void {
    if (ackWaitMs === this.ackWaitMs) return;
    this.ackWaitMs = ackWaitMs;
    this.stopExtending();
    if (this.messages.size > 0) this.startExtending();
  }

  /** Enters a delivery. Only a `new` one is in the table then. */
  receive(message: JetStreamMessage): Arrival {
    const { deliveryNumbers } = message;
    const { streamSequence, deliveryCount } = deliveryNumbers;
    const known = this.messages.get(streamSequence);
    const wasAcknowledged =
      this.position.wasSettled(deliveryNumbers) || (deliveryCount > 1 && this.acks.includes(streamSequence));
    this.position.delivered(deliveryNumbers);
    if (known && known.timestampNanos === message.timestampNanos) {
      known.duplicates++;
      return 'duplicate';
    }
    // The stream was recreated: its sequences mean other messages now.
    if (known) this.disown(known);
    this.messages.set(streamSequence, message);
    if (!this.timer) this.startExtending();
    return wasAcknowledged ? 'acknowledged' : 'new';
  }

  /** A run of the handler begins. */
  begin(message: JetStreamMessage): void {
    message.runs++;
    this.resume(message);
  }

  /** The message waits in this process, which does not count as processing. */
  pause(message: JetStreamMessage): void {
    if (message.state === 'running') message.state = 'waiting';
  }

  /** The run continues after a pause. */
  resume(message: JetStreamMessage): true {
    message.state = 'running';
    message.runningSinceMs = performance.now();
    return true;
  }

  /** The message stays until its dead letter is stored, although its handler is done. */
  hold(message: JetStreamMessage): void {
    if (message.state === 'running' || message.state === 'waiting') message.state = 'held';
  }

  /** Removes a settled message. True if it was in the table. */
  settle(message: JetStreamMessage): boolean {
    const { seq, settledAs } = message;
    if (settledAs === 'nak') {
      this.forgetAck(seq);
    } else {
      this.acks[this.ackCount++ % REMEMBERED_ACKS] = seq;
      this.position.settled(seq);
    }
    return this.leave(message, 'settled');
  }

  /** Removes a message that is done without an acknowledgement. True if it was in the table. */
  release(message: JetStreamMessage): boolean {
    this.overdue.delete(message);
    if (message.state === 'held') return false;
    return this.leave(message, 'settled');
  }

  /** Removes a message that another instance may have. True if it was in the table. */
  abandon(message: JetStreamMessage, reason: Error): boolean {
    message.abort(reason);
    this.forgetAck(message.seq);
    return this.leave(message, 'abandoned');
  }

  /** Stops extending deadlines; the server redelivers what is left. */
  stopExtending(): void {
    clearInterval(this.timer);
    this.timer = undefined;
  }

  /** First stream sequence that a recreated consumer must deliver. */
  get resumeAt(): number {
    return this.position.resumeAt;
  }

  /** Compares with the server's view, and remembers it for the time when the consumer is gone. */
  observe(info: ConsumerInfo): void {
    this.position.observe(info);
  }

  /** This process recreated the consumer in the same stream, at {@link resumeAt}. */
  recreated(): void {
    this.position.recreated();
  }

  /** Another process recreated the consumer in the same stream. Messages that are here stay. */
  recreatedElsewhere(info: ConsumerInfo): void {
    this.position.reset(info);
    for (const { seq } of this.messages.values()) this.position.stillHas(seq);
  }

  /**
   * The stream was recreated: its sequences mean other messages now. Returns the messages that
   * were here. They are abandoned, and nothing more is sent about them.
   */
  streamRecreated(info: ConsumerInfo): readonly JetStreamMessage[] {
    this.position.reset(info);
    this.acks.fill(0);
    const disowned = [...this.messages.values()];
    for (const message of disowned) this.disown(message);
    return disowned;
  }

  private disown(message: JetStreamMessage): void {
    message.mute();
    this.abandon(message, new Error('the stream was recreated'));
  }

  private leave(message: JetStreamMessage, state: 'settled' | 'overdue' | 'abandoned'): boolean {
    const isHere = this.messages.get(message.seq) === message;
    if (isHere) this.messages.delete(message.seq);
    if (message.state !== 'overdue' && message.state !== 'abandoned') message.state = state;
    if (this.messages.size === 0) this.stopExtending();
    return isHere;
  }

  /** The message comes again, and must run then. */
  private forgetAck(sequence: number): void {
    const at = this.acks.indexOf(sequence);
    if (at === -1) return;
    this.acks[at] = 0;
    this.forgetAck(sequence);
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
      this.leave(message, 'overdue');
      this.forgetAck(message.seq);
      this.overdue.add(message);
    }
    this.options.onOverdue(exceeded);
  }
}

/**
 * How far this process got in the stream. A consumer that was deleted is recreated there: without
 * a gap, and without a second run as long as no other instance shares the consumer.
 */
class StreamPosition {
  /** Delivered here and not settled yet: in the table, or handed back for a redelivery. */
  private readonly unsettled = new Set<number>();
  private highest = 0;
  private ackFloor = 0;
  private lastDelivery = 0;
  /** Number of deliveries that the server had made at the last look. */
  private observedDeliveries = 0;
  /** True while all deliveries came to this process. */
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
    // Unacknowledged messages are with another instance, or were with a process that died.
    this.alone = num_ack_pending === 0;
    this.settledUpTo = 0;
  }

  delivered({ streamSequence, deliverySequence }: DeliveryNumbers): void {
    // The consumer numbers its deliveries: a gap is a delivery to another instance.
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
    // Deliveries of this moment may still be on their way, those of the last look are not.
    if (!this.hasObservedDeliveries) this.alone = false;
    this.observedDeliveries = delivered.consumer_seq;
    if (ack_floor.stream_seq <= this.ackFloor) return;
    this.ackFloor = ack_floor.stream_seq;
    // Messages that were handed back here may have been settled elsewhere.
    for (const sequence of this.unsettled) if (sequence <= this.ackFloor) this.unsettled.delete(sequence);
  }

  /**
   * Recognises a message that was settled here and came again, because its ack was lost or the
   * consumer was recreated; not one that an operator replays.
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

  /** A recreated consumer numbers its deliveries from 1. */
  recreated(): void {
    this.lastDelivery = 0;
    this.observedDeliveries = 0;
    this.settledUpTo = this.highest;
  }

  /** False if messages went to another instance, which shows nowhere else when none come here. */
  private get hasObservedDeliveries(): boolean {
    return this.lastDelivery >= this.observedDeliveries;
  }
}
