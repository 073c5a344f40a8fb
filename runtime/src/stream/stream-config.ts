import type { StreamConfig } from '@nats-io/jetstream';
import { durationMillis, type Duration } from '../duration/duration';
import type { StreamOptions } from './stream-options';

/** A stream as the server is asked for it: nats.js's `StreamConfig`, durations in nanoseconds. */
export type DesiredStream = Readonly<Partial<StreamConfig>> & { readonly name: string };

const NANOS_PER_MILLI = 1_000_000;

/** Only what was declared is in the result: all else stays the server's choice, and is not compared later. */
export function toStreamConfig(
  options: Omit<StreamOptions<readonly string[], Record<string, string>>, 'events' | 'allowDataLoss'>,
): DesiredStream {
  const config: { [Field in keyof StreamConfig]?: StreamConfig[Field] | undefined } = {
    subjects: [...options.subjects],
    description: options.description,
    storage: options.storage,
    retention: options.retention,
    discard: options.discard,
    max_age: nanos(options.maxAge, 'maxAge'),
    max_msgs: options.maxMessages,
    max_bytes: options.maxBytes,
    max_msg_size: options.maxMessageSize,
    duplicate_window: nanos(options.duplicateWindow, 'duplicateWindow'),
    num_replicas: options.replicas,
  };
  const declared = Object.entries(config).filter(([, value]) => value !== undefined);
  return Object.freeze({ ...Object.fromEntries(declared), name: options.name });
}

function nanos(duration: Duration | undefined, option: string): number | undefined {
  return duration === undefined ? undefined : durationMillis(duration, option) * NANOS_PER_MILLI;
}
