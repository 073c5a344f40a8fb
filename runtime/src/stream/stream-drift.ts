import { isDeepStrictEqual } from 'node:util';
import type { StreamConfig } from '@nats-io/jetstream';
import type { Drift } from '../errors/drift';
import type { DesiredStream } from './stream-config';
import type { StreamDeclaration } from './stream-declaration';

/** What must be sent to the server, and what must not. */
export interface StreamPlan {
  readonly update: Partial<StreamConfig> | undefined;
  readonly changed: readonly Drift[];
  /** Those of `changed` that drop messages, as the declaration allows. */
  readonly losing: readonly Drift[];
  /** Fields that cannot change, or would drop messages. */
  readonly refused: readonly Drift[];
}

type Verdict = 'harmless' | 'lossy' | 'immutable';

const HARMLESS = new Set<string>([
  'description',
  'metadata',
  'subjects',
  'duplicate_window',
  'allow_direct',
  'mirror_direct',
  'allow_rollup_hdrs',
  'compression',
  'republish',
  'placement',
  'subject_delete_marker_ttl',
]);
/** The server counts 0 (max_age) and -1 (all other limits) as "no limit". */
const LIMITS = new Set<string>(['max_age', 'max_msgs', 'max_bytes', 'max_msg_size', 'max_msgs_per_subject']);
/** May be switched on, and never off again (server rule). */
const SWITCHES = new Set<string>(['allow_msg_ttl', 'allow_msg_schedules']);

/** Compares only the fields that the declaration names. Subjects and metadata are added, never taken away. */
export function planStream({ config, allowDataLoss }: StreamDeclaration, actual: StreamConfig): StreamPlan {
  const drift = streamDrift(config, actual);
  const losing = drift.filter((one) => isLossy(one) && allowDataLoss.some((name) => name === one.field));
  const changed = drift.filter((one) => judge(one) === 'harmless' || losing.includes(one));
  const refused = drift.filter((one) => !changed.includes(one));
  const update = Object.fromEntries(changed.map(({ field }) => [field, targetOf(field, config, actual)]));
  return { update: changed.length > 0 ? update : undefined, changed, losing, refused };
}

/** Each declared field that the server has otherwise. */
export function streamDrift(desired: DesiredStream, actual: StreamConfig): Drift[] {
  return fieldsOf(desired)
    .filter((field) => !isSame(field, targetOf(field, desired, actual), actual[field]))
    .map((field) => ({ field, declared: desired[field], actual: actual[field] }));
}

/** Whether a change drops messages that are stored, or copies of them. */
export function isLossy(drift: Drift): boolean {
  return judge(drift) === 'lossy';
}

function isSame(field: string, target: unknown, actual: unknown): boolean {
  return (
    isDeepStrictEqual(withoutEmptyLists(target), withoutEmptyLists(actual)) ||
    (LIMITS.has(field) && limit(target) === limit(actual))
  );
}

/** The server leaves out lists that are empty, such as the `tags` of a placement, which nats.js's type asks for. */
function withoutEmptyLists(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).filter(([, item]) => !(Array.isArray(item) && item.length === 0)));
}

function fieldsOf(desired: DesiredStream): (keyof StreamConfig)[] {
  return Object.keys(desired) as (keyof StreamConfig)[];
}

/** Another version of the service, an operator or the server itself may have added what this declaration does not name. */
function targetOf(field: string, desired: DesiredStream, actual: StreamConfig): unknown {
  if (field === 'subjects') return [...new Set([...(actual.subjects ?? []), ...(desired.subjects ?? [])])];
  if (field === 'metadata') return { ...actual.metadata, ...desired.metadata };
  return desired[field as keyof StreamConfig];
}

function judge({ field, declared, actual }: Drift): Verdict {
  if (HARMLESS.has(field)) return 'harmless';
  if (SWITCHES.has(field)) return declared === true ? 'harmless' : 'immutable';
  if (LIMITS.has(field)) return limit(declared) > limit(actual) ? 'harmless' : 'lossy';
  if (field === 'num_replicas') return Number(declared) > Number(actual) ? 'harmless' : 'lossy';
  if (field === 'discard') return declared === 'new' ? 'harmless' : 'lossy';
  if (field !== 'retention' || [declared, actual].includes('workqueue')) return 'immutable';
  return declared === 'limits' ? 'harmless' : 'lossy';
}

function limit(value: unknown): number {
  return typeof value === 'number' && value > 0 ? value : Number.POSITIVE_INFINITY;
}
