import type { Msg, NatsConnection, Subscription } from '@nats-io/transport-node';
import { withDeadline } from '../../util/deadline';
import type { DeliveryListener, MessageSource } from './message-source';

const MISSED_HEARTBEATS = 2;
const DRAIN_TIMEOUT_MS = 2_000;
const STATUS = 100;

export interface PushOptions {
  readonly connection: NatsConnection;
  /** Returns the subject that the server delivers to, and its queue group. */
  target(): { readonly subject: string; readonly group: string | undefined };
  /**
   * Interval of the server's heartbeats. Undefined for a group, because each heartbeat reaches only
   * one of its instances.
   */
  readonly heartbeatMs: number | undefined;
  /** Flow control is not answered while this process has more messages than this. */
  readonly prefetch: number;
  /** Messages in this process now. */
  readonly inFlight: { readonly size: number };
}

/**
 * Receives the messages that the server pushes to a subject, answers its flow control and detects
 * missed heartbeats. The push consumer of nats.js reports them, but does not recover.
 */
export class PushSource implements MessageSource {
  private subscription: Subscription | undefined;
  private monitor: NodeJS.Timeout | undefined;
  private heardAtMs = performance.now();
  private isOpen = true;
  /** Reply subject of a flow control message that is not answered yet. */
  private flowControl: string | undefined;

  constructor(
    private readonly options: PushOptions,
    private readonly listener: DeliveryListener,
  ) {}

  start(): void {
    const { heartbeatMs } = this.options;
    if (heartbeatMs !== undefined) this.monitor = setInterval(() => this.check(heartbeatMs), heartbeatMs);
    this.restart();
  }

  /** Answers flow control. The server limits its deliveries by it and by `maxAckPending`. */
  release(): void {
    this.answerFlowControl();
  }

  /** Subscribes again, because the server may deliver to another subject. */
  restart(): void {
    if (!this.isOpen) return;
    const { subject, group } = this.options.target();
    this.heardAtMs = performance.now();
    if (this.subscription?.getSubject() === subject && !this.subscription.isClosed()) return;
    this.subscription?.unsubscribe();
    this.subscription = this.options.connection.subscribe(subject, {
      ...(group === undefined ? {} : { queue: group }),
      callback: (error, message) => this.onMessage(error, message),
    });
  }

  suspend(): void {
    this.subscription?.unsubscribe();
    this.subscription = undefined;
  }

  configured(): void {
    if (this.subscription) this.restart();
  }

  interrupted(): void {
    // The consumer restarts the source after a reconnect.
  }

  async stop(): Promise<void> {
    this.end();
    const { subscription } = this;
    if (!subscription) return;
    await withDeadline(subscription.drain(), DRAIN_TIMEOUT_MS, () => new Error('no answer to a drain')).catch(() =>
      subscription.unsubscribe(),
    );
  }

  end(): void {
    this.isOpen = false;
    clearInterval(this.monitor);
  }

  private onMessage(error: Error | null, received: Msg): void {
    if (error) return this.listener.lost(error.message);
    this.heardAtMs = performance.now();
    const { headers } = received;
    if (headers?.code === STATUS) {
      // Flow control is answered on its reply subject. A heartbeat repeats an unanswered one.
      this.flowControl = received.reply || headers.get('Nats-Consumer-Stalled') || this.flowControl;
    } else {
      this.listener.receive(received);
    }
    this.answerFlowControl();
  }

  private answerFlowControl(): void {
    if (!this.isOpen || this.flowControl === undefined || this.options.inFlight.size > this.options.prefetch) return;
    this.options.connection.publish(this.flowControl);
    this.flowControl = undefined;
  }

  private check(heartbeatMs: number): void {
    if (this.subscription && performance.now() - this.heardAtMs > heartbeatMs * MISSED_HEARTBEATS)
      this.listener.lost('heartbeats missed');
  }
}
