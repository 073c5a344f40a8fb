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
  /** How often it was announced without a sign that it began. */
  readonly announcements: number;
  /** Set when the handler began; missing if the process ended after the announcement. */
  readonly hasBegun?: true;
}

/**
 * Announcements without a sign of a run, after which the run counts. A handler that ends its
 * process at once leaves no such sign, and neither does a message whose process was ended by
 * another one.
 */
const MAX_ANNOUNCEMENTS = 3;

/** Facts about one message of one consumer that do not follow from its delivery count. */
export interface AttemptRecord {
  readonly storedAtNanos: string;
  readonly consumerCreated: string;
  /** Number of deliveries that were handed back without a run. */
  readonly handedBack: number;
  /** The delivery that was handed back last. */
  readonly handedBackLast?: number;
  /** The final attempt, as far as it came. */
  readonly final?: FinalAttempt;
}

/** Returns the subject of a message's record. The stream keeps one record for each. */
export function attemptSubject({ stream, consumer, streamSequence }: DeliveredMessage): string {
  return `jetstream-attempts.${stream}.${consumer}.${streamSequence}`;
}

/**
 * Reads the record of a message. One about an earlier message of this sequence, or about an earlier
 * consumer of this name, counts as none: a recreated stream or consumer begins to count again.
 */
export function recordOf(stored: StoredMsg | null, message: DeliveredMessage): AttemptRecord {
  const { storedAtNanos, consumerCreated } = message;
  const found = stored ? parse(stored.data) : undefined;
  return found?.storedAtNanos === storedAtNanos && found.consumerCreated === consumerCreated
    ? found
    : { storedAtNanos, consumerCreated, handedBack: 0 };
}

/**
 * Adds this delivery to those that did not run. Returns the same record if it is counted already.
 */
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
    // The final attempt was announced and then did not begin.
    ...(final && !isOwn(final, deliveryCount, process) ? { final } : {}),
  };
}

/** Decides about a delivery by the record of its message. */
export function judgeAttempt(
  record: AttemptRecord,
  { deliveryCount }: DeliveredMessage,
  maxDeliver: number,
  process: string,
): Attempt {
  const { final } = record;
  const attempt = Math.max(1, deliveryCount - record.handedBack);
  if (maxDeliver <= 0 || attempt < maxDeliver) return { is: 'run', attempt, isFinal: false };
  // No record is written before the only run of a message: any later delivery comes after it.
  if (maxDeliver === 1 && attempt > 1) return { is: 'exhausted', attempt: attempt - 1 };
  // The final attempt under a lower maxDeliver leaves attempts under the present one.
  const isOver = final !== undefined && (final.hasBegun === true || final.announcements >= MAX_ANNOUNCEMENTS);
  if (isOver && !isOwn(final, deliveryCount, process) && final.attempt >= maxDeliver)
    return { is: 'exhausted', attempt: final.attempt };
  return { is: 'run', attempt, isFinal: true };
}

/**
 * Announces the final attempt with this delivery. Returns the same record if it is announced
 * already.
 */
export function withFinalAttempt(
  record: AttemptRecord,
  next: Pick<FinalAttempt, 'attempt' | 'delivery' | 'process'>,
): AttemptRecord {
  const { final } = record;
  if (final?.attempt === next.attempt && isOwn(final, next.delivery, next.process)) return record;
  return { ...record, final: { ...next, announcements: (final?.announcements ?? 0) + 1 } };
}

/** Notes that the announced attempt began. */
export function withBegun(record: AttemptRecord): AttemptRecord {
  return record.final ? { ...record, final: { ...record.final, hasBegun: true } } : record;
}

/**
 * A retry in a process counts like a delivery, so the number of a delivery alone may be that of
 * another process.
 */
function isOwn(final: FinalAttempt, delivery: number, process: string): boolean {
  return final.delivery === delivery && final.process === process;
}

function parse(data: Uint8Array): AttemptRecord | undefined {
  try {
    const value: Partial<AttemptRecord> | null = JSON.parse(new TextDecoder().decode(data));
    return typeof value?.handedBack === 'number' ? (value as AttemptRecord) : undefined;
  } catch {
    // Another client may publish anything to this subject.
    return undefined;
  }
}
