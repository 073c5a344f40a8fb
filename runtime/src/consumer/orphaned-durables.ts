import { Logger } from '@nestjs/common';
import type { ConsumerInfo, JetStreamManager } from '@nats-io/jetstream';
import { failureText } from '../errors/failure-text';
import { sentence } from '../errors/sentence';
import { SERVICE_KEY } from './consumer-config';

const logger = new Logger('NatsJetStreamConsumer');

/**
 * Names the durables of this service that no handler claims any more, such as after a class was renamed: they keep messages of a work queue
 * or an interest stream for ever. One that is in use belongs to another version that still runs. Nothing is removed.
 */
export async function reportOrphans(
  manager: JetStreamManager,
  service: string,
  streams: readonly string[],
  claimed: ReadonlySet<string>,
  stopping: AbortSignal,
): Promise<void> {
  for (const stream of streams) {
    try {
      for await (const info of manager.consumers.list(stream)) {
        if (isOrphan(info, service, claimed)) report(stream, info);
      }
    } catch (error) {
      if (stopping.aborted) return;
      logger.warn(
        `Durables of stream '${stream}' that no handler claims could not be looked for: ${sentence(failureText(error))}`,
      );
    }
  }
}

function isOrphan(
  { name, config, num_waiting, push_bound }: ConsumerInfo,
  service: string,
  claimed: ReadonlySet<string>,
): boolean {
  return config.metadata?.[SERVICE_KEY] === service && !claimed.has(name) && num_waiting === 0 && !push_bound;
}

function report(stream: string, { name, num_pending, num_ack_pending }: ConsumerInfo): void {
  logger.warn(
    `Durable '${name}' of stream '${stream}' is this service's, and no handler claims it (${num_pending + num_ack_pending} messages wait). ` +
      `If its handler was renamed or removed, remove it with JetStreamAdmin.deleteConsumer('${stream}', '${name}').`,
  );
}
