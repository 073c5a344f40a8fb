import { JetStreamApiCodes, JetStreamApiError, type JetStreamManager, type StreamInfo } from '@nats-io/jetstream';
import { StreamOverlapError } from '../errors/stream.errors';
import { patternsOverlap } from '../subject/pattern-overlap';
import { subjectMatches } from '../subject/subject-match';

/**
 * Returns the information of a stream, or undefined if it does not exist.
 * @throws other errors of nats.js
 */
export async function findStream(manager: JetStreamManager, name: string): Promise<StreamInfo | undefined> {
  try {
    return await manager.streams.info(name);
  } catch (error) {
    if (error instanceof JetStreamApiError && error.code === JetStreamApiCodes.StreamNotFound) return undefined;
    throw error;
  }
}

/**
 * Finds another stream that stores one of the subjects, because the error of the server does not
 * contain its name.
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
 * Returns an overlapping subject of another stream, and its remaining subjects if all overlapping
 * subjects can be moved.
 */
async function subjectsOf(manager: JetStreamManager, name: string, wanted: readonly string[]) {
  const subjects = await manager.streams.info(name).then(
    ({ config }) => config.subjects,
    // Without the permission, the error message does not contain them.
    () => [],
  );
  const overlapping = subjects.filter((subject) => wanted.some((other) => patternsOverlap(subject, other)));
  const movable = overlapping.every((subject) => wanted.some((other) => subjectMatches(subject, other)));
  return {
    subject: overlapping[0],
    ...(movable && { remaining: subjects.filter((subject) => !overlapping.includes(subject)) }),
  };
}
