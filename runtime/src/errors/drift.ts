import { durationText, NANOS_PER_MILLI } from './duration-text';

/** Difference between the declaration of a field and its value on the server. */
export interface Drift {
  readonly field: string;
  readonly declared: unknown;
  readonly actual: unknown;
}

/** Fields in nanoseconds. */
const DURATIONS: ReadonlySet<string> = new Set([
  'ack_wait',
  'backoff',
  'duplicate_window',
  'idle_heartbeat',
  'inactive_threshold',
  'max_age',
  'max_expires',
  'priority_timeout',
  'subject_delete_marker_ttl',
]);

/** Describes each difference with both values. */
export function driftText(drift: readonly Drift[]): string {
  return drift
    .map(({ field, declared, actual }) => `${field} is ${shown(actual, field)}, declared ${shown(declared, field)}`)
    .join('; ');
}

/** Describes each change of an update, for logs. */
export function changeText(drift: readonly Drift[]): string {
  return drift
    .map(({ field, declared, actual }) => `${field} ${shown(actual, field)} → ${shown(declared, field)}`)
    .join(', ');
}

function shown(value: unknown, field = ''): string {
  if (value === undefined) return 'not set';
  if (DURATIONS.has(field)) {
    if (Array.isArray(value)) return `[${value.map((each) => shown(each, field)).join(', ')}]`;
    if (typeof value === 'number' && value > 0 && value % NANOS_PER_MILLI === 0)
      return durationText(value / NANOS_PER_MILLI);
  }
  return JSON.stringify(value);
}
