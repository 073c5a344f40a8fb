import { setTimeout as delay } from 'node:timers/promises';
import type { ConsumerInfo } from '@nats-io/jetstream';
import type { JetStreamMessage } from '../../message/jetstream-message';
import type { Pin } from './pin';
import { pinnedTo } from './pinning';

const LOOK_EVERY_MS = 200;

export interface FenceSource {
  /** How long until it says that it waits. */
  readonly patienceMs: number;
  /** Nobody holds a message for longer than this. */
  readonly longestMs: number;
  /** What the server knows of the consumer. */
  info(): Promise<ConsumerInfo>;
  /** Sequences of what this instance has, of deliveries up to this one, and of what it handed back itself. */
  ownUpTo(deliverySequence: number): ReadonlySet<number>;
}

export interface FenceListener {
  /** In the order of the stream. */
  pass(message: JetStreamMessage): void;
  /** So many messages are with the instances together: only with room for all of them what is left behind can come. */
  unsettled(count: number): void;
  /** So many are with other instances, or were left behind by them. */
  waits(others: number): void;
  gaveUp(others: number): void;
}

/**
 * Keeps messages from being worked on as long as earlier ones may be worked on elsewhere, or were left behind: the server delivers
 * those again, in no order. It opens when all that is not settled is here, and gives it on in the order of the stream.
 */
export class OrderFence {
  private readonly stopping = new AbortController();
  private waiting: JetStreamMessage[] | undefined = [];
  private closedAt = performance.now();
  private closings = 0;
  private looking = false;

  constructor(
    private readonly pin: Pin,
    private readonly source: FenceSource,
    private readonly listener: FenceListener,
  ) {}

  /** Until it is known again that nothing is elsewhere. */
  close(): void {
    this.waiting ??= [];
    this.closedAt = performance.now();
    this.closings++;
  }

  add(message: JetStreamMessage): void {
    if (!this.waiting) return this.listener.pass(message);
    this.waiting.push(message);
    if (!this.looking) void this.look();
  }

  has(message: JetStreamMessage): boolean {
    return this.waiting?.includes(message) ?? false;
  }

  /** Takes out what waits. */
  clear(): JetStreamMessage[] {
    return this.waiting?.splice(0) ?? [];
  }

  stop(): void {
    this.stopping.abort();
  }

  private async look(): Promise<void> {
    const { signal } = this.stopping;
    this.looking = true;
    let hasSaid = false;
    while (this.waiting && this.waiting.length > 0 && !signal.aborted) {
      const others = await this.countOthers().catch(() => undefined);
      const waitedMs = performance.now() - this.closedAt;
      const isTooLong = others !== undefined && waitedMs > this.source.longestMs;
      if (isTooLong) this.listener.gaveUp(others);
      if (isTooLong || others === 0) {
        this.open();
        break;
      }
      if (others !== undefined && !hasSaid && waitedMs > this.source.patienceMs) {
        hasSaid = true;
        this.listener.waits(others);
      }
      await delay(LOOK_EVERY_MS, undefined, { signal }).catch(() => undefined);
    }
    this.looking = false;
  }

  /** Undefined while that cannot be told: no answer, or one that is not of this pin. */
  private async countOthers(): Promise<number | undefined> {
    const { closings } = this;
    const sentAt = performance.now();
    const info = await this.source.info();
    // Before anything is counted: what is not surely here any more is given up by it.
    this.pin.answered(sentAt);
    if (closings !== this.closings || this.stopping.signal.aborted) return undefined;
    if (pinnedTo(info) !== this.pin.id) return undefined;
    this.listener.unsettled(info.num_ack_pending);
    // What was delivered since may be here already, but is not in the server's count.
    return Math.max(0, info.num_ack_pending - this.source.ownUpTo(info.delivered.consumer_seq).size);
  }

  private open(): void {
    const waiting = this.clear().toSorted((one, other) => one.seq - other.seq);
    this.waiting = undefined;
    this.listener.unsettled(0);
    for (const message of waiting) this.listener.pass(message);
  }
}
