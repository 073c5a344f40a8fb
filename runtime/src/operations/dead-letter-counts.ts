import type { JetStreamManager, StreamInfo } from '@nats-io/jetstream';
import { deadLetterPattern } from '../message/dead-letter';
import { deadLetterStreamName } from '../stream/dead-letter-stream';
import { findStream } from '../stream/find-stream';

/** Above this number of subjects, nats-server needs seconds to list them. */
export const MAX_LISTED_SUBJECTS = 20_000;

/** Number of dead letters of a stream. */
export interface DeadLetterCounts {
  readonly total: number;
  /** Undefined if there are too many to count them by durable. */
  readonly byDurable: ReadonlyMap<string, number> | undefined;
}

/** Counts of a stream without dead letters. */
export const NO_DEAD_LETTERS: DeadLetterCounts = { total: 0, byDurable: new Map() };

/**
 * Counts the dead letters of a stream by durable. Each has a subject of its own.
 * @param known the dead letter stream, if it was read before
 */
export async function countDeadLetters(
  manager: JetStreamManager,
  stream: string,
  known?: StreamInfo,
): Promise<DeadLetterCounts> {
  const name = deadLetterStreamName(stream);
  const info = known ?? (await findStream(manager, name));
  if (!info || info.state.messages === 0) return NO_DEAD_LETTERS;
  if ((info.state.num_subjects ?? 0) > MAX_LISTED_SUBJECTS) return { total: info.state.messages, byDurable: undefined };
  const { state } = await manager.streams.info(name, { subjects_filter: deadLetterPattern(stream) });
  const byDurable = new Map<string, number>();
  let total = 0;
  for (const [subject, messages] of Object.entries(state.subjects ?? {})) {
    const [, , durable = ''] = subject.split('.');
    byDurable.set(durable, (byDurable.get(durable) ?? 0) + messages);
    total += messages;
  }
  return { total, byDurable };
}

/** Returns the name of the stream whose dead letters a stream stores. */
export function servedStream({ config }: StreamInfo): string | undefined {
  const [, stream] = /^(.+)_DEAD$/.exec(config.name) ?? [];
  return stream !== undefined && config.subjects?.includes(`dead.${stream}.>`) ? stream : undefined;
}
