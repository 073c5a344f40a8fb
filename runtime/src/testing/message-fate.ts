import { AckPolicy, type ConsumerInfo } from '@nats-io/jetstream';
import type { Settlement } from './settlements';

/** As published = handled + given up + pending. */
export type Fate = 'handled' | 'given up' | 'pending';

export interface FateAtConsumer {
  readonly consumer: string;
  readonly fate: Fate;
  readonly settlement: Settlement | undefined;
}

export interface MessageFate {
  readonly stream: string;
  readonly seq: number;
  readonly fate: Fate;
  readonly consumers: readonly FateAtConsumer[];
}

/**
 * What became of a message at one consumer; undefined when the consumer passed it over, because it
 * began later.
 */
export function fateAt(consumer: ConsumerInfo, seq: number, settlement?: Settlement): FateAtConsumer | undefined {
  const { name, config, ack_floor, delivered } = consumer;
  const passed = seq <= ack_floor.stream_seq;
  const as = (fate: Fate): FateAtConsumer => ({ consumer: name, fate, settlement });
  if (settlement?.verb === 'ack') return as('handled');
  // A message whose last delivery failed is passed after its `ack_wait`, without a further word.
  if (settlement?.verb === 'term' || (settlement && passed)) return as('given up');
  if (config.ack_policy === AckPolicy.None) return as(seq <= delivered.stream_seq ? 'handled' : 'pending');
  if (config.ack_policy === AckPolicy.All) return as(passed ? 'handled' : 'pending');
  return passed ? undefined : as('pending');
}

/** Handled is what each of its consumers has handled, and at least one. */
export function overallFate(consumers: readonly FateAtConsumer[]): Fate {
  if (consumers.some(({ fate }) => fate === 'given up')) return 'given up';
  return consumers.length > 0 && consumers.every(({ fate }) => fate === 'handled') ? 'handled' : 'pending';
}
