import type { Logger } from '@nestjs/common';
import { isObservable, lastValueFrom } from 'rxjs';
import { decodeEvent } from '../codec/json-codec';
import type { HandlerDefinition } from '../consumer/consumer-definition';
import type { DeadLetters } from '../dead-letter/dead-letters';
import { failureText } from '../dead-letter/failure-text';
import { UndecodableEventError } from '../errors/event.errors';
import type { JetStreamMessage } from '../message/jetstream-message';
import { NatsJetStreamContext } from '../server/nats-jetstream.context';
import { originalFailure } from './handler-failure';
import { Outcome, RetryError, TerminateError } from './outcome';
import { Settlement } from './settlement';

export interface Processing {
  readonly deadLetters: DeadLetters;
  readonly logger: Logger;
  /** Runs the handler inside of Nest's processing hooks. */
  readonly run: (definition: HandlerDefinition, event: unknown, context: NatsJetStreamContext) => Promise<unknown>;
}

/** One message, from its bytes to its outcome on the server. Never rejects. */
export async function processMessage(
  definition: HandlerDefinition,
  message: JetStreamMessage,
  { deadLetters, logger, run }: Processing,
): Promise<void> {
  const settlement = new Settlement(definition, message, deadLetters, logger);
  const context = new NatsJetStreamContext(message, (outcome) => settlement.decide(outcome));
  const outcome = await outcomeOf(definition, context, (event) => run(definition, event, context));
  if (!settlement.isDecided) {
    if (outcome) await settlement.decide(outcome);
    else logger.warn(`${definition.label} returned without settling '${message.subject}' (sequence ${message.seq}).`);
  } else if (outcome && outcome.kind !== 'ack') {
    logger.warn(
      `${definition.label} failed after it had settled '${message.subject}': ${failureText(outcome.failure)}.`,
    );
  }
}

/** Undefined where the handler settles by itself, and did not throw. */
async function outcomeOf(
  { settings }: HandlerDefinition,
  context: NatsJetStreamContext,
  run: (event: unknown) => Promise<unknown>,
): Promise<Outcome | undefined> {
  let event: unknown;
  try {
    event = decodeEvent(context.message.data);
  } catch (error) {
    return Outcome.terminate(new UndecodableEventError(context.subject, error));
  }
  try {
    const result = await run(event);
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

/** Nest's handlers may do their work when subscribed to, and only the stream's completion says that it is done. */
export async function completion(result: unknown): Promise<unknown> {
  const resolved = await result;
  return isObservable(resolved) ? lastValueFrom(resolved, { defaultValue: undefined }) : resolved;
}
