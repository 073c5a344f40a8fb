import type { LoggerService } from '@nestjs/common';
import type { JetStreamManager } from '@nats-io/jetstream';
import { failureText, sentence } from '../errors/failure-text';
import { findStream } from '../stream/find-stream';
import type { StreamRegistry } from '../stream/stream-registry';

/**
 * Raises the replicas of a stream that serves others, and never lowers them. A failure is only
 * logged: the stream works with fewer replicas, and a later start tries again. Returns false if
 * there is no such stream.
 */
export async function raiseReplicas(
  manager: JetStreamManager,
  stream: string,
  replicas: number,
  logger: LoggerService,
): Promise<boolean> {
  const existing = await findStream(manager, stream);
  if (!existing || existing.config.num_replicas >= replicas) return existing !== undefined;
  const change = `from ${existing.config.num_replicas} to ${replicas}`;
  try {
    await manager.streams.update(stream, { ...existing.config, num_replicas: replicas });
    logger.log(`Raised the replicas of stream '${stream}' ${change}.`);
  } catch (error) {
    logger.warn(
      `The replicas of stream '${stream}' were not raised ${change}: ${sentence(failureText(error))} The next start tries again.`,
    );
  }
  return true;
}

/**
 * Returns true if the application declares the stream itself, so that its replicas are not ours to
 * raise.
 */
export function isDeclared(streams: StreamRegistry | undefined, name: string): boolean {
  return streams?.all().some(({ config }) => config.name === name) === true;
}
