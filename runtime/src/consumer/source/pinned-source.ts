import { Logger } from '@nestjs/common';
import type { ConsumerInfo, JetStreamManager } from '@nats-io/jetstream';
import type { Msg, NatsConnection } from '@nats-io/transport-node';
import { failureText } from '../../errors/failure-text';
import type { JetStreamMessage } from '../../message/jetstream-message';
import type { ConsumerDefinition } from '../consumer-definition';
import type { InFlight } from '../in-flight';
import { PIN_GROUP, type Pinning } from '../options/pinning';
import type { MessageListener, MessageSource } from './message-source';
import { OrderFence } from './order-fence';
import { Pin } from './pin';
import { PullSource, type PullOptions } from './pull-source';

export interface PinnedOptions extends Omit<PullOptions, 'inFlight' | 'priority'> {
  readonly manager: JetStreamManager;
  readonly connection: NatsConnection;
  readonly stream: string;
  readonly definition: ConsumerDefinition;
  readonly pinned: Pinning;
  readonly inFlight: InFlight;
  /** State of the consumer on the server, asked for now. */
  info(): Promise<ConsumerInfo>;
}

/**
 * Pulls in the order of the stream over all instances: the server delivers to one pinned instance
 * at a time (ADR-42), and a new one begins when nothing is left with the one before. It wraps a
 * pull; no other part knows about pinning.
 */
export class PinnedSource implements MessageSource {
  private readonly logger = new Logger('NatsJetStreamConsumer');
  private readonly pull: PullSource;
  private readonly pin: Pin;
  private readonly fence: OrderFence;
  /** Sequences that this instance handed back: no instance has them. */
  private readonly returned = new Set<number>();

  constructor(
    private readonly options: PinnedOptions,
    private readonly listener: MessageListener,
  ) {
    const { pinned, definition, heartbeatMs } = options;
    const { settings, label } = definition;
    this.pin = new Pin(
      {
        connection: options.connection,
        subject: options.subject,
        renewEveryMs: heartbeatMs,
        sureForMs: pinned.sureForMs,
      },
      { lost: () => this.unpinned(), unsure: () => this.abandonRunning() },
    );
    const { pin } = this;
    const longestMs = settings.maxProcessingTimeMs + settings.ackWaitMs;
    this.fence = new OrderFence(
      pin,
      {
        patienceMs: settings.ackWaitMs,
        longestMs,
        info: () => options.info(),
        ownUpTo: (deliverySequence) => this.ownUpTo(deliverySequence),
      },
      {
        pass: (message) => listener.ready(message),
        unsettled: (count) => this.pull.makeRoomFor(count),
        waits: (others) => this.logger.log(`${label} waits for ${others} messages that another instance has or had.`),
        gaveUp: (others) =>
          this.logger.warn(
            `${label} continues without ${others} messages that were not settled within ${longestMs} ms. ` +
              `Messages of their keys may be handled out of order.`,
          ),
      },
    );
    this.pull = new PullSource(
      {
        ...options,
        priority: {
          expiresMs: pinned.expiresMs,
          fields: () => ({ group: PIN_GROUP, id: pin.id }),
          unpinned: () => this.unpinned(),
        },
      },
      {
        ...listener,
        receive: (received) => {
          this.learnPin(received);
          return listener.receive(received);
        },
        ready: (message) => {
          this.returned.delete(message.seq);
          this.fence.add(message);
        },
        lost: (reason) => {
          this.interrupted();
          listener.lost(reason);
        },
      },
    );
  }

  start(): void {
    this.pin.start();
    this.pull.start();
  }

  release(): void {
    this.pull.release();
  }

  restart(isBlocked?: boolean): void {
    this.pull.restart(isBlocked);
  }

  suspend(): void {
    this.pull.suspend();
    this.listener.handBack(this.fence.clear());
  }

  configured(): void {
    this.pull.configured();
  }

  /** A lost delivery would come again behind later ones. */
  interrupted(): void {
    this.fence.close();
  }

  /** False while the server does not confirm the pin: another instance may have the messages. */
  mayBegin(): boolean {
    return !this.pin.isUnsure;
  }

  handedBack(message: JetStreamMessage): void {
    this.returned.add(message.seq);
  }

  /** Lets another instance have the messages at once. */
  async stop(): Promise<void> {
    this.fence.stop();
    this.listener.handBack(this.fence.clear());
    await this.pull.stop();
    const { manager, connection, stream, definition } = this.options;
    if (this.pin.id !== undefined && !connection.isClosed()) {
      await manager.consumers
        .unpin(stream, definition.durable, PIN_GROUP)
        .catch((error: unknown) =>
          this.logger.warn(`${definition.label}: the server could not be asked to unpin: ${failureText(error)}`),
        );
    }
  }

  end(): void {
    this.fence.stop();
    this.pin.end();
    this.pull.end();
  }

  private learnPin(received: Msg): void {
    if (!this.pin.learn(received)) return;
    this.returned.clear();
    this.fence.close();
  }

  /** Another instance gets what follows. Messages that did not begin here are handed back. */
  private unpinned(): void {
    this.pin.forget();
    if (this.pin.isUnsure) return this.abandonRunning();
    this.listener.handBack(this.fence.clear());
  }

  private ownUpTo(deliverySequence: number): ReadonlySet<number> {
    const own = new Set(this.returned);
    for (const { deliveryNumbers } of this.options.inFlight.values())
      if (deliveryNumbers.deliverySequence <= deliverySequence) own.add(deliveryNumbers.streamSequence);
    return own;
  }

  /**
   * Messages behind the fence arrived after the server's last answer; its next one decides about
   * them.
   */
  private abandonRunning(): void {
    const begun = [...this.options.inFlight.values()].filter((message) => !this.fence.has(message));
    if (begun.length > 0) this.listener.abandon(begun);
  }
}
