import { type ArgumentsHost, Logger } from '@nestjs/common';
import { BaseRpcExceptionFilter, NatsContext, RpcException } from '@nestjs/microservices';
import { RpcExceptionsHandler } from '@nestjs/microservices/exceptions/rpc-exceptions-handler';
import { catchError, isObservable, throwError } from 'rxjs';
import { failureText, hasBrand, isInstance, sentence } from '../errors/thrown-value';
import { isMarkedContext } from '../message/nats-jetstream.context';
import type { MethodReport } from '../message/method-report';
import { isRetryError, isTerminateError, Outcome, type RetryError } from '../message/outcome';
import type { ConsumerDefinition } from '../consumer/consumer-definition';
import type { Duration } from '../util/duration';
import { isErrorOf } from '../errors/nats-jetstream.error';

const logger = new Logger('NatsJetStreamServer');

/**
 * Returns the outcome of a message that could not be decoded. A retry cannot fix its bytes, but it
 * may help after a timeout of the deserializer.
 */
export function undecodedOutcome(definition: ConsumerDefinition, failure: unknown): Outcome {
  const isFinal = isErrorOf(failure, 'UNDECODABLE_EVENT', 'INVALID_EVENT');
  return isFinal ? Outcome.terminate(failure) : failedOutcome(definition, failure);
}

/** Returns the outcome of a failed handler. Its error decides, or else `terminateOn`. */
export function failedOutcome(definition: ConsumerDefinition, failure: unknown): Outcome {
  if (isRetryError(failure) && failure.delay !== undefined) return retryAfter(failure.delay, failure);
  const isFinal = isTerminateError(failure) || isTerminal(definition, failure);
  return isFinal ? Outcome.terminate(failure) : Outcome.retry({ cause: failure });
}

function retryAfter(delay: Duration, failure: RetryError): Outcome {
  try {
    return Outcome.retry({ cause: failure, delay });
  } catch (cause) {
    // The delay of the RetryError is invalid. The log and the dead letter report that instead.
    return Outcome.retry({ cause });
  }
}

/** Calls `terminateOn`. If it throws, the message is retried. */
function isTerminal({ settings, label }: ConsumerDefinition, failure: unknown): boolean {
  try {
    return settings.terminateOn?.(failure) ?? false;
  } catch (error) {
    logger.error(
      `${label} failed (${failureText(failure)}), and 'terminateOn' threw ${sentence(failureText(error))} The message will be retried.`,
    );
    return false;
  }
}

/**
 * Returns the failure that decides the outcome of a message and that its dead letter shows. It is
 * the first one, which is that of the method if the method failed. Interceptors and exception
 * filters can override it with a RetryError or a TerminateError.
 */
export function decidingFailure(thrown: unknown, report?: MethodReport): unknown {
  const later = isFilteredFailure(thrown) ? [thrown.filtered, thrown.original] : [thrown];
  const first = report?.hasFailed ? report.failure : later.at(-1);
  return later.find((failure) => isRetryError(failure) || isTerminateError(failure)) ?? first;
}

const FILTERED = Symbol.for('nest-jetstream:filtered-failure');
const CAPTURING = Symbol.for('nest-jetstream:capturing');

type Method = (this: unknown, ...args: never[]) => unknown;

/** Failure of a handler that passed through Nest's exception filters. */
interface FilteredFailure {
  readonly [FILTERED]: true;
  /** Exception of the guard, pipe, interceptor or method. */
  readonly original: unknown;
  /** Failure after the filters. */
  readonly filtered: unknown;
}

/**
 * Patches Nest so that the original exception of a handler is kept together with the result of the
 * exception filters. Nest's default filter replaces it with `{ status: 'error', message: 'Internal
 * server error' }`, and a filter written for HTTP fails with its own error. The outcome and the
 * dead letter need the original exception. Every exception of guards, pipes, interceptors and
 * methods passes through `RpcExceptionsHandler.handle` before any filter. Filters run as before. A
 * filter that returns normally still ends the failure.
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
  leaveReportToTransport();
}

/**
 * Stops Nest's default filter from logging the failure of an event handler. The transport logs it
 * with the message, the attempt and what follows.
 */
function leaveReportToTransport(): void {
  const filter: { catch: Method; handleUnknownError: Method } = BaseRpcExceptionFilter.prototype;
  const { handleUnknownError } = filter;
  filter.catch = new Proxy(filter.catch, {
    apply(report, self: typeof filter, args: [unknown, ArgumentsHost]) {
      const [exception, host] = args;
      const isOverridden = self.handleUnknownError !== handleUnknownError;
      const context: unknown = host.getArgByIndex(1);
      // A request has the context of Nest's NATS transport. Its failure has no other report.
      const isEvent = isMarkedContext(context) && !isInstance(context, NatsContext);
      if (!isEvent || isOverridden || isInstance(exception, RpcException)) return Reflect.apply(report, self, args);
      return throwError(() => ({ status: 'error', message: 'Internal server error' }));
    },
  });
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
