import type { BaseRpcContext } from '@nestjs/microservices';
import type { Observable } from 'rxjs';
import type { BatchResult } from '../message/batch-result';
import type { ContextOf } from '../message/context-of';
import type { NatsJetStreamBatchContext } from '../message/nats-jetstream-batch.context';
import type { NatsJetStreamContext } from '../message/nats-jetstream.context';
import type { Outcome, RetryError, TerminateError } from '../message/outcome';
import type { AnySubject, Branded, MaybeBranded } from '../subject/event-subject';
import type { NonDistributive } from '../subject/non-distributive';
import type { EventOf } from '../subject/subject-member';

export type HandlerMethod = (event: never, ...rest: never[]) => unknown;

/**
 * Checks the parameters and the result of a handler. `unknown` if it accepts the event and the
 * context, else an error message.
 */
export type CheckHandler<Subject extends AnySubject, Options, Method extends HandlerMethod> = NoInfer<
  // Fast path: most handlers have no result that decides.
  [ReturnType<Method>] extends [void | Promise<void>]
    ? CheckParameters<Subject, Options, Method>
    : CheckBoth<CheckResult<Subject, Options, ReturnType<Method>>, CheckParameters<Subject, Options, Method>>
>;

type CheckBoth<Result, Parameters> = unknown extends Result ? Parameters : Result;

/** Error message for a result that would not settle the messages as intended, else `unknown`. */
type CheckResult<Subject extends AnySubject, Options, Returned> = unknown extends Returned
  ? unknown
  : [Returned] extends [{ next: unknown; return: unknown; throw: unknown }]
    ? 'The handler is a generator, so its body would not run. Make it an async function.'
    : CheckValue<Subject, Options, ResultOf<Awaited<Returned>>>;

/** Nest subscribes to an Observable, and its last value is the result. */
export type ResultOf<Returned> = Returned extends Observable<infer Each> ? Awaited<Each> : Returned;

type CheckValue<Subject extends AnySubject, Options, Value> = unknown extends Value
  ? unknown
  : [Extract<Value, Unfinished>] extends [never]
    ? [Extract<ItemOf<Value>, PromiseLike<unknown>>] extends [never]
      ? 'batch' extends keyof Options
        ? CheckDecision<true, Value>
        : [unknown, true] extends [Options, IsStated<Subject>]
          ? unknown
          : CheckDecision<false, Value>
      : 'The handler returns an array of promises, which Nest does not await. Return Promise.all() of it.'
    : Extract<Value, Unfinished> extends Error
      ? 'Throw a RetryError or a TerminateError instead of returning it.'
      : 'The handler returns a function. Call it.';

/** Results that would acknowledge the message by mistake. */
type Unfinished = ((...parameters: never[]) => unknown) | RetryError | TerminateError;

type CheckDecision<IsBatch, Value> = [Extract<ItemOf<Value>, Outcome>] extends [never]
  ? IsBatch extends true
    ? unknown
    : [Extract<Value, BatchResult>] extends [never]
      ? unknown
      : 'A handler of one event must return an Outcome instead of a BatchResult.'
  : IsBatch extends true
    ? 'A batch handler must return BatchResult.of(outcomes) instead of an array of outcomes.'
    : 'A handler of one event must return an Outcome instead of an array of outcomes.';

type ItemOf<Value> = Value extends readonly (infer Item)[] ? (IsAny<Item> extends true ? never : Item) : never;

type CheckParameters<Subject extends AnySubject, Options, Method extends HandlerMethod> = Method extends (
  event: infer First,
  ...rest: infer Rest
) => unknown
  ? 'batch' extends keyof Options
    ? CheckBatchOption<Subject, Options, First, Rest>
    : 'headersOnly' extends keyof Options
      ? CheckEvent<Subject, ReceivedEvent<Subject, Options>, First, Rest>
      : // Fast path: most handlers have the event as their only parameter.
        NonDistributive<EventOf<Subject>> extends NonDistributive<First>
        ? Rest extends []
          ? unknown
          : CheckByOptions<Subject, Options, First, Rest>
        : CheckByOptions<Subject, Options, First, Rest>
  : never;

/** With `headersOnly` a message has no event. */
type ReceivedEvent<Subject extends AnySubject, Options> = Options extends { readonly headersOnly: true }
  ? undefined
  : EventOf<Subject>;

type CheckBatchOption<Subject extends AnySubject, Options, First, Rest extends unknown[]> = Options extends {
  readonly batch: object;
}
  ? CheckBatch<ReceivedEvent<Subject, Options>, First, Rest>
  : CheckEvent<Subject, ReceivedEvent<Subject, Options>, First, Rest>;

type CheckByOptions<Subject extends AnySubject, Options, First, Rest extends unknown[]> = unknown extends Options
  ? CheckWithoutOptions<Subject, EventOf<Subject>, First, Rest>
  : CheckEvent<Subject, EventOf<Subject>, First, Rest>;

