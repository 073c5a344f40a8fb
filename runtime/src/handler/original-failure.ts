import type { ArgumentsHost } from '@nestjs/common';
import { RpcExceptionsHandler } from '@nestjs/microservices/exceptions/rpc-exceptions-handler';
import { catchError, isObservable } from 'rxjs';
import { hasBrand } from '../errors/brand';
import { isMarkedContext, markContext } from '../message/context-mark';
import { NatsJetStreamBatchContext } from '../message/nats-jetstream-batch.context';
import { NatsJetStreamContext } from '../message/nats-jetstream.context';

const FILTERED = Symbol.for('nest-jetstream:filtered-failure');
const CAPTURING = Symbol.for('nest-jetstream:capturing');

/** Failure of a handler that passed through Nest's exception filters. */
export interface FilteredFailure {
  readonly [FILTERED]: true;
  /** Exception of the guard, pipe, interceptor or method. */
  readonly original: unknown;
  /** Failure that the filters made of it. */
  readonly filtered: unknown;
}

for (const { prototype } of [NatsJetStreamContext, NatsJetStreamBatchContext]) markContext(prototype);

/**
 * Makes Nest hand over the exception of a handler together with what the filters made of it. Nest's default filter replaces it by
 * `{ status: 'error', message: 'Internal server error' }`, and a filter written for HTTP fails with an error of its own. The decision
 * over the message and the dead letter need the exception itself. Every exception of guards, pipes, interceptors and methods passes
 * `RpcExceptionsHandler.handle` before any filter. Filters run as before; a filter that returns normally ends the failure.
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
