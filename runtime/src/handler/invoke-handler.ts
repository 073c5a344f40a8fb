import { AsyncResource } from 'node:async_hooks';
import { types } from 'node:util';
import type { Logger } from '@nestjs/common';
import type { BaseRpcContext, MessageHandler, Server } from '@nestjs/microservices';
import { isObservable, lastValueFrom, type Observable } from 'rxjs';
import type { ConnectionEvents, ConnectionStatus } from '../connection/jetstream-connection';
import type { HandlerDefinition } from '../consumer/consumer-definition';
import { MethodReport } from '../message/method-report';
import { captureOriginalFailures, decidingFailure, failedOutcome } from './handler-failure';
import { failureReport, failureText, sentence } from '../errors/thrown-value';
import type { ActiveProcess } from '../telemetry/active-telemetry';
import { GeneratorHandlerError, InvalidBatchResultError } from '../errors/event.errors';
import { type BatchResult, type Decision, isBatchResult, isDecision } from '../message/batch-result';
import { isOutcome, isRetryError, isTerminateError } from '../message/outcome';
import { isThenable } from '../util/thenable';

type HookedServer = Server<ConnectionEvents, ConnectionStatus>;

const MANUAL_DESTROY = { requireManualDestroy: true };

/** Runs work between Nest's processing hooks. A user may set them on the server at any time. */
export class ProcessingHooks {
  readonly #server: HookedServer;
  /** Nest's default hook. It only calls its argument. */
  readonly #withoutHook: unknown;

  constructor(
    server: HookedServer,
    private readonly logger: Logger,
  ) {
    this.#server = server;
    this.#withoutHook = server['onProcessingStartHook'];
  }

  get areSet(): boolean {
    const server = this.#server;
    return server['onProcessingStartHook'] !== this.#withoutHook || server['onProcessingEndHook'] !== undefined;
  }

  /** Resolves to the result of `work`. A start hook that fails fails the work. */
  async enclose<Result>(context: BaseRpcContext, work: () => Promise<Result>): Promise<Result> {
    // Nest before 11.1.4 has no hooks.
    if (!this.areSet) return work();
    return new Promise((resolve, reject) => {
      const run = async (): Promise<void> => {
        try {
          resolve(await work());
        } catch (error) {
          reject(error);
        }
        this.end(context);
      };
      this.start(context, run, reject);
    });
  }

  private start(context: BaseRpcContext, run: () => Promise<void>, fail: (error: unknown) => void): void {
    try {
      const server = this.#server;
      const started: unknown = server['onProcessingStartHook'](server.transportId as symbol, context, run);
      if (started instanceof Promise) started.catch(fail);
    } catch (error) {
      fail(error);
    }
  }

  private end(context: BaseRpcContext): void {
    try {
      const server = this.#server;
      server['onProcessingEndHook']?.(server.transportId as symbol, context);
    } catch (error) {
      this.logger.error(`The processing end hook failed: ${sentence(failureText(error))}`);
    }
  }
}

/** Calls the handlers that Nest registered, for the messages of all consumers of one server. */
export class HandlerInvoker {
  /** Async context in which the server was created. Each run begins with it. */
  private readonly origin = asyncContext();

  constructor(
    private readonly hooks: ProcessingHooks,
    private readonly logger: Logger,
  ) {
    captureOriginalFailures();
  }