/** A call with an explicit event type infers no options, so the handler may be one of batches. */
type CheckWithoutOptions<Subject extends AnySubject, Event, First, Rest extends unknown[]> =
  NonDistributive<Event[]> extends NonDistributive<First>
    ? true extends IsStated<Subject>
      ? unknown
      : CheckEvent<Subject, Event, First, Rest>
    : CheckEvent<Subject, Event, First, Rest>;

type IsStated<Subject> =
  Subject extends Branded<unknown> ? false : Subject extends MaybeBranded<unknown> ? true : false;

// The usual handler comes first, which has the event, and maybe a context.
type CheckEvent<Subject extends AnySubject, Event, First, Rest extends unknown[]> =
  NonDistributive<Event> extends NonDistributive<First>
    ? CheckContexts<ContextOf<Subject>, Rest>
    : IsHandlerMethod<First, Rest> extends true
      ? unknown
      : IsContext<First> extends true
        ? CheckContextFirst<Subject, Event, First, Rest>
        : unknown extends Event
          ? CheckContexts<ContextOf<Subject>, Rest>
          : CheckMismatch<Event, First>;

/** Checks the parameters after the payload. Those that are not a context are not checked. */
type CheckContexts<Context, Rest extends unknown[]> = Rest extends []
  ? unknown
  : [ContextErrors<Context, Required<Rest>>] extends [never]
    ? unknown
    : ContextErrors<Context, Required<Rest>>;

type ContextErrors<Context, Rest extends unknown[]> = {
  [Index in keyof Rest]: ContextError<Context, Rest[Index]>;
}[number];

type ContextError<Context, Given> =
  NonDistributive<Context> extends NonDistributive<Given>
    ? never
    : IsContext<Given> extends true
      ? [NonNullable<Given>] extends [NatsJetStreamBatchContext]
        ? BatchContextMessage
        : [NonNullable<Given>] extends [NatsJetStreamContext]
          ? 'The context parameter must accept the context of this subject, ContextOf<typeof SUBJECT>.'
          : OtherTransportMessage
      : never;

type BatchContextMessage = "A NatsJetStreamBatchContext requires the option 'batch', such as { batch: { size: 100 } }.";
type OtherTransportMessage =
  'The context parameter must be a NatsJetStreamContext, not the context of another transport.';

/** True for a context of any transport. */
export type IsContext<Given> = [NonNullable<Given>] extends [never]
  ? false
  : [NonNullable<Given>] extends [BaseRpcContext<unknown>]
    ? IsAny<Given> extends true
      ? false
      : true
    : false;

/** Checks a handler that has the context before the payload, or no payload. */
type CheckContextFirst<Subject extends AnySubject, Event, First, Rest extends unknown[]> = [
  ContextError<ContextOf<Subject>, First>,
] extends [never]
  ? Required<Rest> extends [infer Next, ...infer Others]
    ? NonDistributive<Event> extends NonDistributive<Next>
      ? CheckContexts<ContextOf<Subject>, Others>
      : unknown extends Event
        ? CheckContexts<ContextOf<Subject>, Rest>
        : 'The parameter after the context must accept the event of this subject, EventOf<typeof SUBJECT>.'
    : unknown
  : ContextError<ContextOf<Subject>, First>;

/** Error message for a payload that does not accept the event. */
type CheckMismatch<Event, First> = [Event] extends [undefined]
  ? "The first parameter must accept the event of this subject, which is undefined with 'headersOnly'."
  : [Event[]] extends [First]
    ? "An array of events requires the option 'batch', such as { batch: { size: 100 } }."
    : 'The first parameter must accept the event of this subject, EventOf<typeof SUBJECT>.';

/** True if the compiler inferred no method, for example of a field. It reports that on its own. */
export type IsHandlerMethod<First, Rest extends unknown[]> = [First] extends [never]
  ? number extends Rest['length']
    ? true
    : false
  : false;

export type IsAny<T> = 0 extends 1 & T ? true : false;

/**
 * Checks the parameters of a batch handler. `unknown` if they accept an array of the event and a
 * batch context, or if the event is unknown.
 */
type CheckBatch<Event, First, Rest extends unknown[]> = [BatchContextErrors<[First, ...Required<Rest>]>] extends [never]
  ? unknown extends Event
    ? unknown
    : [Event[]] extends [First]
      ? unknown
      : IsContext<First> extends true
        ? CheckBatchContextFirst<Event, Required<Rest>>
        : "With 'batch', the first parameter must accept an array of the event."
  : "With 'batch', the context parameter must be a NatsJetStreamBatchContext.";

type CheckBatchContextFirst<Event, Rest extends unknown[]> = Rest extends [infer Next, ...unknown[]]
  ? [Event[]] extends [Next]
    ? unknown
    : "With 'batch', the parameter after the context must accept an array of the event."
  : unknown;

type BatchContextErrors<Parameters extends unknown[]> = {
  [Index in keyof Parameters]: NonDistributive<NatsJetStreamBatchContext> extends NonDistributive<Parameters[Index]>
    ? never
    : IsContext<Parameters[Index]> extends true
      ? true
      : never;
}[number];
