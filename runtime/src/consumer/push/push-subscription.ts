import type { Msg, NatsConnection, Subscription } from '@nats-io/transport-node';
import { withDeadline } from '../../duration/deadline';
import type { MessageListener, MessageSource } from '../message-source';

const MISSED_HEARTBEATS = 2;
/** How often a group looks whether its consumer is there: it gets no heartbeats. */
const LOOK_EVERY_MS = 2_500;
const DRAIN_TIMEOUT_MS = 2_000;
const STATUS = 100;

export interface PushTarget {
  readonly connection: NatsConnection;
  readonly subject: string;
  readonly group: string | undefined;
  /** How often the server says that it is there; undefined when it does not. */
  readonly heartbeatMs: number | undefined;
  /** Flow control is not answered while more messages than this are with this process, waiting or running. */
  readonly prefetch: number;
}

/**
 * Takes what the server delivers to a subject, answers its flow control, and notices when nothing comes any more: nats.js's push
 * consumer reports that, and leaves the recovery to others.
 */
export class PushSubscription implements MessageSource {
  private readonly subscription: Subscription;
  private readonly monitor: NodeJS.Timeout;
  private heardAt = performance.now();
  private open = true;
  private held = 0;
  /** Where the server waits for the answer to its flow control. */
  private owed: string | undefined;

  constructor(
    private readonly target: PushTarget,
    private readonly listener: MessageListener,
  ) {
    const { connection, subject, group, heartbeatMs } = target;
    this.subscription = connection.subscribe(subject, {
      ...(group === undefined ? {} : { queue: group }),
      callback: (error, message) => this.onMessage(error, message),
    });
    this.monitor = setInterval(() => this.look(), heartbeatMs ?? LOOK_EVERY_MS);
  }

  /** The server bounds what is delivered by `maxAckPending`, and by flow control. */
  release(): void {
    this.held--;
    this.answer();
  }

  restart(): void {
    this.heardAt = performance.now();
  }

  async stop(): Promise<void> {
    this.end();
    await withDeadline(this.subscription.drain(), DRAIN_TIMEOUT_MS, () => new Error('no answer to a drain')).catch(() =>
      this.subscription.unsubscribe(),
    );
  }

  end(): void {
    this.open = false;
    clearInterval(this.monitor);
  }

  private onMessage(error: Error | null, message: Msg): void {
    if (error) return this.listener.lost(error.message);
    this.heardAt = performance.now();
    const { headers } = message;
    if (headers?.code !== STATUS) {
      this.held++;
      return this.listener.message(message);
    }
    // A flow control request is answered on its reply; a heartbeat repeats one whose answer was lost, or still owed.
    this.owed = message.reply || headers.get('Nats-Consumer-Stalled') || this.owed;
    this.answer();
  }

  private answer(): void {
    if (!this.open || this.owed === undefined || this.held > this.target.prefetch) return;
    this.target.connection.publish(this.owed);
    this.owed = undefined;
  }

  private look(): void {
    const { heartbeatMs } = this.target;
    if (heartbeatMs === undefined) return this.listener.unsure();
    if (performance.now() - this.heardAt > heartbeatMs * MISSED_HEARTBEATS) this.listener.lost('heartbeats missed');
  }
}
