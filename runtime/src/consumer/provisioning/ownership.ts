import { Logger } from '@nestjs/common';
import type { ConsumerInfo, JetStreamManager } from '@nats-io/jetstream';
import { ConsumerTakenError } from '../../errors/consumer.errors';
import { failureText, sentence } from '../../errors/thrown-value';
import { SERVICE_KEY } from './consumer-config';
import type { ConsumerDefinition } from '../consumer-definition';

const logger = new Logger('NatsJetStreamConsumer');

/**
 * Refuses a durable that is marked with the `id` of another service. A durable without a mark has
 * no owner yet. A service without an `id` cannot own a marked durable, so it is refused too.
 * @throws ConsumerTakenError (`CONSUMER_TAKEN`)
 */
export function assertOwned({ stream_name: stream, config }: ConsumerInfo, definition: ConsumerDefinition): void {
  const { durable, ephemeral, service, handlerName: handler } = definition;
  const owner = config.metadata?.[SERVICE_KEY];
  if (ephemeral || owner === undefined || owner === service) return;
  throw new ConsumerTakenError(durable, stream, { by: 'service', owner, service, handler });
}

/**
 * Warns of each durable that this service owns and no handler uses, for example after a class was
 * renamed. Such a durable keeps messages in a work queue or an interest stream. A durable that is
 * in use belongs to another version of the service. Nothing is deleted.
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
      for await (const info of orphansOf(manager, service, stream, claimed)) report(stream, info);
    } catch (error) {
      if (stopping.aborted) return;
      logger.warn(`Cannot look for unused durables of stream '${stream}': ${sentence(failureText(error))}`);
    }
  }
}

/** Lists the durables of a stream that this service owns and no handler uses. */
export async function* orphansOf(
  manager: JetStreamManager,
  service: string,
  stream: string,
  claimed: ReadonlySet<string>,
): AsyncGenerator<ConsumerInfo> {
  for await (const info of manager.consumers.list(stream)) if (isOrphan(info, service, claimed)) yield info;
}

/** Returns true if a durable belongs to this service, and no handler or client uses it. */
export function isOrphan(
  { name, config, num_waiting, push_bound }: ConsumerInfo,
  service: string,
  claimed: ReadonlySet<string>,
): boolean {
  return config.metadata?.[SERVICE_KEY] === service && !claimed.has(name) && num_waiting === 0 && !push_bound;
}

function report(stream: string, { name, num_pending, num_ack_pending }: ConsumerInfo): void {
  logger.warn(
    `Durable '${name}' of stream '${stream}' belongs to this service, but no handler uses it ` +
      `(${num_pending + num_ack_pending} messages waiting). If its handler was renamed or removed, delete it with ` +
      `JetStreamAdmin.deleteConsumer('${stream}', '${name}').`,
  );
}
