import { isRecord } from '../../schematics/shared/edit/json-file';
import type { StoredMessage } from '../nats/stored-messages';
import type { SampledEvent } from './token-names';

/** Kinds of messages that have no JSON object, with their names in messages. */
const OTHERS = {
  empty: 'empty',
  marker: 'with a delete marker',
  schedule: 'with a schedule',
  large: 'larger than 1 MiB',
  notJson: 'not JSON in UTF-8',
  notObject: 'not an object',
} as const;

type Other = keyof typeof OTHERS;

/** Messages of one event, without those that are not JSON objects. */
export interface EventSample {
  readonly events: readonly SampledEvent[];
  /** Number of all messages that were read. */
  readonly read: number;
  /** Messages that were left out, such as `2 empty`. */
  readonly others: readonly string[];
}

/** Larger messages are not parsed. */
const MAX_BYTES = 1024 * 1024;

/** Parses messages as the transport does. */
export function eventSample(messages: readonly StoredMessage[]): EventSample {
  const counts = new Map<Other, number>();
  const events = messages.flatMap((message) => {
    const parsed = parsedMessage(message);
    if (typeof parsed !== 'string') return [{ subject: message.subject, value: parsed.value }];
    counts.set(parsed, (counts.get(parsed) ?? 0) + 1);
    return [];
  });
  const others = [...counts].map(([kind, count]) => `${count} ${OTHERS[kind]}`);
  return { events, read: messages.length, others };
}

function parsedMessage({ headers, data }: StoredMessage): { readonly value: object } | Other {
  if (headers?.has('Nats-Marker-Reason')) return 'marker';
  if (headers?.has('Nats-Schedule')) return 'schedule';
  if (data.length === 0) return 'empty';
  if (data.length > MAX_BYTES) return 'large';
  try {
    const value: unknown = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(data));
    return isRecord(value) ? { value } : 'notObject';
  } catch {
    return 'notJson';
  }
}
