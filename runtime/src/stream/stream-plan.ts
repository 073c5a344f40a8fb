import { isDeepStrictEqual } from 'node:util';
import type { StreamConfig } from '@nats-io/jetstream';
import type { Drift } from '../errors/drift';
import { declaredFields, type DesiredStream, type StreamDeclaration } from './stream-config';
import { STREAM_TABLE, type StreamFieldName, type Verdict } from './stream-table';

/** A field that differs on the server, and the effect of changing it. */
export interface StreamDrift extends Drift {
  readonly field: StreamFieldName;
  readonly verdict: Verdict;
}

/** Next update of a stream. */
export interface StreamPlan {
  /** Fields to send. Undefined if there is nothing to change. */
  readonly update: Partial<StreamConfig> | undefined;
  readonly changed: readonly StreamDrift[];
  /** Changes that are impossible, or can drop messages without consent. */
  readonly refused: readonly StreamDrift[];
}

/** Returns the declared fields that differ on the server. Compares the normal forms. */
export function streamDrift(desired: DesiredStream, actual: StreamConfig): StreamDrift[] {
  const after = { ...actual, ...desired };
  return declaredFields(desired).flatMap((field) => {
    const { normal, verdict } = STREAM_TABLE[field];
    const to = normal(targetOf(field, desired, actual), after);
    const from = normal(actual[field], actual);
    if (isDeepStrictEqual(to, from)) return [];
    return [{ field, declared: desired[field], actual: actual[field], verdict: verdict(to, from, actual) }];
  });
}

/** Plans the next update. */
export function planStream({ config, allowDataLoss }: StreamDeclaration, actual: StreamConfig): StreamPlan {
  const drift = streamDrift(config, actual);
  const isAllowed = ({ field, verdict }: StreamDrift): boolean =>
    verdict === 'harmless' || (verdict === 'lossy' && allowDataLoss.some((name) => name === field));
  const changed = drift.filter(isAllowed);
  const shortened = shortenedWindow(config, actual, changed);
  if (shortened) changed.push(shortened);
  const update = Object.fromEntries(
    changed.map(({ field, declared }) => [field, targetOf(field, { ...config, [field]: declared }, actual)]),
  );
  return {
    update: changed.length > 0 ? update : undefined,
    changed,
    refused: drift.filter((one) => !isAllowed(one)),
  };
}

/**
 * Shortens an undeclared `duplicate_window` with `max_age`, as on creation, because the server
 * refuses a longer window.
 */
function shortenedWindow(
  { duplicate_window: declared = 0, max_age: maxAge = 0 }: DesiredStream,
  { duplicate_window: window }: StreamConfig,
  changed: readonly StreamDrift[],
): StreamDrift | undefined {
  const isChanged = changed.some(({ field }) => field === 'max_age');
  // A mirror has no duplicate window.
  if (!isChanged || declared > 0 || maxAge === 0 || !(window > maxAge)) return undefined;
  return { field: 'duplicate_window', declared: maxAge, actual: window, verdict: 'harmless' };
}

function targetOf(field: StreamFieldName, desired: DesiredStream, actual: StreamConfig): unknown {
  const { merge } = STREAM_TABLE[field];
  return merge ? merge(desired[field], actual[field]) : desired[field];
}
