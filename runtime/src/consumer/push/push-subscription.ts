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
}

/**
 * Takes what the server delivers to a subject, answers its flow control, and notices when nothing comes any more: nats.js's push
 * consumer reports that, and leaves the recovery to others.
 */
export class PushSubscription implements MessageSource {
  private readonly subscription: Subscription;
  private readonly monitor: NodeJS.Timeout;
  private heardAt = performance.now();

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

  /** The server bounds what is delivered by `maxAckPending`. */
  release(): void {}

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
    clearInterval(this.monitor);
  }

  private onMessage(error: Error | null, message: Msg): void {
    if (error) return this.listener.lost(error.message);
    this.heardAt = performance.now();
    const { headers } = message;
    if (headers?.code !== STATUS) return this.listener.message(message);
    // A flow control request is answered on its reply; a heartbeat repeats one whose answer was lost.
    const stalled = headers.get('Nats-Consumer-Stalled');
    if (message.reply) message.respond();
    else if (stalled) this.target.connection.publish(stalled);
  }

  private look(): void {
    const { heartbeatMs } = this.target;
    if (heartbeatMs === undefined) return this.listener.lost('looked after');
    if (performance.now() - this.heardAt > heartbeatMs * MISSED_HEARTBEATS) this.listener.lost('heartbeats missed');
  }
}
