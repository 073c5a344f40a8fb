import type { ConsumerConfig } from '@nats-io/jetstream';
import { OptionProblems } from '../../errors/option-problems';
import type { Delivery } from '../delivery';
import type { HandlerOptions } from '../consumer-options';

const NANOS_PER_MILLI = 1_000_000;
/** A pin outlives what was delivered under it by so many renewals, of which the last may have come just before it. */
const SPARE_RENEWALS = 3;
/** Requests of an instance that is gone are over before its messages come again, so that none of them goes there. */
const HEARTBEATS_PER_ACK_WAIT = 4;
/** A consumer has one: all of its instances are in it. */
export const PIN_GROUP = 'order';

/** How one instance at a time gets the messages of a consumer (ADR-42). */
export interface Pinning {
  /** The server forgets an instance of which it heard nothing for so long: longer than it waits for an acknowledgement. */
  readonly timeoutMs: number;
  /** How long one request for messages lives. */
  readonly expiresMs: number;
}

/** Undefined unless `orderAcross: 'replicas'`. @throws InvalidOptionError, InvalidOptionsError */
export function pinning(given: HandlerOptions, how: Delivery | undefined, ackWaitMs: number): Pinning | undefined {
  const { orderAcross, orderBy, ackPolicy, backoff, manualAck } = given;
  const problems = new OptionProblems();
  const refuse = (isWrong: boolean, remedy: string): void =>
    problems.refuse(isWrong, 'orderAcross', orderAcross, remedy);
  refuse(![undefined, 'process', 'replicas'].includes(orderAcross), "give 'process' or 'replicas'");
  problems.throwIfAny();
  if (orderAcross !== 'replicas') return undefined;
  refuse(given.batch !== undefined, 'a batch has no order of keys: leave out either it or batch');
  refuse(orderBy === undefined && given.batch === undefined, 'give orderBy, the key whose messages keep their order');
  refuse(
    how?.kind === 'push',
    'a push consumer cannot pin one instance: leave out what makes it one, such as deliverTo',
  );
  refuse(
    ackPolicy !== undefined && ackPolicy.toLowerCase() !== 'explicit',
    "what an instance leaves behind comes again only with ackPolicy 'explicit'",
  );
  refuse(manualAck === true, 'a handler that settles by itself hands messages back out of order: leave out manualAck');
  refuse(backoff !== undefined, 'its pauses let later messages overtake a redelivered one: use ackWait and retryDelay');
  const heartbeatMs = how?.heartbeatMs ?? 0;
  refuse(
    ackWaitMs < HEARTBEATS_PER_ACK_WAIT * heartbeatMs,
    `give an ackWait of at least ${HEARTBEATS_PER_ACK_WAIT} idleHeartbeats (of ${heartbeatMs} ms)`,
  );
  problems.throwIfAny();
  return { timeoutMs: ackWaitMs + SPARE_RENEWALS * heartbeatMs, expiresMs: Math.floor(ackWaitMs / 2) };
}

export function pinningConfig(pinned: Pinning | undefined): Partial<ConsumerConfig> {
  if (!pinned) return {};
  return {
    priority_policy: 'pinned_client',
    priority_groups: [PIN_GROUP],
    priority_timeout: pinned.timeoutMs * NANOS_PER_MILLI,
  };
}