  /**
   * Runs the handler once, in an async context of its own and between the processing hooks. An
   * Observable is awaited until it completes.
   * @param data the event, or the events of a batch
   * @param observers of this run, whose async context includes the hooks and the Observable
   * @returns the decision of the handler, or undefined without one
   * @throws the original failure of the handler, not the result of exception filters
   */
  invoke(
    definition: HandlerDefinition,
    data: unknown,
    context: BaseRpcContext,
    observers: ActiveProcess | undefined,
  ): Promise<Decision | undefined> {
    // On Node 20, AsyncLocalStorage.enterWith writes into the current resource. So each run needs
    // its own resource, created outside of other runs.
    const own = this.origin.runInAsyncScope(asyncContext);
    return observers
      ? own.runInAsyncScope(() => observers.run(() => this.run(definition, data, context)))
      : own.runInAsyncScope(this.run, undefined, definition, data, context);
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

  /**
   * Runs all handlers of one subject, each in its own async context. A failure of one does not end
   * the run before the others have finished.
   */
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

/**
 * Awaits the Observable that Nest returns if a handler has interceptors. They run on subscription
 * and may replace the result of the method.
 */
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

/**
 * Returns the decision in the result of a handler, or undefined without one.
 * @param data the event, or the events of a batch
 * @throws InvalidBatchResultError, GeneratorHandlerError, or a returned RetryError or TerminateError,
 * for results that would otherwise count as success
 */
function decisionOf(definition: HandlerDefinition, result: unknown, data: unknown): Decision | undefined {
  // Fast path: most handlers return nothing.
  if (typeof result !== 'object' || result === null) return undefined;
  if (isOutcome(result)) return result;
  if (types.isGeneratorObject(result)) throw new GeneratorHandlerError(definition.handlerName);
  if (isRetryError(result) || isTerminateError(result)) throw result;
  const { handlerName, settings } = definition;
  if (Array.isArray(result)) assertNoResults(handlerName, settings.batch !== undefined, result);
  return settings.batch
    ? batchDecisionOf(handlerName, result, (data as readonly unknown[]).length)
    : refuseBatchResult(handlerName, result);
}

/** Refuses an array whose outcomes or promises would be ignored. */
function assertNoResults(handlerName: string, isBatch: boolean, result: readonly unknown[]): void {
  if (result.some(isThenable)) {
    // A promise that rejects later would end the process.
    void Promise.allSettled(result);
    throw new InvalidBatchResultError(
      `${handlerName} returned an array of promises, which Nest does not await. Return Promise.all() of it.`,
      result.length,
    );
  }
  if (!result.some(isOutcome)) return;
  const remedy = isBatch ? 'Return BatchResult.of(outcomes)' : 'Return one Outcome';
  throw new InvalidBatchResultError(`${handlerName} returned an array of outcomes. ${remedy}.`, result.length);
}

function refuseBatchResult(handlerName: string, result: object): undefined {
  if (!isBatchResult(result)) return undefined;
  throw new InvalidBatchResultError(
    `${handlerName} returned a BatchResult for one event. Return an Outcome, or set { batch: { size: 100 } } on the handler.`,
    result,
  );
}

function batchDecisionOf(handlerName: string, result: object, size: number): BatchResult | undefined {
  if (!isBatchResult(result)) return undefined;
  const { length } = result.outcomes;
  if (length === size) return result;
  throw new InvalidBatchResultError(
    `${handlerName} returned ${length} outcomes for a batch of ${size}. Return BatchResult.of(outcomes) with one for each event, in their order.`,
    length,
  );
}

type Settled = PromiseSettledResult<Decision | undefined>;

/** A retry runs all handlers again, so no other decision may prevent it. */
const PRECEDENCE = ['ack', 'none', 'terminate', 'retry'];

/**
 * Combines the results of several plain handlers of one subject: any retry redelivers the message,
 * else any termination dead-letters it.
 * @throws the failure that takes precedence
 */
function combinedDecision(
  definition: HandlerDefinition,
  results: readonly Settled[],
  logger: Logger,
): Decision | undefined {
  const ranked = results.map((result) => ({ result, rank: PRECEDENCE.indexOf(kindOf(definition, result)) }));
  const [first, ...others] = ranked.toSorted((one, other) => other.rank - one.rank);
  for (const { result } of others) {
    if (result.status === 'rejected')
      logger.warn(failureReport(`${definition.label} failed more than once`, result.reason));
  }
  if (first?.result.status === 'rejected') throw first.result.reason;
  return first?.result.value;
}

function kindOf(definition: HandlerDefinition, result: Settled): string {
  if (result.status === 'rejected') return failedOutcome(definition, result.reason).kind;
  return isOutcome(result.value) ? result.value.kind : 'none';
}
