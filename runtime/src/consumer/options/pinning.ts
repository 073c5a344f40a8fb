import type { ConsumerConfig, ConsumerInfo } from '@nats-io/jetstream';
import { requireServer } from '../../connection/required-server';
import { durationText, NANOS_PER_MILLI } from '../../errors/duration-text';
import { InvalidOptionError } from '../../errors/configuration.errors';

/**
 * Number of renewals by which a pin outlasts the messages that were delivered under it.
 */
const SPARE_RENEWALS = 3;
/** Heartbeats per `ackWait` that an instance needs to be sure that it is still pinned. */
const HEARTBEATS_PER_ACK_WAIT = 4;
const LONGEST_PULL_MS = 60_000;
const PINNED_CLIENT = 'pinned_client';
const PINS_SINCE = '2.11';
/** Name of the only priority group of a consumer. All of its instances belong to it. */
export const PIN_GROUP = 'order';

/** Times of a pinned consumer, with one active instance at a time (ADR-42). */
export interface Pinning {
  /** Time after the server's last answer in which no other instance can be pinned. */
  readonly sureForMs: number;
  /**
   * Time without a pull request after which the server pins another instance. It is longer than the
   * ack wait.
   */
  readonly timeoutMs: number;
  /**
   * Lifetime of one pull request. After a crash, the requests of an instance expire before its
   * messages are redelivered.
   */
  readonly expiresMs: number;
}

/** @throws InvalidOptionError (`INVALID_OPTION`) if `ackWait` is too short for the heartbeats */
export function pinning(ackWaitMs: number, heartbeatMs: number): Pinning {
  const leastMs = HEARTBEATS_PER_ACK_WAIT * heartbeatMs;
  if (ackWaitMs < leastMs) {
    const remedy =
      `with orderAcross: 'instances' it must last four times idleHeartbeat (${durationText(heartbeatMs)}). ` +
      `Pass at least ${durationText(leastMs)}, or lower idleHeartbeat`;
    throw new InvalidOptionError('ackWait', durationText(ackWaitMs), remedy);
  }
  return {
    // The deadlines were extended at most a third of ackWait before the last answer.
    sureForMs: Math.floor((ackWaitMs * 2) / 3),
    timeoutMs: ackWaitMs + SPARE_RENEWALS * heartbeatMs,
    expiresMs: Math.floor(Math.min(ackWaitMs, LONGEST_PULL_MS) / 2),
  };
}

export function pinningConfig(pinned: Pinning | undefined): Partial<ConsumerConfig> {
  if (!pinned) return {};
  return {
    priority_policy: PINNED_CLIENT,
    priority_groups: [PIN_GROUP],
    priority_timeout: pinned.timeoutMs * NANOS_PER_MILLI,
  };
}

/**
 * Checks the version of the server, because an older one ignores the pin and delivers to all
 * instances.
 * @throws UnsupportedByServerError (`UNSUPPORTED_BY_SERVER`)
 */
export function assertCanPin(
  version: string,
  {
    settings,
    handlerName,
  }: { readonly settings: { readonly pinned: Pinning | undefined }; readonly handlerName: string },
): void {
  if (settings.pinned) requireServer(`support orderAcross: 'instances' of ${handlerName}`, version, PINS_SINCE);
}

export function isPinned({ priority_policy }: Partial<ConsumerConfig>): boolean {
  return priority_policy === PINNED_CLIENT;
}

/** Returns the server's id of the pinned instance, or undefined if none is pinned. */
export function pinnedTo(
  info: ConsumerInfo & { readonly priority_groups?: readonly GroupState[] },
): string | undefined {
  return info.priority_groups?.find(({ group }) => group === PIN_GROUP)?.pinned_client_id || undefined;
}

/** State of a priority group. nats.js has no type for it. */
interface GroupState {
  readonly group: string;
  readonly pinned_client_id?: string;
}
