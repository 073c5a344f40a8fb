import type { ConsumerConfig } from '@nats-io/jetstream';
import { durationText, NANOS_PER_MILLI } from '../../errors/duration-text';
import { InvalidOptionError } from '../../errors/configuration.errors';

/** Delivery of messages: pulled by this process, or pushed by the server to a subject. */
export type Delivery =
  | { readonly kind: 'pull' | 'ordered'; readonly heartbeatMs: number }
  | {
      readonly kind: 'push';
      readonly prefix: string | undefined;
      readonly literal: string | undefined;
      readonly group: string | undefined;
      /**
       * Undefined for a group, because the server sends each heartbeat to only one of its
       * instances.
       */
      readonly heartbeatMs: number | undefined;
    };

/** Delivery options, parsed. */
export interface DeliveryOptions {
  readonly orderedConsumer?: boolean;
  readonly deliverTo?: string;
  readonly deliverToSubject?: string;
  readonly deliverGroup?: string;
  readonly flowControl?: boolean;
  readonly limit?: number;
  readonly idleHeartbeat?: number;
}

/**
 * A pull detects a lost leader after three heartbeats, before a cluster has elected another one.
 */
const DEFAULT_HEARTBEAT_MS = 2_000;
/** Shorter, because push and ordered consumers detect a deleted consumer only by heartbeats. */
const DEFAULT_SILENT_HEARTBEAT_MS = 1_000;
/** A pull request expires after 30 s, and the server accepts heartbeats of at most half of it. */
const PULL_HEARTBEAT_MS = { least: 500, most: 15_000 };

/**
 * Returns a pull delivery, unless an option requires push.
 * @throws InvalidOptionError (`INVALID_OPTION`)
 */
export function delivery(options: DeliveryOptions): Delivery {
  const { deliverTo, deliverToSubject, deliverGroup, flowControl, limit, idleHeartbeat, orderedConsumer } = options;
  const isPush = flowControl || [deliverTo, deliverToSubject, deliverGroup, limit].some((value) => value !== undefined);
  if (!isPush || orderedConsumer) {
    const heartbeatMs = idleHeartbeat ?? (orderedConsumer ? DEFAULT_SILENT_HEARTBEAT_MS : DEFAULT_HEARTBEAT_MS);
    assertPullHeartbeat(heartbeatMs);
    return { kind: orderedConsumer ? 'ordered' : 'pull', heartbeatMs };
  }
  const isSingle = flowControl === true || idleHeartbeat !== undefined;
  return {
    kind: 'push',
    prefix: deliverTo,
    literal: deliverToSubject,
    group: deliverGroup,
    heartbeatMs: isSingle ? (idleHeartbeat ?? DEFAULT_SILENT_HEARTBEAT_MS) : undefined,
  };
}

/**
 * Returns the subject and group that a push consumer delivers to. They are the same in every
 * instance, and different for every consumer.
 */
export function deliveryConfig(mode: Delivery, consumer: string, inboxPrefix = '_INBOX'): Partial<ConsumerConfig> {
  if (mode.kind !== 'push') return {};
  const deliver_subject = mode.literal ?? `${mode.prefix ?? inboxPrefix}.${consumer}`;
  if (mode.heartbeatMs === undefined) return { deliver_subject, deliver_group: mode.group ?? consumer };
  return { deliver_subject, idle_heartbeat: mode.heartbeatMs * NANOS_PER_MILLI };
}

function assertPullHeartbeat(heartbeatMs: number): void {
  const { least, most } = PULL_HEARTBEAT_MS;
  if (heartbeatMs >= least && heartbeatMs <= most) return;
  const range = `pass ${durationText(least)} to ${durationText(most)} for a pull consumer`;
  throw new InvalidOptionError('idleHeartbeat', durationText(heartbeatMs), range);
}
