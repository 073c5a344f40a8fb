import { setTimeout as delay } from 'node:timers/promises';
import type { Logger } from '@nestjs/common';
import type { HandlerDefinition } from '../consumer/consumer-definition';
import type { DeadLetters } from '../dead-letter/dead-letters';
import { failureText } from '../errors/failure-text';
import { sentence } from '../errors/sentence';
import type { JetStreamMessage } from '../message/jetstream-message';
import { NatsJetStreamContext } from '../message/nats-jetstream.context';
import type { Outcome } from '../message/outcome';
import { runAttempt, type RunHandler } from './run-attempt';
import { Settlement } from './settlement';

/** What it takes to run handlers and to settle their messages. */
export interface ProcessingMeans {
  readonly deadLetters: DeadLetters;
  readonly logger: Logger;
  readonly run: RunHandler;
  /** Aborted when the application begins to end. */
  readonly stopping: AbortSignal;
}

/** One message, from its bytes to its outcome on the server. Never rejects. */
export async function processMessage(
  definition: HandlerDefinition,
  message: JetStreamMessage,
  means: ProcessingMeans,
): Promise<void> {
  const { deadLetters, logger, run, stopping } = means;
  const settlement = new Settlement(definition, message, deadLetters, logger);
  for (;;) {
    const context = new NatsJetStreamContext(message, (outcome) => settlement.decide(outcome), definition.template);
    const outcome = await runAttempt(definition, message, context, run);
    const pauseMs = settlement.pauseInLane(outcome);
    if (pauseMs === undefined) return finish(definition, message, settlement, outcome, logger);
    await delay(pauseMs, undefined, { signal: stopping }).catch(() => undefined);
    if (stopping.aborted) return message.nak();
    message.renewSignal();
  }
}

async function finish(
  { label }: HandlerDefinition,
  message: JetStreamMessage,
  settlement: Settlement,
  outcome: Outcome | undefined,
  logger: Logger,
): Promise<void> {
  if (!settlement.isDecided) {
    if (outcome) return settlement.decide(outcome);
    logger.warn(`${label} returned without settling '${message.subject}' (sequence ${message.seq}).`);
  } else if (outcome && outcome.kind !== 'ack') {
    logger.warn(`${label} failed after it had settled '${message.subject}': ${sentence(failureText(outcome.failure))}`);
  }
}
