import { JetStreamApiCodes, JetStreamApiError, type ConsumerInfo, type JetStreamManager } from '@nats-io/jetstream';

const REPEAT_EVERY_MS = 1_000;

/**
 * Returns the consumer, or undefined if it does not exist.
 * @throws JetStreamApiError if the stream does not exist
 */
export async function findConsumer(
  manager: JetStreamManager,
  stream: string,
  durable: string,
): Promise<ConsumerInfo | undefined> {
  try {
    return await manager.consumers.info(stream, durable);
  } catch (error) {
    if (error instanceof JetStreamApiError && error.code === JetStreamApiCodes.ConsumerNotFound) return undefined;
    throw error;
  }
}

/** Returns the consumer, or undefined if it or its stream does not exist. */
export async function findConsumerOrStream(
  manager: JetStreamManager,
  stream: string,
  durable: string,
): Promise<ConsumerInfo | undefined> {
  try {
    return await findConsumer(manager, stream, durable);
  } catch (error) {
    if (isStreamMissing(error)) return undefined;
    throw error;
  }
}

export function isStreamMissing(error: unknown): boolean {
  return error instanceof JetStreamApiError && error.code === JetStreamApiCodes.StreamNotFound;
}

/**
 * Repeats an idempotent request every second, and resolves to the first answer. A stream or
 * consumer without a leader does not answer, and a new leader does not receive earlier requests.
 * @throws the error of the first request that fails
 */
export function firstAnswer<Answer>(request: () => Promise<Answer>): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const next = (): void =>
      void request()
        .then(resolve, reject)
        .finally(() => clearInterval(repeat));
    const repeat = setInterval(next, REPEAT_EVERY_MS);
    next();
  });
}
