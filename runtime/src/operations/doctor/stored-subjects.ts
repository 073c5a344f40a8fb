import type { JetStreamManager, StreamInfo } from '@nats-io/jetstream';
import { MAX_LISTED_SUBJECTS } from '../dead-letter-counts';

/**
 * Returns the number of stored messages by subject. Undefined if there are too many subjects to
 * list them.
 */
export async function storedSubjects(
  manager: JetStreamManager,
  { config, state }: StreamInfo,
): Promise<ReadonlyMap<string, number> | undefined> {
  if (state.messages === 0) return new Map();
  if ((state.num_subjects ?? 0) > MAX_LISTED_SUBJECTS) return undefined;
  const { state: listed } = await manager.streams.info(config.name, { subjects_filter: '>' });
  return new Map(Object.entries(listed.subjects ?? {}));
}
