import { AsyncResource } from 'node:async_hooks';
import type { Logger } from '@nestjs/common';
import type { BaseRpcContext, MessageHandler } from '@nestjs/microservices';
import { isObservable, lastValueFrom, type Observable } from 'rxjs';
import type { HandlerDefinition } from '../consumer/consumer-definition';
import { MethodReport } from '../message/method-report';
import { combinedDecision } from './combined-decision';
import { decidingFailure } from './deciding-failure';
import { decisionOf, isDecision, type Decision } from './decision';
import { captureOriginalFailures } from './original-failure';
import type { ProcessingHooks } from './processing-hooks';

const MANUAL_DESTROY = { requireManualDestroy: true };

/** Calls the handlers that Nest registered, for the messages of all consumers of one server. */
export class HandlerInvoker {
  /** The async context that each run begins with: the one in which the server was made. */
  private readonly origin = asyncContext();

  constructor(
    private readonly hooks: ProcessingHooks,
    private readonly logger: Logger,
  ) {
    captureOriginalFailures();
  }

  /**
   * Runs the handler once, in an async context of its own and between the processing hooks. An Observable is awaited until it
   * completes.
   * @param data the event, or the events of a batch
   * @returns the decision of the handler, undefined when it took none
   * @throws the original failure of the handler, instead of the one that exception filters made of it
   */
  invoke(definition: HandlerDefinition, data: unknown, context: BaseRpcContext): Promise<Decision | undefined> {
    // On Node 20, AsyncLocalStorage.enterWith writes into the current resource: each run needs its own, made outside of other runs.
    const own = this.origin.runInAsyncScope(asyncContext);
    return own.runInAsyncScope(this.run, undefined, definition, data, context);
  }

  private readonly run = (
    definition: HandlerDefinition,
    data: unknown,
    context: BaseRpcContext,
  ): Promise<Decision | undefined> =>
    this.hooks.areSet
      ? this.hooks.enclose(context, () => this.handle(definition, data, context))
      : this.handle(definition, data, context);

  private handle(definition: HandlerDefinition, data: unknown, context: BaseRpcContext): Promise<Decision | undefined> {
    const { handler, siblings } = definition;
    return siblings?.length
      ? this.handleAll(definition, [handler, ...siblings], data, context)
      : call(definition, handler, data, context);
  }

  /** Runs all handlers of one subject, each in its own context. A failure of one does not end the run before the others finished. */
  private async handleAll(
    definition: HandlerDefinition,
    handlers: readonly MessageHandler[],
    data: unknown,
    context: BaseRpcContext,
  ): Promise<Decision | undefined> {
    const runs = handlers.map((handler) =>
      asyncContext().runInAsyncScope(call, undefined, definition, handler, data, context),
    );
    return combinedDecision(definition, await Promise.allSettled(runs), this.logger);
  }
}

function asyncContext(): AsyncResource {
  return new AsyncResource('NatsJetStreamHandler', MANUAL_DESTROY);
}

function call(
  definition: HandlerDefinition,
  handler: MessageHandler,
  data: unknown,
  context: BaseRpcContext,
): Promise<Decision | undefined> {
  return handler(data, context).then(
    (result: unknown) =>
      isObservable(result) ? completion(definition, result, data, context) : decisionOf(definition, result, data),
    (failure: unknown) => {
      throw decidingFailure(failure);
    },
  );
}

/** Nest gives an Observable where there are interceptors, which run when it is subscribed to. They may replace what the method returned. */
async function completion(
  definition: HandlerDefinition,
  result: Observable<unknown>,
  data: unknown,
  context: BaseRpcContext,
): Promise<Decision | undefined> {
  const report = new MethodReport(context);
  report.begin();
  let final: unknown;
  try {
    final = await lastValueFrom(result, { defaultValue: undefined });
  } catch (failure) {
    throw decidingFailure(failure, report);
  } finally {
    report.end();
  }
  const replaced = report.returned !== undefined && !isDecision(final);
  return decisionOf(definition, replaced ? report.returned : final, data);
}
