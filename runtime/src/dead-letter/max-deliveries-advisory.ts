import type { ConsumerInfo } from '@nats-io/jetstream';
import { subjectMatches } from '../subject/subject-match';

/** What the server writes when it gives a message up: `io.nats.jetstream.advisory.v1.max_deliver`. */
export interface MaxDeliveriesAdvisory {
  readonly stream: string;
  readonly consumer: string;
  readonly stream_seq: number;
  readonly deliveries: number;
}

/** Undefined for what is no such advisory: anybody who may publish to its subject can write one. */
export function parseAdvisory(data: Uint8Array): MaxDeliveriesAdvisory | undefined {
  let advisory: Partial<Record<keyof MaxDeliveriesAdvisory, unknown>> | null;
  try {
    advisory = JSON.parse(new TextDecoder().decode(data));
  } catch {
    return undefined;
  }
  const { stream, consumer, stream_seq, deliveries } = advisory ?? {};
  if (!isName(stream) || !isName(consumer) || !isCount(stream_seq) || !isCount(deliveries)) return undefined;
  return { stream, consumer, stream_seq, deliveries };
}

/** A name becomes part of the subjects that the server is asked with. */
function isName(value: unknown): value is string {
  return typeof value === 'string' && /^[^\s.*>/\\\p{Cc}]+$/u.test(value);
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && Number(value) > 0;
}

/** `unsettled`: not as it says, but it may have been, and the message is not done with yet. */
export type Judgement = 'given up' | 'unsettled' | 'false';

/** Whether the consumer can really have given up a message of this subject so. */
export function judgeAdvisory(advisory: MaxDeliveriesAdvisory, subject: string, info: ConsumerInfo): Judgement {
  const { config, delivered } = info;
  const filters = config.filter_subjects ?? (config.filter_subject ? [config.filter_subject] : ['>']);
  const isDelivered = advisory.stream_seq <= delivered.stream_seq;
  if (!isDelivered || !filters.some((pattern) => subjectMatches(subject, pattern))) return 'false';
  const maxDeliver = config.max_deliver ?? -1;
  if (maxDeliver > 0 && advisory.deliveries >= maxDeliver) return 'given up';
  // The limit was raised since. What the server had given up under the lower one it does not deliver again.
  return isDone(advisory.stream_seq, info) ? 'given up' : 'unsettled';
}

/** Whether the server waits for nothing of a message any more. */
function isDone(sequence: number, { ack_floor, num_ack_pending }: ConsumerInfo): boolean {
  return num_ack_pending === 0 || sequence <= ack_floor.stream_seq;
}
