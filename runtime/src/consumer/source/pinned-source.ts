import { Logger } from '@nestjs/common';
import type { ConsumerInfo, JetStreamManager } from '@nats-io/jetstream';
import type { Msg, NatsConnection } from '@nats-io/transport-node';
import { failureText } from '../../errors/thrown-value';
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
  /** Reads the state of the consumer from the server. */
  info(): Promise<ConsumerInfo>;
}

/**
 * Pulls in stream order over all instances. The server delivers to one pinned instance at a time
 * (ADR-42), and the next one starts when the previous one has no messages left. Only this source
 * handles pinning.
 */
export class PinnedSource implements MessageSource {
  private readonly logger = new Logger('NatsJetStreamConsumer');
  private readonly pull: PullSource;
  private readonly pin: Pin;
  private readonly fence: OrderFence;
  /** Sequences that this instance handed back and that no instance has. */
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
    // Without a confirmed pin, another instance may have the messages.
    options.inFlight.runOnlyIf(() => !pin.isUnsure);
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
        waits: (others) =>
          this.logger.log(`${label} waits for ${others} unsettled messages of another instance, to keep the order.`),
        timedOut: (others) =>
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
        receive: (received) => this.receive(received),
        lost: (reason) => {
          this.interrupted();
          listener.lost(reason);
        },
        blocked: (reason) => listener.blocked(reason),
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

  /** Closes the fence, because a lost delivery is redelivered behind later ones. */
  interrupted(): void {
    this.fence.close();
  }

  settled(message: JetStreamMessage): void {
    if (message.settledAs === 'nak') this.returned.add(message.seq);
  }

  /** Unpins this instance, so that another one receives messages at once. */
  async stop(): Promise<void> {
    this.fence.stop();
    this.listener.handBack(this.fence.clear());
    await this.pull.stop();
    const { manager, connection, stream, definition } = this.options;
    if (this.pin.id !== undefined && !connection.isClosed()) {
      await manager.consumers
        .unpin(stream, definition.durable, PIN_GROUP)
        .catch((error: unknown) =>
          this.logger.warn(`${definition.label} could not be unpinned: ${failureText(error)}`),
        );
    }
  }

  end(): void {
    this.fence.stop();
    this.pin.end();
    this.pull.end();
  }

  private receive(received: Msg): boolean {
    this.adoptPin(received);
    const message = this.listener.admit(received);
    if (!message) return false;
    this.returned.delete(message.seq);
    this.fence.add(message);
    return true;
  }

  private adoptPin(received: Msg): void {
    if (!this.pin.adopt(received)) return;
    this.returned.clear();
    this.fence.close();
  }

  /**
   * Hands back the messages that did not start, because another instance receives the next ones.
   */
  private unpinned(): void {
    this.pin.clear();
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
   * Abandons the messages that are past the fence. Those behind it arrived after the last answer of
   * the server, and its next answer decides about them.
   */
  private abandonRunning(): void {
    const begun = [...this.options.inFlight.values()].filter((message) => !this.fence.has(message));
    if (begun.length > 0) this.listener.abandon(begun);
  }
}
