import type { StreamConfig } from '@nats-io/jetstream';
import type { DesiredStream } from '../stream/stream-config';

const NANOS_PER_DAY = 24 * 3_600 * 1e9;
const KEPT_DAYS = 30;

/** The stream that holds the dead letters of another: kept 30 days, with as many copies as the stream itself. */
export function deadLetterStream({ name, num_replicas }: Pick<StreamConfig, 'name' | 'num_replicas'>): DesiredStream {
  return {
    ...deadLetterSubjects(name),
    description: `Messages of stream ${name} that no delivery could get handled`,
    max_age: KEPT_DAYS * NANOS_PER_DAY,
    num_replicas,
  };
}

/** What it cannot do without; the rest of it is an operator's to change. */
export function deadLetterSubjects(stream: string): DesiredStream {
  return { name: deadLetterStreamName(stream), subjects: [`dead.${stream}.>`] };
}

/** Name of the stream that holds the dead letters of another. */
export function deadLetterStreamName(stream: string): string {
  return `${stream}_DEAD`;
}

/** One subject for each dead message, so that the server itself can refuse a second copy of it. */
export function deadLetterSubject(stream: string, durable: string, sequence: number): string {
  return `dead.${stream}.${durable}.${sequence}`;
}
