import { isDeepStrictEqual } from 'node:util';
import type { StreamConfig } from '@nats-io/jetstream';
import type { StreamDrift } from '../errors/stream.errors';
import type { DesiredStream } from './stream-config';

/** What must be sent to the server, and what must not: fields of `refused` cannot change, or would drop messages. */
export interface StreamPlan {
  readonly update: Partial<StreamConfig> | undefined;
  readonly changed: readonly StreamDrift[];
  readonly refused: readonly StreamDrift[];
}

// The server counts 0 (max_age) and -1 (all other limits) as "no limit".
const LIMITS = new Set<string>(['max_age', 'max_msgs', 'max_bytes', 'max_msg_size', 'max_msgs_per_subject']);
const HARMLESS = new Set<string>(['description', 'metadata', 'duplicate_window', 'allow_direct', 'allow_rollup_hdrs']);

/** Compares only the fields that the declaration names. Subjects and metadata are added, never taken away. */
export function planStream(desired: DesiredStream, actual: StreamConfig): StreamPlan {
  const changed: StreamDrift[] = [];
  const refused: StreamDrift[] = [];
  const update: Record<string, unknown> = {};
  for (const [field, declared] of Object.entries(desired)) {
    const current = actual[field as keyof StreamConfig];
    const target = targetOf(field, declared, actual);
    if (isDeepStrictEqual(target, current)) continue;
    const drift = { field, declared, actual: current };
    if (isHarmless(field, target, current)) {
      update[field] = target;
      changed.push(drift);
    } else {
      refused.push(drift);
    }
  }
  return { update: changed.length > 0 ? update : undefined, changed, refused };
}

/** Another version of the service, an operator or the server itself may have added what this declaration does not name. */
function targetOf(field: string, declared: unknown, actual: StreamConfig): unknown {
  if (field === 'subjects') return union(actual.subjects, declared as string[]);
  if (field === 'metadata') return { ...actual.metadata, ...(declared as StreamConfig['metadata']) };
  return declared;
}

function union(actual: readonly string[] | undefined, declared: readonly string[]): string[] {
  return [...new Set([...(actual ?? []), ...declared])];
}

function isHarmless(field: string, declared: unknown, actual: unknown): boolean {
  if (field === 'subjects' || HARMLESS.has(field)) return true;
  if (field === 'num_replicas') return Number(declared) > Number(actual);
  return LIMITS.has(field) && limit(declared) > limit(actual);
}

function limit(value: unknown): number {
  return typeof value === 'number' && value > 0 ? value : Number.POSITIVE_INFINITY;
}
