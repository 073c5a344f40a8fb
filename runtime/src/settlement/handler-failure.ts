import type { ArgumentsHost } from '@nestjs/common';
import { BaseRpcExceptionFilter } from '@nestjs/microservices';
import { NatsJetStreamBatchContext } from '../message/nats-jetstream-batch.context';
import { NatsJetStreamContext } from '../message/nats-jetstream.context';

type HandlerContext = NatsJetStreamContext | NatsJetStreamBatchContext;

const failures = new WeakMap<HandlerContext, unknown>();
const CAPTURING = Symbol.for('nest-jetstream:capturing');

type CapturingFilter = Pick<BaseRpcExceptionFilter, 'catch'> & { [CAPTURING]?: true };

/**
 * Nest tells a transport of a handler's exception as `{ status: 'error', message: 'Internal server error' }` and keeps the
 * exception for its own log. What decides over a message (a `TerminateError`, a failed validation) and what a dead letter
 * must show is the exception itself, and the one place where every unhandled one passes, of guards, pipes, interceptors and
 * handlers alike, is the base exception filter; a filter of our own would take the place of the user's. It behaves as before.
 */
export function captureHandlerFailures(): void {
  const filter: CapturingFilter = BaseRpcExceptionFilter.prototype;
  if (filter[CAPTURING]) return;
  filter.catch = new Proxy(Reflect.get(filter, 'catch'), {
    apply(original, self, [exception, host]: [unknown, ArgumentsHost]) {
      const context: unknown = host.getArgByIndex(1);
      if (isOurs(context)) failures.set(context, exception);
      return Reflect.apply(original, self, [exception, host]);
    },
  });
  filter[CAPTURING] = true;
}

function isOurs(context: unknown): context is HandlerContext {
  return context instanceof NatsJetStreamContext || context instanceof NatsJetStreamBatchContext;
}

/** The exception that a handler really threw, where Nest replaced it; else what the transport was told. */
export function originalFailure(context: HandlerContext, told: unknown): unknown {
  return failures.has(context) ? failures.get(context) : told;
}
