import { isDeepStrictEqual } from 'node:util';
import { DeliverPolicy, type ConsumerConfig, type ConsumerInfo } from '@nats-io/jetstream';
import type { Drift } from '../../errors/drift';
import { METADATA_KEYS, START_KEY, type DesiredConsumer } from './consumer-config';
import { CONSUMER_OPTIONS, type OptionRow, type ServerField } from '../options/option-table';
import { isPinned } from '../options/pinning';

/** Differences between a consumer and its declaration. */
export interface ConsumerDrifts {
  readonly updatable: readonly Drift[];
  /** Differences that the server cannot change. */
  readonly fixed: readonly Drift[];
}

const FIELDS: readonly ServerField[] = Object.values<OptionRow>(CONSUMER_OPTIONS).flatMap(({ server = [] }) => server);
const COMPARED = FIELDS.filter(({ ownRule }) => !ownRule);
const PINNING = ['priority_policy', 'priority_groups', 'priority_timeout'] as const;

/**
 * Compares a consumer with its declaration.
 * @param metadata entries that the consumer must have. Other entries are kept.
 * @param absent `'reset'` requires the server's default for a field that is not declared. `'keep'`
 * accepts any value, because another owner provisions the consumer.
 */
export function consumerDrifts(
  info: Pick<ConsumerInfo, 'config'>,
  desired: DesiredConsumer,
  metadata: Readonly<Record<string, string>>,
  absent: 'reset' | 'keep' = 'reset',
): ConsumerDrifts {
  const actual = withFilterList(info.config);
  const compared = absent === 'reset' ? COMPARED : COMPARED.filter((field) => !isOpen(field, desired));
  const differing = compared.flatMap((field) => fieldDrift(field, actual, desired));
  const subject = subjectDrift(actual, desired);
  const isOtherKind = (actual.deliver_subject === undefined) !== (desired.deliver_subject === undefined);
  return {
    fixed: [
      ...differing.filter(({ changeable }) => !changeable).map(({ drift }) => drift),
      ...startDrift(actual, desired),
      ...(isOtherKind ? subject : []),
    ],
    updatable: [
      ...differing.filter(({ changeable }) => changeable).map(({ drift }) => drift),
      ...(isOtherKind ? [] : subject),
      ...pinningDrift(actual, desired),
      ...metadataDrift(actual, metadata),
    ],
  };
}

function fieldDrift(
  { field, changeable, absent }: ServerField,
  actual: Partial<ConsumerConfig>,
  desired: Partial<ConsumerConfig>,
): { readonly changeable: boolean; readonly drift: Drift }[] {
  const declared = isZero(desired[field]) ? absent?.(desired) : desired[field];
  const found = isZero(actual[field]) ? absent?.(actual) : actual[field];
  if (isDeepStrictEqual(declared, found)) return [];
  // An update with undefined leaves the field out, and the server sets its default.
  return [{ changeable, drift: { field, declared: declared ?? undefined, actual: found ?? undefined } }];
}

/**
 * Returns true if the field is not declared and works with any value, so that the owner of the
 * consumer may choose it.
 */
function isOpen({ field, changeable, absent }: ServerField, desired: Partial<ConsumerConfig>): boolean {
  return isZero(desired[field]) && (changeable || absent !== undefined);
}

/** Returns true for a Go zero value. The server leaves it out. */
function isZero(value: unknown): boolean {
  return value === undefined || value === false || value === 0 || value === '' || isDeepStrictEqual(value, []);
}

function subjectDrift(actual: Partial<ConsumerConfig>, desired: Partial<ConsumerConfig>): Drift[] {
  if (actual.deliver_subject === desired.deliver_subject) return [];
  return [{ field: 'deliver_subject', declared: desired.deliver_subject, actual: actual.deliver_subject }];
}

function startDrift(actual: Partial<ConsumerConfig>, desired: DesiredConsumer): Drift[] {
  const declared = desired.metadata[START_KEY] ?? '';
  const known = actual.metadata?.[START_KEY];
  const start = known ?? startOf(actual);
  // A consumer that another client created may have been declared with a relative time.
  const isUnknown = known === undefined && declared.startsWith(`${DeliverPolicy.StartTime} -`);
  if (start === declared || (isUnknown && actual.deliver_policy === DeliverPolicy.StartTime)) return [];
  return [{ field: 'deliver_policy', declared, actual: start }];
}

/** Returns the start in the form of `ConsumerStart.key`. */
function startOf({ deliver_policy, opt_start_seq, opt_start_time }: Partial<ConsumerConfig>): string | undefined {
  if (deliver_policy === DeliverPolicy.StartSequence) return `${deliver_policy} ${opt_start_seq}`;
  if (deliver_policy !== DeliverPolicy.StartTime || opt_start_time === undefined) return deliver_policy;
  return `${deliver_policy} ${new Date(opt_start_time).toISOString()}`;
}

/** Compares all pinning fields together, as the server does. Keeps other priority policies. */
function pinningDrift(actual: Partial<ConsumerConfig>, desired: Partial<ConsumerConfig>): Drift[] {
  const differs = PINNING.some((field) => !isDeepStrictEqual(actual[field], desired[field]));
  if (!differs || !(isPinned(actual) || isPinned(desired))) return [];
  return PINNING.map((field) => ({ field, declared: desired[field], actual: actual[field] }));
}

/** Removes keys that this service no longer declares. */
function metadataDrift(
  { metadata: actual = {} }: Partial<ConsumerConfig>,
  wanted: Readonly<Record<string, string>>,
): Drift[] {
  const removed = keysIn(actual[METADATA_KEYS]).filter((key) => !Object.hasOwn(wanted, key));
  const declared: Record<string, string> = { ...actual, ...wanted };
  for (const key of removed) delete declared[key];
  if (removed.length > 0 && !Object.hasOwn(wanted, METADATA_KEYS)) delete declared[METADATA_KEYS];
  return isDeepStrictEqual(actual, declared) ? [] : [{ field: 'metadata', declared, actual }];
}

function keysIn(list = '[]'): readonly string[] {
  try {
    const keys: unknown = JSON.parse(list);
    return Array.isArray(keys) ? keys.filter((key) => typeof key === 'string') : [];
  } catch {
    return [];
  }
}

/** Converts a single filter. The server returns it in its older form. */
function withFilterList(config: ConsumerConfig): Partial<ConsumerConfig> {
  return config.filter_subject ? { ...config, filter_subjects: [config.filter_subject] } : config;
}
