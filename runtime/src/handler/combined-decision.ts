import type { Logger } from '@nestjs/common';
import type { HandlerDefinition } from '../consumer/consumer-definition';
import { failureText, sentence } from '../errors/thrown-value';
import { failedOutcome } from './handler-failure';
import type { Decision } from '../message/batch-result';
import { isOutcome } from '../message/outcome';

type Settled = PromiseSettledResult<Decision | undefined>;

/** A retry runs all handlers again, so no other decision may prevent it. */
const PRECEDENCE = ['ack', 'none', 'terminate', 'retry'];

/**
 * Combines the results of several plain handlers of one subject: any retry redelivers the message,
 * else any termination dead-letters it.
 * @throws the failure that takes precedence
 */
export function combinedDecision(
  definition: HandlerDefinition,
  results: readonly Settled[],
  logger: Logger,
): Decision | undefined {
  const ranked = results.map((result) => ({ result, rank: PRECEDENCE.indexOf(kindOf(definition, result)) }));
  const [first, ...others] = ranked.toSorted((one, other) => other.rank - one.rank);
  for (const { result } of others) {
    if (result.status === 'rejected') {
      logger.warn(`${definition.label} failed more than once: ${sentence(failureText(result.reason))}`);
    }
  }
  if (first?.result.status === 'rejected') throw first.result.reason;
  return first?.result.value;
}

function kindOf(definition: HandlerDefinition, result: Settled): string {
  if (result.status === 'rejected') return failedOutcome(definition, result.reason).kind;
  return isOutcome(result.value) ? result.value.kind : 'none';
}
