import { setTimeout as delay } from 'node:timers/promises';
import type { ConsumerInfo } from '@nats-io/jetstream';
import type { JetStreamMessage } from '../../message/jetstream-message';
import type { Pin } from './pin';
import { pinnedTo } from '../options/pinning';

const LOOK_EVERY_MS = 200;

export interface FenceSource {
  /** Waiting time before the fence logs that it waits. */
  readonly patienceMs: number;
  /** Maximum waiting time. No instance keeps a message for longer. */
  readonly longestMs: number;
  /** State of the consumer on the server. */
  info(): Promise<ConsumerInfo>;
  /** Sequences that this instance has or has handed back, of deliveries up to this one. */
  ownUpTo(deliverySequence: number): ReadonlySet<number>;
}

export interface FenceListener {
  /** Called in the order of the stream. */
  pass(message: JetStreamMessage): void;
  /** Number of unsettled messages of all instances. All of them must have room here. */
  unsettled(count: number): void;
  /** Called with the number of messages that other instances have or left behind. */
  waits(others: number): void;
  timedOut(others: number): void;
}

/**
 * Holds messages back while another instance may still have earlier ones, which the server would
 * redeliver in any order. The fence opens when this instance has all unsettled messages, and passes
 * them on in stream order.
 */
export class OrderFence {
  private readonly stopping = new AbortController();
  private waiting: JetStreamMessage[] | undefined = [];
  private closedAt = performance.now();
  private closeCount = 0;
  private looking = false;

  constructor(
    private readonly pin: Pin,
    private readonly source: FenceSource,
    private readonly listener: FenceListener,
  ) {}

  /** Closes until no other instance has unsettled messages. */
  close(): void {
    this.waiting ??= [];
    this.closedAt = performance.now();
    this.closeCount++;
  }

  add(message: JetStreamMessage): void {
    if (!this.waiting) return this.listener.pass(message);
    this.waiting.push(message);
    if (!this.looking) void this.look();
  }

  has(message: JetStreamMessage): boolean {
    return this.waiting?.includes(message) ?? false;
  }

  /** Removes and returns the waiting messages. */
  clear(): JetStreamMessage[] {
    return this.waiting?.splice(0) ?? [];
  }

  stop(): void {
    this.stopping.abort();
  }

  private async look(): Promise<void> {
    const { signal } = this.stopping;
    this.looking = true;
    let hasReported = false;
    while (this.waiting && this.waiting.length > 0 && !signal.aborted) {
      const others = await this.countOthers().catch(() => undefined);
      const waitedMs = performance.now() - this.closedAt;
      const isTooLong = others !== undefined && waitedMs > this.source.longestMs;
      if (isTooLong) this.listener.timedOut(others);
      if (isTooLong || others === 0) {
        this.open();
        break;
      }
      if (others !== undefined && !hasReported && waitedMs > this.source.patienceMs) {
        hasReported = true;
        this.listener.waits(others);
      }
      await delay(LOOK_EVERY_MS, undefined, { signal }).catch(() => undefined);
    }
    this.looking = false;
  }

  /** Resolves to undefined without an answer for this pin. */
  private async countOthers(): Promise<number | undefined> {
    const { closeCount } = this;
    const sentAt = performance.now();
    const info = await this.source.info();
    // Must come first, because it may abandon messages that must not be counted.
    this.pin.answered(sentAt);
    if (closeCount !== this.closeCount || this.stopping.signal.aborted) return undefined;
    if (pinnedTo(info) !== this.pin.id) return undefined;
    this.listener.unsettled(info.num_ack_pending);
    // Later deliveries may have arrived already, but are not in the count of the server.
    return Math.max(0, info.num_ack_pending - this.source.ownUpTo(info.delivered.consumer_seq).size);
  }

  private open(): void {
    const waiting = this.clear().toSorted((one, other) => one.seq - other.seq);
    this.waiting = undefined;
    this.listener.unsettled(0);
    for (const message of waiting) this.listener.pass(message);
  }
}
