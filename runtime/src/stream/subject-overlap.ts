import type { JetStreamManager } from '@nats-io/jetstream';
import { StreamOverlapError } from '../errors/stream.errors';

/**
 * The server refuses two streams that store one subject, and does not say which: asked before, it does.
 * @throws StreamOverlapError (`STREAM_OVERLAP`)
 */
export async function assertNoOverlap(
  manager: JetStreamManager,
  stream: string,
  subjects: readonly string[],
): Promise<void> {
  for (const subject of subjects) {
    for await (const other of manager.streams.names(subject)) {
      if (other !== stream) throw new StreamOverlapError(stream, subject, other);
    }
  }
}
