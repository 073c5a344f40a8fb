import { Logger } from '@nestjs/common';
import type { ConsumerDefinition } from '../consumer/consumer-definition';
import type { Duration } from '../duration/duration';
import { InvalidEventError, UndecodableEventError } from '../errors/event.errors';
import { failureText } from '../errors/failure-text';
import { isInstance } from '../errors/is-instance';
import { sentence } from '../errors/sentence';
import { Outcome, RetryError, TerminateError } from '../message/outcome';

const logger = new Logger('NatsJetStreamServer');

/** What becomes of a message that no handler gets: no retry makes its bytes readable, but a deserializer may have been slow once. */
export function undecodedOutcome(definition: ConsumerDefinition, failure: unknown): Outcome {
  const isFinal = isInstance(failure, UndecodableEventError) || isInstance(failure, InvalidEventError);
  return isFinal ? Outcome.terminate(failure) : failedOutcome(definition, failure);
}

/** What becomes of a message whose handler failed: what its error says, else what `terminateOn` knows. */
export function failedOutcome(definition: ConsumerDefinition, failure: unknown): Outcome {
  if (isInstance(failure, RetryError) && failure.delay !== undefined) return retryAfter(failure.delay, failure);
  const isFinal = isInstance(failure, TerminateError) || cannotBeHelped(definition, failure);
  return isFinal ? Outcome.terminate(failure) : Outcome.retry({ cause: failure });
}

function retryAfter(delay: Duration, failure: RetryError): Outcome {
  try {
    return Outcome.retry({ cause: failure, delay });
  } catch (cause) {
    // The delay is no duration: the handler failed all the same, and who reads of it should learn of this mistake.
    return Outcome.retry({ cause });
  }
}

/** A `terminateOn` that throws itself decides nothing: the failure is one that a retry may help. */
function cannotBeHelped({ settings, label }: ConsumerDefinition, failure: unknown): boolean {
  try {
    return settings.terminateOn(failure);
  } catch (error) {
    logger.error(`${label}: its 'terminateOn' threw (${failureText(error)}) on: ${sentence(failureText(failure))}`);
    return false;
  }
}
