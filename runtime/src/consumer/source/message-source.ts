import type { Msg } from '@nats-io/transport-node';
import type { DeliverySource, JetStreamMessage } from '../../message/jetstream-message';

/** Callbacks of a source that delivers each message at once. */
export interface DeliveryListener {
  /** Called with each delivery. Returns false if it needs no handling. */
  receive(received: Msg): boolean;
  /** Called when no more messages arrive until `restart`. */
  lost(reason: string): void;
  /** Called when the server refuses to deliver, and with undefined when it delivers again. */
  blocked(reason: string | undefined): void;
}

/** Callbacks of a source that may keep messages back. */
export interface MessageListener extends DeliveryListener {
  /** Adds a delivery to the in-flight table. Returns undefined if it needs no handling. */
  admit(received: Msg): JetStreamMessage | undefined;
  /** Called when an admitted message may be handled. */
  ready(message: JetStreamMessage): void;
  /** Called with messages that did not run and that another instance may handle. */
  handBack(messages: readonly JetStreamMessage[]): void;
  /** Called with running messages that another instance may have. */
  abandon(messages: readonly JetStreamMessage[]): void;
}

/** Limits of one pull request, set by the consumer on the server. */
export interface PullLimits {
  readonly maxBatch: number | undefined;
  readonly maxExpiresMs: number | undefined;
  /** Maximum number of requests that wait on the server, over all instances. */
  readonly maxWaiting: number | undefined;
}

/**
 * Delivers the messages of a consumer: pulled, pushed, or pulled by one pinned instance. A source
 * limits the number of messages in flight.
 */
export interface MessageSource extends DeliverySource {
  /** Starts to deliver. */
  start(): void;
  /**
   * Starts to deliver again, after the consumer was lost or the source was suspended.
   * @param isBlocked true if the listener was last called with a reason in `blocked`
   */
  restart(isBlocked?: boolean): void;
  /** Stops delivering until `restart`. */
  suspend(): void;
  /** Called when the configuration of the consumer on the server changed. */
  configured(): void;
  /** Called when the connection changed, so that deliveries may have been lost. */
  interrupted(): void;
  /** Stops delivering. Resolves when no more messages can arrive, or when no server answers. */
  stop(): Promise<void>;
  /** Stops at once, without waiting for the server. */
  end(): void;
}
