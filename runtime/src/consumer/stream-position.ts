import type { ConsumerInfo } from '@nats-io/jetstream';
import type { DeliveryNumbers } from '../message/ack-subject';

/**
 * Which messages of a stream this process settled, so that a consumer that was deleted and made anew goes on where it was:
 * without a gap, and, while no other instance shares it, without handling anything a second time.
 */
export class StreamPosition {
  private readonly unsettled = new Set<number>();
  private highest: number;
  private ackFloor: number;
  private lastDelivery: number;
  /** How many deliveries the server had made when it was looked at last. */
  private observedDeliveries: number;
  private alone: boolean;
  private knownUpTo = 0;

  constructor({ delivered, ack_floor, num_ack_pending }: ConsumerInfo) {
    this.highest = delivered.stream_seq;
    this.ackFloor = ack_floor.stream_seq;
    this.lastDelivery = delivered.consumer_seq;
    this.observedDeliveries = delivered.consumer_seq;
    // What was delivered and is not acknowledged is with another instance, or was with a process that died.
    this.alone = num_ack_pending === 0;
  }

  delivered({ streamSequence, deliverySequence }: DeliveryNumbers): void {
    // The consumer numbers its deliveries: one that is missing here went to another instance.
    if (deliverySequence !== this.lastDelivery + 1) this.alone = false;
    this.lastDelivery = deliverySequence;
    this.unsettled.add(streamSequence);
    if (streamSequence > this.highest) this.highest = streamSequence;
  }

  settled(streamSequence: number): void {
    this.unsettled.delete(streamSequence);
  }

  /** Keeps what the server knows for the time when it does not any more. */
  observe({ ack_floor, delivered }: ConsumerInfo): void {
    // Deliveries may be on their way, but not since the last look.
    if (!this.hasObservedDeliveries) this.alone = false;
    this.observedDeliveries = delivered.consumer_seq;
    this.ackFloor = Math.max(this.ackFloor, ack_floor.stream_seq);
    // The server is done with everything up to there, also with messages that it gave up and that nobody settled.
    for (const sequence of this.unsettled) if (sequence <= this.ackFloor) this.unsettled.delete(sequence);
  }

  /**
   * True for a message that this process settled and that came once more, because its acknowledgement was lost or the consumer
   * was made anew. Not for one that an operator replays.
   */
  wasSettled({ streamSequence, deliveryCount }: DeliveryNumbers): boolean {
    const again = deliveryCount > 1 || streamSequence <= this.knownUpTo;
    return again && this.alone && streamSequence <= this.highest && !this.unsettled.has(streamSequence);
  }

  /** The first stream sequence that a new consumer must deliver. */
  get resumeAt(): number {
    if (!this.alone || !this.hasObservedDeliveries) return this.ackFloor + 1;
    let lowest = this.highest + 1;
    for (const sequence of this.unsettled) lowest = Math.min(lowest, sequence);
    return lowest;
  }

  /** A new consumer counts its deliveries from the start. */
  recreated(): void {
    this.lastDelivery = 0;
    this.observedDeliveries = 0;
    this.knownUpTo = this.highest;
  }

  /** False when messages went to another instance, of which there is no other sign where this one gets none. */
  private get hasObservedDeliveries(): boolean {
    return this.lastDelivery >= this.observedDeliveries;
  }
}
