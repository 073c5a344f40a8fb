/** Acknowledgement that was sent to the server: done, redeliver, or never redeliver. */
export type AckType = 'ack' | 'nak' | 'term';

/**
 * State of a message in this process. Only in-flight.ts changes it.
 *
 * - `waiting`: waits for a free slot, its key, its batch, a retry delay or the decision about its
 *   attempt
 * - `running`: its handler runs
 * - `held`: waits until its dead letter can be stored
 * - `settled`: acknowledged, handed back or terminated
 * - `overdue`: its handler runs longer than `maxProcessingTime`, so the server redelivers it
 * - `abandoned`: another instance may have it, so its handler is not started here
 */
export type MessageState = 'waiting' | 'running' | 'held' | 'settled' | 'overdue' | 'abandoned';

/** Identity of an attempt to handle a message of a consumer. */
export interface DeliveredMessage {
  readonly stream: string;
  readonly consumer: string;
  readonly streamSequence: number;
  /** Sequence of the copy that is delivered, if the message was redriven. */
  readonly copy?: number;
  /**
   * Time at which the stream stored the message. After the stream is recreated, its sequence may
   * belong to another message.
   */
  readonly storedAtNanos: string;
  readonly deliveryCount: number;
  /** Creation time of the consumer. A recreated one counts deliveries from 1. */
  readonly consumerCreated: string;
}
