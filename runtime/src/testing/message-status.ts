import { AckPolicy, type ConsumerInfo } from '@nats-io/jetstream';
import type { AckObservation } from './ack-observer';

/** Status of a message. Each published message has exactly one. */
export type Status = 'handled' | 'terminated' | 'pending';

export interface ConsumerStatus {
  readonly consumer: string;
  readonly status: Status;
  readonly settlement: AckObservation | undefined;
}

export interface MessageStatus {
  readonly stream: string;
  readonly seq: number;
  readonly status: Status;
  readonly consumers: readonly ConsumerStatus[];
}

/**
 * Returns the status of a message at one consumer, or undefined if the consumer started after the
 * message and skipped it.
 */
export function statusAtConsumer(
  consumer: ConsumerInfo,
  seq: number,
  settlement?: AckObservation,
): ConsumerStatus | undefined {
  const { name, config, ack_floor, delivered } = consumer;
  const isBelowFloor = seq <= ack_floor.stream_seq;
  const as = (status: Status): ConsumerStatus => ({ consumer: name, status, settlement });
  if (settlement?.verb === 'ack') return as('handled');
  // After the last delivery failed, the floor passes the message without another acknowledgement.
  if (settlement?.verb === 'term' || (settlement && isBelowFloor)) return as('terminated');
  if (config.ack_policy === AckPolicy.None) return as(seq <= delivered.stream_seq ? 'handled' : 'pending');
  if (config.ack_policy === AckPolicy.All) return as(isBelowFloor ? 'handled' : 'pending');
  return isBelowFloor ? undefined : as('pending');
}

/** Returns `handled` if at least one consumer receives the message and all of them handled it. */
export function overallStatus(consumers: readonly ConsumerStatus[]): Status {
  if (consumers.some(({ status }) => status === 'terminated')) return 'terminated';
  return consumers.length > 0 && consumers.every(({ status }) => status === 'handled') ? 'handled' : 'pending';
}
