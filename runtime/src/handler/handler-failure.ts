import { type ArgumentsHost, Logger } from '@nestjs/common';
import { RpcExceptionsHandler } from '@nestjs/microservices/exceptions/rpc-exceptions-handler';
import { catchError, isObservable } from 'rxjs';
import { hasBrand } from '../errors/recognize';
import { isMarkedContext } from '../message/nats-jetstream.context';
import type { MethodReport } from '../message/method-report';
import { isRetryError, isTerminateError, Outcome, type RetryError } from '../message/outcome';
import type { ConsumerDefinition } from '../consumer/consumer-definition';
import type { Duration } from '../util/duration';
import { failureText, sentence } from '../errors/failure-text';
import { isErrorOf } from '../errors/nats-jetstream.error';

const logger = new Logger('NatsJetStreamServer');

/**
 * Outcome of a message that could not be decoded. No retry makes its bytes readable, but a
 * deserializer may have been slow once.
 */
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
    // The delay is not a duration. The handler failed all the same, and the log and the dead letter
    // name this mistake.
    return Outcome.retry({ cause });
  }
}

/** Asks `terminateOn`. If it throws, the message is retried. */
function cannotBeHelped({ settings, label }: ConsumerDefinition, failure: unknown): boolean {
  try {
    return settings.terminateOn?.(failure) ?? false;
  } catch (error) {
    logger.error(`${label}: its 'terminateOn' threw (${failureText(error)}) on: ${sentence(failureText(failure))}`);
    return false;
  }
}

/**
 * Chooses the failure that decides over the message, and that its dead letter shows. This is the
 * first one, of the method itself if it failed. Interceptors and exception filters that replace it
 * may decide too: by a RetryError or a TerminateError.
 */
export function decidingFailure(told: unknown, report?: MethodReport): unknown {
  const later = isFilteredFailure(told) ? [told.filtered, told.original] : [told];
  const first = report?.hasFailed ? report.failure : later.at(-1);
  return later.find((failure) => isRetryError(failure) || isTerminateError(failure)) ?? first;
}

const FILTERED = Symbol.for('nest-jetstream:filtered-failure');
const CAPTURING = Symbol.for('nest-jetstream:capturing');

/** Failure of a handler that passed through Nest's exception filters. */
interface FilteredFailure {
  readonly [FILTERED]: true;
  /** Exception of the guard, pipe, interceptor or method. */
  readonly original: unknown;
  /** Failure that the filters made of it. */
  readonly filtered: unknown;
}

/**
 * Makes Nest hand over the exception of a handler together with what the filters made of it. Nest's
 * default filter replaces it by `{ status: 'error', message: 'Internal server error' }`, and a
 * filter written for HTTP fails with an error of its own. The decision over the message and the
 * dead letter need the exception itself. Every exception of guards, pipes, interceptors and methods
 * passes `RpcExceptionsHandler.handle` before any filter. Filters run as before; a filter that
 * returns normally ends the failure.
 */
export function captureOriginalFailures(): void {
  const handler: { handle: RpcExceptionsHandler['handle']; [CAPTURING]?: true } = RpcExceptionsHandler.prototype;
  if (handler[CAPTURING]) return;
  handler.handle = new Proxy(handler.handle, {
    apply(handle, self, args: [unknown, ArgumentsHost]) {
      const [original, host] = args;
      if (!isMarkedContext(host.getArgByIndex(1))) return Reflect.apply(handle, self, args);
      const fail = (filtered: unknown): never => {
        throw filteredFailure(original, filtered);
      };
      try {
        const result: unknown = Reflect.apply(handle, self, args);
        if (isObservable(result)) return result.pipe(catchError(fail));
        return result instanceof Promise ? result.then(withFilteredErrors(fail), fail) : result;
      } catch (filtered) {
        return fail(filtered);
      }
    },
  });
  handler[CAPTURING] = true;
}

export function isFilteredFailure(failure: unknown): failure is FilteredFailure {
  return hasBrand(failure, FILTERED);
}

function filteredFailure(original: unknown, filtered: unknown): FilteredFailure {
  return { [FILTERED]: true, original, filtered };
}

/** An asynchronous filter may resolve to an Observable. */
function withFilteredErrors(fail: (filtered: unknown) => never): (result: unknown) => unknown {
  return (result) => (isObservable(result) ? result.pipe(catchError(fail)) : result);
}
