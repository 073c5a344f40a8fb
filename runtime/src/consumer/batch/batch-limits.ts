import type { ConsumerOptions } from '../consumer-options';
import type { OptionProblems } from '../../errors/option-problems';
import type { BatchSettings } from './batch-options';

/** What the server has unacknowledged at most, over all instances, unless `maxAckPending` says otherwise. */
const SERVER_MAX_ACK_PENDING = 1_000;

/** No more than the server delivers before it waits for acknowledgements, and enough for one batch. */
export function batchPrefetch({ size }: BatchSettings, wanted: number, { maxAckPending }: ConsumerOptions): number {
  return Math.min(wanted, Math.max(size, maxAckPending ?? SERVER_MAX_ACK_PENDING));
}

/** Refuses what batches would wait for in vain, and what one handler of many messages cannot keep. */
export function refuseWithBatch(
  { size, timeoutMs }: BatchSettings,
  given: ConsumerOptions,
  { prefetch, maxProcessingTimeMs }: { readonly prefetch: number; readonly maxProcessingTimeMs: number },
  problems: OptionProblems,
): void {
  const { maxAckPending } = given;
  const orderBy: unknown = Reflect.get(given, 'orderBy');
  problems.refuse(
    orderBy !== undefined,
    'orderBy',
    orderBy,
    'a batch has messages of many keys, in the order of the stream: group them in the handler, or leave out batch',
  );
  problems.refuse(
    prefetch < size,
    given.prefetch === undefined ? 'maxMessages' : 'prefetch',
    prefetch,
    `a batch of ${size} would never be full: give at least ${size}, or lower batch.size`,
  );
  const unacknowledged = maxAckPending ?? SERVER_MAX_ACK_PENDING;
  problems.refuse(
    size > unacknowledged && String(given.ackPolicy).toLowerCase() !== 'none',
    'batch.size',
    size,
    `the server delivers ${unacknowledged} before it waits for acknowledgements, so it would never be full: raise maxAckPending`,
  );
  problems.refuse(
    maxProcessingTimeMs > 0 && timeoutMs >= maxProcessingTimeMs,
    'batch.timeout',
    timeoutMs,
    `a message would be let go after maxProcessingTime (${maxProcessingTimeMs} ms), before its handler ran: give less`,
  );
}
