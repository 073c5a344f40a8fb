import type { Msg } from '@nats-io/transport-node';
import type { JetStreamMessage } from '../../message/jetstream-message';

/** Receives what a source delivers. */
export interface MessageListener {
  /** Enters a delivery into the in-flight table; undefined if it needs no handling. */
  receive(received: Msg): JetStreamMessage | undefined;
  /** The message may be handled now. */
  ready(message: JetStreamMessage): void;
  /** Nothing comes any more, until `restart`. */
  lost(reason: string): void;
  /** The server refuses to deliver, for this reason. Undefined when it delivers again. */
  blocked(reason: string | undefined): void;
  /** Messages that did not run are free for another instance. */
  handBack(messages: readonly JetStreamMessage[]): void;
  /** Another instance may have messages that are running here. */
  abandon(messages: readonly JetStreamMessage[]): void;
}

/** Limits that the consumer on the server sets to one request for messages. */
export interface PullLimits {
  readonly maxBatch: number | undefined;
  readonly maxExpiresMs: number | undefined;
  /** Requests that may wait on the server, over all instances. */
  readonly maxWaiting: number | undefined;
}

/**
 * Delivers the messages of a consumer: pulled, pushed, or pulled by one pinned instance. A source
 * knows how many messages may be out, and delivers no more.
 */
export interface MessageSource {
  /** Begins to deliver. */
  start(): void;
  /** Frees one slot: a message left the in-flight table. */
  release(): void;
  /**
   * Delivers again, after the consumer was lost or the source was suspended.
   * @param isBlocked whether the listener was told that the server refuses to deliver
   */
  restart(isBlocked?: boolean): void;
  /** Stops delivering until `restart`. */
  suspend(): void;
  /** The consumer's configuration on the server changed. */
  configured(): void;
  /** The connection changed: deliveries may have been lost. */
  interrupted(): void;
  /** Returns true if a run of a message may begin here now. */
  mayBegin(): boolean;
  /** This instance handed the message back. */
  handedBack(message: JetStreamMessage): void;
  /** Stops delivering. Resolves when nothing more can arrive, or no server answers. */
  stop(): Promise<void>;
  /** Stops at once, without waiting for the server. */
  end(): void;
}
