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

/** Whether the consumer can really have given up a message of this subject so. */
export function isPlausible(
  advisory: MaxDeliveriesAdvisory,
  subject: string,
  { config, delivered }: ConsumerInfo,
): boolean {
  const maxDeliver = config.max_deliver ?? -1;
  const filters = config.filter_subjects ?? (config.filter_subject ? [config.filter_subject] : ['>']);
  return (
    maxDeliver > 0 &&
    advisory.deliveries >= maxDeliver &&
    advisory.stream_seq <= delivered.stream_seq &&
    filters.some((pattern) => subjectMatches(subject, pattern))
  );
}
