import type { ContextOf } from '../message/context-of';
import type { NatsJetStreamBatchContext } from '../message/nats-jetstream-batch.context';
import type { NatsJetStreamContext } from '../message/nats-jetstream.context';
import type { AnySubject, Branded, MaybeBranded } from '../subject/event-subject';
import type { NonDistributive } from '../subject/non-distributive';
import type { EventOf } from '../subject/subject-member';

export type HandlerMethod = (event: never, ...rest: never[]) => unknown;

/**
 * Checks the parameters of a handler. `unknown` if it accepts the event and the context, else an
 * error message.
 */
export type CheckHandler<Subject extends AnySubject, Options, Method extends HandlerMethod> = NoInfer<
  Method extends GeneratorMethod
    ? IsGenerator<ReturnType<Method>> extends true
      ? 'The handler is a generator, so its body would not run. Make it an async function.'
      : CheckParameters<Subject, Options, Method>
    : CheckParameters<Subject, Options, Method>
>;

/** A generator, or a method that returns `any` or `never`. */
type GeneratorMethod = (event: never, ...rest: never[]) => { next: unknown; return: unknown; throw: unknown };

type IsGenerator<Returned> = [Returned] extends [never] ? false : 0 extends 1 & Returned ? false : true;

type CheckParameters<Subject extends AnySubject, Options, Method extends HandlerMethod> = Method extends (
  event: infer First,
  ...rest: infer Rest
) => unknown
  ? 'batch' extends keyof Options
    ? CheckBatchOption<Subject, Options, First, Rest>
    : // Fast path: most handlers have the event as their only parameter.
      NonDistributive<EventOf<Subject>> extends NonDistributive<First>
      ? Rest extends []
        ? unknown
        : CheckByOptions<Subject, Options, First, Rest>
      : CheckByOptions<Subject, Options, First, Rest>
  : never;

type CheckBatchOption<Subject extends AnySubject, Options, First, Rest extends unknown[]> = Options extends {
  readonly batch: object;
}
  ? CheckBatch<EventOf<Subject>, [First, ...Rest]>
  : CheckEvent<Subject, EventOf<Subject>, First, Rest>;

type CheckByOptions<Subject extends AnySubject, Options, First, Rest extends unknown[]> = unknown extends Options
  ? CheckWithoutOptions<Subject, EventOf<Subject>, First, Rest>
  : CheckEvent<Subject, EventOf<Subject>, First, Rest>;

/** A call with an explicit event type infers no options, so the handler may be one of batches. */
type CheckWithoutOptions<Subject extends AnySubject, Event, First, Rest extends unknown[]> =
  NonDistributive<Event[]> extends NonDistributive<First>
    ? IsStated<Subject> extends true
      ? unknown
      : CheckEvent<Subject, Event, First, Rest>
    : CheckEvent<Subject, Event, First, Rest>;

type IsStated<Subject> =
  Subject extends Branded<unknown> ? false : Subject extends MaybeBranded<unknown> ? true : false;

// The usual handler comes first, which has the event, and maybe a context.
type CheckEvent<Subject extends AnySubject, Event, First, Rest extends unknown[]> =
  NonDistributive<Event> extends NonDistributive<First>
    ? Rest extends [infer Second, ...unknown[]]
      ? CheckContext<Subject, Event, First, Second>
      : unknown
    : CheckMismatch<Subject, Event, First, Rest>;

/** Checks a second parameter that is a context. Other types are not checked. */
type CheckContext<Subject extends AnySubject, Event, First, Second> = [Second] extends [NatsJetStreamContext]
  ? [ContextOf<Subject>] extends [Second]
    ? unknown
    : 'The context parameter must accept the context of this subject, ContextOf<typeof SUBJECT>.'
  : [Second] extends [NatsJetStreamBatchContext]
    ? CheckNoBatch<Event, [First, Second]>
    : unknown;

/** Checks a first parameter that does not accept the event. The event may be unknown. */
type CheckMismatch<Subject extends AnySubject, Event, First, Rest extends unknown[]> =
  IsHandlerMethod<First, Rest> extends true
    ? unknown
    : unknown extends CheckNoBatch<Event, [First, ...Rest]>
      ? unknown extends Event
        ? Rest extends [infer Second, ...unknown[]]
          ? CheckContext<Subject, Event, First, Second>
          : unknown
        : 'The first parameter must accept the event of this subject, EventOf<typeof SUBJECT>.'
      : CheckNoBatch<Event, [First, ...Rest]>;

/** True if the compiler inferred no method, for example of a field. It reports that on its own. */
type IsHandlerMethod<First, Rest extends unknown[]> = [First] extends [never]
  ? number extends Rest['length']
    ? true
    : false
  : false;

type IsAny<T> = 0 extends 1 & T ? true : false;

/** True if the second parameter of a method is a context of this kind. */
type HasContext<Parameters extends unknown[], Context> = Parameters extends [unknown, infer Second, ...unknown[]]
  ? IsAny<Second> extends true
    ? false
    : [Second] extends [Context]
      ? true
      : false
  : false;

/**
 * Checks the parameters of a batch handler. `unknown` if they accept an array of the event and a
 * batch context, or if the event is unknown.
 */
type CheckBatch<Event, Parameters extends unknown[]> =
  HasContext<Parameters, NatsJetStreamContext> extends true
    ? "With 'batch', the context parameter must be a NatsJetStreamBatchContext."
    : unknown extends Event
      ? unknown
      : Parameters extends []
        ? unknown
        : [Event[]] extends [Parameters[0]]
          ? unknown
          : "With 'batch', the first parameter must accept an array of the event.";

/** Error message for a batch handler without `batch`. `unknown` for a handler of single events. */
type CheckNoBatch<Event, Parameters extends unknown[]> =
  HasContext<Parameters, NatsJetStreamBatchContext> extends true
    ? "A NatsJetStreamBatchContext requires the option 'batch', such as { batch: { size: 100 } }."
    : unknown extends Event
      ? unknown
      : [Event] extends [Parameters[0]]
        ? unknown
        : [Event[]] extends [Parameters[0]]
          ? "An array of events requires the option 'batch', such as { batch: { size: 100 } }."
          : unknown;
