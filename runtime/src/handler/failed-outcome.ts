import { Logger } from '@nestjs/common';
import type { ConsumerDefinition } from '../consumer/consumer-definition';
import type { Duration } from '../duration/duration';
import { failureText } from '../errors/failure-text';
import { isErrorOf } from '../errors/nats-jetstream.error';
import { sentence } from '../errors/sentence';
import { isRetryError, isTerminateError, Outcome, type RetryError } from '../message/outcome';

const logger = new Logger('NatsJetStreamServer');

/** Outcome of a message that could not be decoded. No retry makes its bytes readable, but a deserializer may have been slow once. */
export function undecodedOutcome(definition: ConsumerDefinition, failure: unknown): Outcome {
  const isFinal = isErrorOf(failure, 'UNDECODABLE_EVENT', 'INVALID_EVENT');
  return isFinal ? Outcome.terminate(failure) : failedOutcome(definition, failure);
}

/** Outcome of a message whose handler failed: its error decides, else `terminateOn` does. */
export function failedOutcome(definition: ConsumerDefinition, failure: unknown): Outcome {
  if (isRetryError(failure) && failure.delay !== undefined) return retryAfter(failure.delay, failure);
  const isFinal = isTerminateError(failure) || cannotBeHelped(definition, failure);
  return isFinal ? Outcome.terminate(failure) : Outcome.retry({ cause: failure });
}

function retryAfter(delay: Duration, failure: RetryError): Outcome {
  try {
    return Outcome.retry({ cause: failure, delay });
  } catch (cause) {
    // The delay is not a duration. The handler failed all the same, and the log and the dead letter name this mistake.
    return Outcome.retry({ cause });
  }
}

/** Asks `terminateOn`. If it throws, the message is retried. */
function cannotBeHelped({ settings, label }: ConsumerDefinition, failure: unknown): boolean {
  try {
    return settings.terminateOn(failure);
  } catch (error) {
    logger.error(`${label}: its 'terminateOn' threw (${failureText(error)}) on: ${sentence(failureText(failure))}`);
    return false;
  }
}
