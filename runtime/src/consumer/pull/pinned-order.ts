import { Logger } from '@nestjs/common';
import type { ConsumerInfo } from '@nats-io/jetstream';
import { failureText } from '../../errors/failure-text';
import type { JetStreamMessage } from '../../message/jetstream-message';
import type { OpenSession } from '../../session/jetstream-session';
import type { ConsumerDefinition } from '../consumer-definition';
import { OrderFence } from './order-fence';
import { Pin } from './pin';
import type { PinnedPull } from './pull-loop';
import { PIN_GROUP, type Pinning } from './pinning';

export interface PinnedOrderSource {
  readonly open: OpenSession;
  readonly stream: string;
  readonly definition: ConsumerDefinition;
  readonly pinned: Pinning;
  info(): Promise<ConsumerInfo>;
  /** What this instance has: waiting or running, not settled. */
  held(): Iterable<JetStreamMessage>;
}

export interface PinnedOrderListener {
  pass(message: JetStreamMessage): void;
  /** One more copy of what is here. */
  drop(message: JetStreamMessage): void;
  /** What another instance may have by now. */
  leave(messages: readonly JetStreamMessage[]): void;
  /** There must be room for so many. */
  unsettled(count: number): void;
}

/**
 * The order of a consumer's messages over all instances: the server gives them to one at a time, and whichever it is begins when
 * those before it have nothing in hand any more.
 */
export class PinnedOrder {
  readonly pin: Pin;
  /** How to ask for messages. */
  readonly pull: PinnedPull;
  private readonly logger = new Logger('NatsJetStreamConsumer');
  private readonly fence: OrderFence;
  /** Sequences that this instance handed back itself: nobody has them. */
  private readonly returned = new Set<number>();

  constructor(
    private readonly source: PinnedOrderSource,
    private readonly listener: PinnedOrderListener,
  ) {
    const { open, stream, definition, pinned } = source;
    const { settings, durable, label } = definition;
    const subject = `${open.apiPrefix}.CONSUMER.MSG.NEXT.${stream}.${durable}`;
    this.pin = new Pin(
      {
        connection: open.connection,
        subject,
        renewEveryMs: settings.delivery.heartbeatMs ?? 0,
        sureForMs: pinned.sureForMs,
      },
      { lost: () => this.unpinned(), unsure: () => this.leaveAll() },
    );
    const { pin } = this;
    this.pull = {
      expiresMs: pinned.expiresMs,
      get id() {
        return pin.id;
      },
      unpinned: () => this.unpinned(),
    };
    const longestMs = settings.maxProcessingTimeMs + settings.ackWaitMs;
    this.fence = new OrderFence(
      this.pin,
      {
        patienceMs: settings.ackWaitMs,
        longestMs,
        info: () => source.info(),
        ownUpTo: (deliverySequence) => this.ownUpTo(deliverySequence),
      },
      {
        pass: (message) => listener.pass(message),
        unsettled: (count) => listener.unsettled(count),
        waits: (others) => this.logger.log(`${label} waits for ${others} messages that another instance has, or had.`),
        gaveUp: (others) =>
          this.logger.warn(
            `${label} goes on without ${others} messages that were not settled for ${longestMs} ms: their keys may be out of order.`,
          ),
      },
    );
  }

  add(message: JetStreamMessage): void {
    if (this.pin.learn(message)) {
      this.returned.clear();
      this.fence.close();
    }
    this.returned.delete(message.seq);
    if (message.redelivered && this.isHere(message)) return this.listener.drop(message);
    this.fence.add(message);
  }

  /** It was handed back by its handler. */
  handedBack(message: JetStreamMessage): void {
    this.returned.add(message.seq);
  }

  /** What was on its way may be lost, and comes again later than what follows it. */
  interrupted(): void {
    this.fence.close();
  }

  /** Another instance gets what follows. What it did not begin with is handed back. */
  unpinned(): void {
    this.pin.forget();
    if (this.pin.isUnsure) return this.leaveAll();
    for (const message of this.fence.clear()) message.nak();
  }

  stop(): void {
    this.fence.stop();
    for (const message of this.fence.clear()) message.nak();
  }

  /** Lets another instance have the messages at once, after the last request for more is over. */
  async handOver(): Promise<void> {
    const { open, stream, definition } = this.source;
    if (this.pin.id === undefined || open.connection.isClosed()) return;
    await open.manager.consumers
      .unpin(stream, definition.durable, PIN_GROUP)
      .catch((error: unknown) =>
        this.logger.warn(`${definition.label}: another instance takes over late: ${failureText(error)}`),
      );
  }

  end(): void {
    this.fence.stop();
    this.pin.end();
  }

  private isHere(message: JetStreamMessage): boolean {
    for (const other of this.source.held()) if (other !== message && other.seq === message.seq) return true;
    return false;
  }

  private ownUpTo(deliverySequence: number): ReadonlySet<number> {
    const own = new Set(this.returned);
    for (const { deliveryNumbers } of this.source.held())
      if (deliveryNumbers.deliverySequence <= deliverySequence) own.add(deliveryNumbers.streamSequence);
    return own;
  }

  /** What waits came after the last sign of the server, and is judged by the next. */
  private leaveAll(): void {
    const begun = [...this.source.held()].filter((message) => !this.fence.has(message));
    if (begun.length > 0) this.listener.leave(begun);
  }
}
