import { isDeepStrictEqual } from 'node:util';
import { DeliverPolicy, type ConsumerConfig, type ConsumerInfo } from '@nats-io/jetstream';
import type { Drift } from '../errors/drift';
import { START_KEY, type DesiredConsumer } from './consumer-config';
import { isPinned } from './pull/pinning';

/** How a consumer differs from its declaration. */
export interface ConsumerDrifts {
  readonly updatable: readonly Drift[];
  /** Updatable, but messages that were delivered as often already would never be handled again, only buried. */
  readonly lossy: readonly Drift[];
  readonly fixed: readonly Drift[];
}

const FIXED = [
  'ack_policy',
  'replay_policy',
  'max_waiting',
  'mem_storage',
  'idle_heartbeat',
  'flow_control',
  'deliver_group',
] as const;
const UPDATABLE = [
  'ack_wait',
  'filter_subjects',
  'max_deliver',
  'max_ack_pending',
  'sample_freq',
  'rate_limit_bps',
  'description',
  'headers_only',
  'backoff',
  'inactive_threshold',
  'num_replicas',
  'deliver_subject',
] as const;

const PINNING = ['priority_policy', 'priority_groups', 'priority_timeout'] as const;

/** @param metadata what must be among the consumer's; it may have more. */
export function consumerDrifts(
  info: ConsumerInfo,
  desired: DesiredConsumer,
  metadata: Readonly<Record<string, string>>,
): ConsumerDrifts {
  const actual = effective(info.config);
  const differing: Drift[] = UPDATABLE.filter(
    (field) => desired[field] !== undefined && !isDeepStrictEqual(actual[field], desired[field]),
  ).map((field) => ({ field, declared: desired[field], actual: actual[field] }));
  const fixed = [...fixedDrift(actual, desired), ...startDrift(actual, desired), ...kindDrift(actual, desired)];
  const isFixed = new Set(fixed.map(({ field }) => field));
  const changeable = differing.filter(({ field }) => !isFixed.has(field));
  const lossy = changeable.filter((drift) => strands(drift, info));
  const wanted = { ...actual.metadata, ...metadata };
  return {
    fixed,
    lossy,
    updatable: [
      ...pinningDrift(actual, desired),
      ...changeable.filter((drift) => !lossy.includes(drift)),
      ...(isDeepStrictEqual(actual.metadata ?? {}, wanted)
        ? []
        : [{ field: 'metadata', declared: wanted, actual: actual.metadata }]),
    ],
  };
}

function fixedDrift(actual: Partial<ConsumerConfig>, desired: DesiredConsumer): Drift[] {
  return FIXED.filter((field) => {
    // What was not said is the server's choice, which it gives back as a value of its own.
    const declared = desired[field] ?? (field === 'max_waiting' ? actual[field] : undefined);
    return (declared || undefined) !== (actual[field] || undefined);
  }).map((field) => ({ field, declared: desired[field], actual: actual[field] }));
}

function startDrift(actual: Partial<ConsumerConfig>, desired: DesiredConsumer): Drift[] {
  const declared = desired.metadata[START_KEY] ?? '';
  const known = actual.metadata?.[START_KEY];
  const start = known ?? startOf(actual);
  // One that somebody else made does not say whether its time was once a relative one.
  const isUnknown = known === undefined && declared.startsWith(`${DeliverPolicy.StartTime} -`);
  if (start === declared || (isUnknown && actual.deliver_policy === DeliverPolicy.StartTime)) return [];
  return [{ field: 'deliver_policy', declared, actual: start }];
}

/** As `ConsumerStart.key` has it. */
function startOf({ deliver_policy, opt_start_seq, opt_start_time }: Partial<ConsumerConfig>): string | undefined {
  if (deliver_policy === DeliverPolicy.StartSequence) return `${deliver_policy} ${opt_start_seq}`;
  if (deliver_policy !== DeliverPolicy.StartTime || opt_start_time === undefined) return deliver_policy;
  return `${deliver_policy} ${new Date(opt_start_time).toISOString()}`;
}

/** With all of its fields, since the server takes them together; one that is not pinned any more must say so. */
function pinningDrift(actual: Partial<ConsumerConfig>, desired: DesiredConsumer): Drift[] {
  const differs = (field: (typeof PINNING)[number]): boolean => !isDeepStrictEqual(actual[field], desired[field]);
  const changes = isPinned(actual) !== isPinned(desired);
  if (!changes && !(isPinned(desired) && PINNING.some(differs))) return [];
  // Without one of its own it has the server's default again, and not what one instance had.
  const isFreed = changes && !isPinned(desired) && desired.max_ack_pending === undefined;
  const fields = [...PINNING, ...(isFreed ? (['max_ack_pending'] as const) : [])];
  return fields.map((field) => ({ field, declared: desired[field], actual: actual[field] }));
}

function kindDrift(actual: Partial<ConsumerConfig>, desired: DesiredConsumer): Drift[] {
  if ((actual.deliver_subject === undefined) === (desired.deliver_subject === undefined)) return [];
  return [{ field: 'deliver_subject', declared: desired.deliver_subject, actual: actual.deliver_subject }];
}

function strands(
  { field, declared, actual }: Drift,
  { num_redelivered, num_ack_pending }: Pick<ConsumerInfo, 'num_redelivered' | 'num_ack_pending'>,
): boolean {
  if (field !== 'max_deliver' || num_redelivered === 0 || num_ack_pending === 0) return false;
  return deliveries(declared) < deliveries(actual);
}

function deliveries(maxDeliver: unknown): number {
  return typeof maxDeliver === 'number' && maxDeliver > 0 ? maxDeliver : Number.POSITIVE_INFINITY;
}

/** The server gives a single filter back in its older form, whichever way it was sent. */
function effective(config: ConsumerConfig): Partial<ConsumerConfig> {
  return config.filter_subject ? { ...config, filter_subjects: [config.filter_subject] } : config;
}
