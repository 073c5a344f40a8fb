import type { LoggerService } from '@nestjs/common';
import type { JetStreamManager } from '@nats-io/jetstream';
import { failureText, sentence } from '../errors/thrown-value';
import { findStream } from '../stream/find-stream';
import { provisionStream } from '../stream/provision-stream';
import type { StreamDeclaration } from '../stream/stream-config';

/**
 * Creates an auxiliary stream, or raises its replicas to those of the streams it serves, unless its
 * replicas are declared. An existing stream keeps its limits.
 * @throws StreamProvisioningError (`STREAM_PROVISIONING`), StreamDriftError (`STREAM_DRIFT`),
 * StreamOverlapError (`STREAM_OVERLAP`)
 */
export async function provisionServingStream(
  manager: JetStreamManager,
  declaration: StreamDeclaration,
  replicas: number,
  logger: LoggerService,
): Promise<void> {
  const { name, num_replicas: declared } = declaration.config;
  if (declared === undefined) await raiseReplicas(manager, name, replicas, logger);
  await provisionStream(manager, declaration);
}

/**
 * Raises the replicas of a stream, and never lowers them. Only logs a failure, because the stream
 * works with fewer replicas and the next startup retries.
 */
async function raiseReplicas(
  manager: JetStreamManager,
  stream: string,
  replicas: number,
  logger: LoggerService,
): Promise<void> {
  const existing = await findStream(manager, stream);
  if (!existing || existing.config.num_replicas >= replicas) return;
  const change = `from ${existing.config.num_replicas} to ${replicas}`;
  try {
    await manager.streams.update(stream, { ...existing.config, num_replicas: replicas });
    logger.log(`Raised the replicas of stream '${stream}' ${change}.`);
  } catch (error) {
    logger.warn(
      `The replicas of stream '${stream}' were not raised ${change}: ${sentence(failureText(error))} The next startup retries.`,
    );
  }
}
