import type { HandlerDefinition } from '../consumer/consumer-definition';
import { withDeadline } from '../duration/deadline';
import { HandlerTimeoutError } from '../errors/event.errors';
import type { JetStreamMessage } from '../message/jetstream-message';
import type { NatsJetStreamContext } from '../message/nats-jetstream.context';
import { originalFailure } from './handler-failure';
import { Outcome, RetryError, TerminateError } from '../message/outcome';

/** Runs the handler inside of Nest's processing hooks. */
export type RunHandler = (
  definition: HandlerDefinition,
  event: unknown,
  context: NatsJetStreamContext,
) => Promise<unknown>;

/** One run of a handler, as what becomes of its message. Undefined where the handler settles by itself, and did not throw. */
export async function runAttempt(
  definition: HandlerDefinition,
  message: JetStreamMessage,
  context: NatsJetStreamContext,
  run: RunHandler,
): Promise<Outcome | undefined> {
  const { settings } = definition;
  let event: unknown;
  try {
    event = await message.decode();
  } catch (error) {
    return Outcome.terminate(error);
  }
  try {
    const result = await withTimeout(definition, message, run(definition, event, context));
    if (result instanceof Outcome) return result;
    return settings.manualAck ? undefined : Outcome.ack();
  } catch (told) {
    const failure = originalFailure(context, told);
    if (failure instanceof RetryError) {
      return Outcome.retry({ cause: failure, ...(failure.delay === undefined ? {} : { delay: failure.delay }) });
    }
    const isFinal = failure instanceof TerminateError || settings.terminateOn(failure);
    return isFinal ? Outcome.terminate(failure) : Outcome.retry({ cause: failure });
  }
}

function withTimeout(
  { settings: { timeoutMs }, label }: HandlerDefinition,
  message: JetStreamMessage,
  running: Promise<unknown>,
): Promise<unknown> {
  if (timeoutMs === undefined) return running;
  return withDeadline(running, timeoutMs, () => {
    const timeout = new HandlerTimeoutError(label, timeoutMs);
    message.abort(timeout);
    return timeout;
  });
}
