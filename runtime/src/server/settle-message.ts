import type { JsMsg } from '@nats-io/jetstream';
import type { Logger } from '@nestjs/common';
import type { ConsumerDefinition } from '../consumer/consumer-definition';
import { retryDelayMs } from '../consumer/retry-delay';

/**
 * Runs the handler and tells the server the outcome: acknowledged after success, to be delivered again after a pause
 * otherwise. Never rejects: whatever goes wrong here ends in another delivery.
 */
export async function settleMessage(
  definition: ConsumerDefinition,
  message: JsMsg,
  run: () => Promise<void>,
  logger: Logger,
): Promise<void> {
  const failure = await run().then(
    () => undefined,
    (error: unknown) => ({ error }),
  );
  try {
    if (failure) retry(definition, message, failure.error, logger);
    else message.ack();
  } catch (error) {
    logger.warn(
      `The outcome of ${describeMessage(message)} could not be sent (${describe(error)}). It is delivered again.`,
    );
  }
}

function retry({ settings, label }: ConsumerDefinition, message: JsMsg, error: unknown, logger: Logger): void {
  const pauseMs = retryDelayMs(settings.retryDelaysMs, message.info.deliveryCount);
  logger.warn(`${label} failed on ${describeMessage(message)}: ${describe(error)}. Delivered again in ${pauseMs} ms.`);
  message.nak(pauseMs);
}

function describeMessage({ subject, info }: JsMsg): string {
  return `'${subject}' (sequence ${info.streamSequence}, delivery ${info.deliveryCount})`;
}

function describe(error: unknown): string {
  const { message } = (typeof error === 'object' && error !== null ? error : {}) as { message?: unknown };
  return typeof message === 'string' ? message : String(error);
}
