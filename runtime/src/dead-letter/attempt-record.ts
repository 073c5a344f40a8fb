import type { StoredMsg } from '@nats-io/jetstream';
import type { DeliveredMessage } from '../message/message-state';

/** Decision about a delivery: run the handler, or dead-letter the message without a run. */
export type Attempt =
  | { readonly is: 'run'; readonly attempt: number; readonly isFinal: boolean }
  | { readonly is: 'exhausted'; readonly attempt: number };

interface FinalAttempt {
  readonly attempt: number;
  readonly delivery: number;
  /** Identifies the process that announced it. */
  readonly process: string;
  /** Number of announcements without a recorded begin. */
  readonly announcements: number;
  /** Set when the handler began. Absent if the process exited after the announcement. */
  readonly hasBegun?: true;
}

/**
 * Number of announcements after which an attempt counts without a recorded begin. A handler that
 * exits the process immediately leaves no record, and neither does a message whose process exits
 * because of another message.
 */
const MAX_ANNOUNCEMENTS = 3;

/** State of a message of a consumer that its delivery count does not contain. */
export interface AttemptRecord {
  readonly storedAtNanos: string;
  readonly consumerCreated: string;
  /** Number of deliveries that were returned without a run. */
  readonly handedBack: number;
  /** Last delivery that was returned. */
  readonly handedBackLast?: number;
  /** State of the final attempt. */
  readonly final?: FinalAttempt;
}

/** Returns the subject of a message's record. The stream keeps one record per subject. */
export function attemptSubject({ stream, consumer, streamSequence, copy }: DeliveredMessage): string {
  // A redriven message has its own attempts, and the record of the first ones may still be needed.
  return `jetstream-attempts.${stream}.${consumer}.${copy === undefined ? streamSequence : `redrive.${copy}`}`;
}

/** Returns the subject pattern of a consumer's records, without those of redriven messages. */
export function attemptPattern(stream: string, consumer: string): string {
  return `jetstream-attempts.${stream}.${consumer}.*`;
}

/**
 * Reads the record of a message. Ignores a record of an earlier stream or consumer with the same
 * name, because a recreated stream or consumer counts from 0.
 */
export function recordOf(stored: StoredMsg | null, message: DeliveredMessage): AttemptRecord {
  const { storedAtNanos, consumerCreated } = message;
  const found = stored ? parse(stored.data) : undefined;
  return found?.storedAtNanos === storedAtNanos && found.consumerCreated === consumerCreated
    ? found
    : { storedAtNanos, consumerCreated, handedBack: 0 };
}

/** Counts a delivery that did not run. Returns the same record if it was already counted. */
export function withHandedBack(
  record: AttemptRecord,
  { deliveryCount }: DeliveredMessage,
  process: string,
): AttemptRecord {
  if (record.handedBackLast === deliveryCount) return record;
  const { final, ...rest } = record;
  return {
    ...rest,
    handedBack: record.handedBack + 1,
    handedBackLast: deliveryCount,
    // The final attempt was announced but did not begin.
    ...(final && !isOwn(final, deliveryCount, process) ? { final } : {}),
  };
}

/** Decides about a delivery from the record of its message. */
export function judgeAttempt(
  record: AttemptRecord,
  { deliveryCount }: DeliveredMessage,
  maxDeliver: number,
  process: string,
): Attempt {
  const { final } = record;
  const attempt = Math.max(1, deliveryCount - record.handedBack);
  if (maxDeliver <= 0 || attempt < maxDeliver) return { is: 'run', attempt, isFinal: false };
  // The only run of a message has no record, so any later delivery follows it.
  if (maxDeliver === 1 && attempt > 1) return { is: 'exhausted', attempt: attempt - 1 };
  // A final attempt under a lower maxDeliver is not final under the current one.
  const isOver = final !== undefined && (final.hasBegun === true || final.announcements >= MAX_ANNOUNCEMENTS);
  if (isOver && !isOwn(final, deliveryCount, process) && final.attempt >= maxDeliver)
    return { is: 'exhausted', attempt: final.attempt };
  return { is: 'run', attempt, isFinal: true };
}

/** Announces the final attempt. Returns the same record if it was already announced. */
export function withFinalAttempt(
  record: AttemptRecord,
  next: Pick<FinalAttempt, 'attempt' | 'delivery' | 'process'>,
): AttemptRecord {
  const { final } = record;
  if (final?.attempt === next.attempt && isOwn(final, next.delivery, next.process)) return record;
  return { ...record, final: { ...next, announcements: (final?.announcements ?? 0) + 1 } };
}

/** Marks the announced attempt as begun. */
export function withBegun(record: AttemptRecord): AttemptRecord {
  return record.final ? { ...record, final: { ...record.final, hasBegun: true } } : record;
}

/**
 * Returns true if the final attempt was announced for this delivery. Compares the process too,
 * because its retries count as deliveries.
 */
function isOwn(final: FinalAttempt, delivery: number, process: string): boolean {
  return final.delivery === delivery && final.process === process;
}

function parse(data: Uint8Array): AttemptRecord | undefined {
  try {
    const value: Partial<AttemptRecord> | null = JSON.parse(new TextDecoder().decode(data));
    return typeof value?.handedBack === 'number' ? (value as AttemptRecord) : undefined;
  } catch {
    // Other clients may publish to this subject.
    return undefined;
  }
}
