import type { BaseRpcContext } from '@nestjs/microservices';
import type { HandlerDefinition } from '../consumer/consumer-definition';
import { DeserializerTimeoutError } from '../errors/event.errors';
import { decodeWithin } from '../message/decode-within';
import type { JetStreamMessage } from '../message/jetstream-message';
import type { NatsJetStreamContext } from '../message/nats-jetstream.context';
import { Outcome } from '../message/outcome';
import { failedOutcome } from './failed-outcome';
import { originalFailure } from './handler-failure';
import { withTimeout } from './handler-timeout';

/** Runs the handler inside of Nest's processing hooks. */
export type RunHandler = (definition: HandlerDefinition, data: unknown, context: BaseRpcContext) => Promise<unknown>;

/** One run of a handler, as what becomes of its message. Undefined where the handler settles by itself, and did not throw. */
export async function runAttempt(
  definition: HandlerDefinition,
  message: JetStreamMessage,
  context: NatsJetStreamContext,
  run: RunHandler,
): Promise<Outcome | undefined> {
  const { settings } = definition;
  let leftMs = settings.timeoutMs;
  let event: unknown;
  try {
    event = decodeWithin(message, settings.decodeLimitMs);
    if (event instanceof Promise) {
      const since = performance.now();
      event = await event;
      if (leftMs !== undefined) leftMs -= performance.now() - since;
    }
  } catch (error) {
    return error instanceof DeserializerTimeoutError ? failedOutcome(definition, error) : Outcome.terminate(error);
  }
  try {
    const running = run(definition, event, context);
    const result = await withTimeout(definition, running, leftMs, (reason) => message.abort(reason));
    if (result instanceof Outcome) return result;
    return settings.manualAck ? undefined : Outcome.ack();
  } catch (told) {
    return failedOutcome(definition, originalFailure(context, told));
  }
}
