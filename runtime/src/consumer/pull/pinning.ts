import type { ConsumerConfig, ConsumerInfo } from '@nats-io/jetstream';
import { OptionProblems } from '../../errors/option-problems';
import type { Delivery } from '../delivery';
import type { ConsumerSettings, HandlerOptions } from '../consumer-options';

const NANOS_PER_MILLI = 1_000_000;
/** A pin outlives what was delivered under it by so many renewals, of which the last may have come just before it. */
const SPARE_RENEWALS = 3;
/** So that the server's answers come often enough to be sure of what this instance has. */
const HEARTBEATS_PER_ACK_WAIT = 4;
const LONGEST_PULL_MS = 60_000;
const PINNED_CLIENT = 'pinned_client';
/** A consumer has one: all of its instances are in it. */
export const PIN_GROUP = 'order';

/** How one instance at a time gets the messages of a consumer (ADR-42). */
export interface Pinning {
  /** How long after the server's last answer no other instance can have what this one has. */
  readonly sureForMs: number;
  /** The server forgets an instance of which it heard nothing for so long: longer than it waits for an acknowledgement. */
  readonly timeoutMs: number;
  /** How long one request for messages lives: those of an instance that is gone are over before its messages come again. */
  readonly expiresMs: number;
}

/** Undefined unless `orderAcross: 'instances'`. @throws InvalidOptionError, InvalidOptionsError */
export function pinning(given: HandlerOptions, how: Delivery | undefined, ackWaitMs: number): Pinning | undefined {
  const { orderAcross } = given;
  const problems = new OptionProblems();
  const refuse = (isWrong: boolean, remedy: string): void =>
    problems.refuse(isWrong, 'orderAcross', orderAcross, remedy);
  refuse(![undefined, 'process', 'instances'].includes(orderAcross), "give 'process' or 'instances'");
  problems.throwIfAny();
  if (orderAcross !== 'instances') return undefined;
  for (const [isWrong, remedy] of contradictions(given, how)) refuse(isWrong, remedy);
  const heartbeatMs = how?.heartbeatMs ?? 0;
  const leastMs = HEARTBEATS_PER_ACK_WAIT * heartbeatMs;
  refuse(ackWaitMs < leastMs, `give an ackWait of at least ${leastMs} ms, four times idleHeartbeat, or lower that`);
  problems.throwIfAny();
  return {
    // Deadlines were extended a third of ackWait before it at most.
    sureForMs: Math.floor((ackWaitMs * 2) / 3),
    timeoutMs: ackWaitMs + SPARE_RENEWALS * heartbeatMs,
    expiresMs: Math.floor(Math.min(ackWaitMs, LONGEST_PULL_MS) / 2),
  };
}

function contradictions(given: HandlerOptions, how: Delivery | undefined): readonly (readonly [boolean, string])[] {
  const { ackPolicy, backoff, batch, manualAck } = given;
  const hasKey = given.orderBy !== undefined;
  return [
    [batch !== undefined, 'a batch has messages of many keys: leave out either it or batch'],
    [!hasKey && batch === undefined, 'give orderBy, the key whose messages keep their order'],
    [how?.kind === 'push', "only pull consumers have it: leave it out, or the options 'deliverTo' and such"],
    [
      ackPolicy !== undefined && ackPolicy.toLowerCase() !== 'explicit',
      "what an instance leaves behind comes again only with ackPolicy 'explicit'",
    ],
    [manualAck === true, 'what a handler hands back by itself comes behind later messages: leave out manualAck'],
    [
      backoff !== undefined,
      'its pauses let later messages overtake: use ackWait and retryDelay, or leave out orderAcross',
    ],
  ];
}

/** One instance never has more than `prefetch`: so neither does it leave more behind. */
export function pinningConfig({
  pinned,
  prefetch,
  serverConfig,
}: Pick<ConsumerSettings, 'pinned' | 'prefetch' | 'serverConfig'>): Partial<ConsumerConfig> {
  if (!pinned) return {};
  return {
    priority_policy: PINNED_CLIENT,
    priority_groups: [PIN_GROUP],
    priority_timeout: pinned.timeoutMs * NANOS_PER_MILLI,
    max_ack_pending: Math.min(serverConfig.max_ack_pending ?? prefetch, prefetch),
  };
}

export function isPinned({ priority_policy }: Partial<ConsumerConfig>): boolean {
  return priority_policy === PINNED_CLIENT;
}

/** The server's name for the instance that gets the messages; undefined while there is none. */
export function pinnedTo(
  info: ConsumerInfo & { readonly priority_groups?: readonly GroupState[] },
): string | undefined {
  return info.priority_groups?.find(({ group }) => group === PIN_GROUP)?.pinned_client_id || undefined;
}

/** nats.js has no type of it. */
interface GroupState {
  readonly group: string;
  readonly pinned_client_id?: string;
}
