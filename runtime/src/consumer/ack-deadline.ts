import type { JsMsg } from '@nats-io/jetstream';

/** Extensions a period: one may be lost on the wire without the server delivering the message a second time. */
const EXTENSIONS_PER_ACK_WAIT = 3;

/** Keeps the server from delivering a message again while its handler still runs: one timer for all messages of a consumer. */
export class AckDeadline {
  private readonly messages = new Set<JsMsg>();
  private timer: NodeJS.Timeout | undefined;

  constructor(private readonly ackWaitMs: number) {}

  get size(): number {
    return this.messages.size;
  }

  hold(message: JsMsg): void {
    this.messages.add(message);
    this.timer ??= setInterval(() => this.extendAll(), this.ackWaitMs / EXTENSIONS_PER_ACK_WAIT);
  }

  letGo(message: JsMsg): void {
    this.messages.delete(message);
    if (this.messages.size === 0) this.stop();
  }

  stop(): void {
    clearInterval(this.timer);
    this.timer = undefined;
  }

  private extendAll(): void {
    for (const message of this.messages) message.working();
  }
}
