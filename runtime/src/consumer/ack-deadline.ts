import { LONGEST_TIMER_MS } from '../duration/duration';
import type { JetStreamMessage } from '../message/jetstream-message';

/** Extensions a period: one may be lost on the wire without the server delivering the message a second time. */
const EXTENSIONS_PER_ACK_WAIT = 3;

/**
 * Keeps the server from delivering a message again while this process has it, waiting or running, for at most
 * `maxProcessingTimeMs`: one timer for all messages of a consumer.
 */
export class AckDeadline {
  private readonly heldSince = new Map<JetStreamMessage, number>();
  private periodMs = 0;
  private timer: NodeJS.Timeout | undefined;

  constructor(
    ackWaitMs: number,
    private readonly maxProcessingTimeMs: number,
    private readonly onExceeded: (messages: readonly JetStreamMessage[]) => void,
  ) {
    this.follow(ackWaitMs);
  }

  /** Extends the deadlines in time for another `ackWaitMs`, when the configuration on the server changes. */
  follow(ackWaitMs: number): void {
    const periodMs = Math.min(ackWaitMs / EXTENSIONS_PER_ACK_WAIT, LONGEST_TIMER_MS);
    if (periodMs === this.periodMs) return;
    this.periodMs = periodMs;
    if (!this.timer) return;
    this.stop();
    this.extendAll();
    if (this.heldSince.size > 0) this.timer = setInterval(() => this.extendAll(), periodMs);
  }

  hold(message: JetStreamMessage): void {
    this.heldSince.set(message, performance.now());
    this.timer ??= setInterval(() => this.extendAll(), this.periodMs);
  }

  /** True when it was held. */
  letGo(message: JetStreamMessage): boolean {
    const held = this.heldSince.delete(message);
    if (this.heldSince.size === 0) this.stop();
    return held;
  }

  held(): Iterable<JetStreamMessage> {
    return this.heldSince.keys();
  }

  stop(): void {
    clearInterval(this.timer);
    this.timer = undefined;
  }

  private extendAll(): void {
    const now = performance.now();
    const exceeded: JetStreamMessage[] = [];
    for (const [message, since] of this.heldSince) {
      if (now - since < this.maxProcessingTimeMs) message.working();
      else exceeded.push(message);
    }
    if (exceeded.length > 0) this.onExceeded(exceeded);
  }
}
