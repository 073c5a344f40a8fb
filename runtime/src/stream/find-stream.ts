import { JetStreamApiCodes, JetStreamApiError, type JetStreamManager, type StreamInfo } from '@nats-io/jetstream';
import { StreamOverlapError } from '../errors/stream.errors';
import { patternsOverlap } from '../subject/pattern-overlap';
import { subjectMatches } from '../subject/subject-match';

/** Undefined if there is no such stream. @throws what nats.js throws otherwise */
export async function findStream(manager: JetStreamManager, name: string): Promise<StreamInfo | undefined> {
  try {
    return await manager.streams.info(name);
  } catch (error) {
    if (error instanceof JetStreamApiError && error.code === JetStreamApiCodes.StreamNotFound) return undefined;
    throw error;
  }
}

/**
 * Finds the other stream that stores one of the subjects, which the server's own refusal does not
 * name.
 * @throws StreamOverlapError (`STREAM_OVERLAP`)
 */
export async function assertNoOverlap(
  manager: JetStreamManager,
  stream: string,
  subjects: readonly string[],
): Promise<void> {
  for (const subject of subjects) {
    for await (const other of manager.streams.names(subject)) {
      if (other === stream) continue;
      throw new StreamOverlapError(stream, subject, { name: other, ...(await subjectsOf(manager, other, subjects)) });
    }
  }
}

/**
 * The subject of another stream that is in the way, and the ones left to it if all of those are
 * moved away.
 */
async function subjectsOf(manager: JetStreamManager, name: string, wanted: readonly string[]) {
  const subjects = await manager.streams.info(name).then(
    ({ config }) => config.subjects,
    // Without permission to ask, the message does without them.
    () => [],
  );
  const overlapping = subjects.filter((subject) => wanted.some((other) => patternsOverlap(subject, other)));
  const movable = overlapping.every((subject) => wanted.some((other) => subjectMatches(subject, other)));
  return {
    subject: overlapping[0],
    ...(movable && { remaining: subjects.filter((subject) => !overlapping.includes(subject)) }),
  };
}
