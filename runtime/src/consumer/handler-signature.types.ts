import type { ContextOf } from '../message/context-of';
import type { NatsJetStreamBatchContext } from '../message/nats-jetstream-batch.context';
import type { NatsJetStreamContext } from '../message/nats-jetstream.context';
import type { AnySubject, Knows, MayKnow } from '../subject/event-subject';
import type { EventOf } from '../subject/subject-member';
import type { Whole } from '../subject/whole';

export type HandlerMethod = (event: never, ...rest: never[]) => unknown;

/**
 * Any type when the method takes what its messages are. Else a sentence, to which nothing is
 * assignable, so that the compiler's error ends with it.
 */
export type Takes<Subject extends AnySubject, Options, Method extends HandlerMethod> = NoInfer<
  Method extends GeneratorMethod
    ? IsGenerator<ReturnType<Method>> extends true
      ? 'the handler is a generator, whose body nobody runs: make it an async function'
      : TakesMessages<Subject, Options, Method>
    : TakesMessages<Subject, Options, Method>
>;

/** Also one that returns `any` or `never`, which is taken at its word. */
type GeneratorMethod = (event: never, ...rest: never[]) => { next: unknown; return: unknown; throw: unknown };

type IsGenerator<Returned> = [Returned] extends [never] ? false : 0 extends 1 & Returned ? false : true;

type TakesMessages<Subject extends AnySubject, Options, Method extends HandlerMethod> = Method extends (
  event: infer First,
  ...rest: infer Rest
) => unknown
  ? 'batch' extends keyof Options
    ? TakesOrBatch<Subject, Options, First, Rest>
    : // What many handlers take, and nothing more.
      Whole<EventOf<Subject>> extends Whole<First>
      ? Rest extends []
        ? unknown
        : TakesOne<Subject, Options, First, Rest>
      : TakesOne<Subject, Options, First, Rest>
  : never;

type TakesOrBatch<Subject extends AnySubject, Options, First, Rest extends unknown[]> = Options extends {
  readonly batch: object;
}
  ? TakesBatch<EventOf<Subject>, [First, ...Rest]>
  : TakesEvent<Subject, EventOf<Subject>, First, Rest>;

type TakesOne<Subject extends AnySubject, Options, First, Rest extends unknown[]> = unknown extends Options
  ? TakesStated<Subject, EventOf<Subject>, First, Rest>
  : TakesEvent<Subject, EventOf<Subject>, First, Rest>;

/**
 * Where a call states its event type, the compiler knows nothing of its options: the handler may be
 * one of batches.
 */
type TakesStated<Subject extends AnySubject, Event, First, Rest extends unknown[]> =
  Whole<Event[]> extends Whole<First>
    ? IsStated<Subject> extends true
      ? unknown
      : TakesEvent<Subject, Event, First, Rest>
    : TakesEvent<Subject, Event, First, Rest>;

type IsStated<Subject> = Subject extends Knows<unknown> ? false : Subject extends MayKnow<unknown> ? true : false;

// What most handlers are comes first: the event, and nothing else or a context. A method without
// parameters takes any.
type TakesEvent<Subject extends AnySubject, Event, First, Rest extends unknown[]> =
  Whole<Event> extends Whole<First>
    ? Rest extends [infer Second, ...unknown[]]
      ? TakesContext<Subject, Event, First, Second>
      : unknown
    : TakesOther<Subject, Event, First, Rest>;

/** A second parameter that is no context is the user's own matter. */
type TakesContext<Subject extends AnySubject, Event, First, Second> = [Second] extends [NatsJetStreamContext]
  ? [ContextOf<Subject>] extends [Second]
    ? unknown
    : "the handler's context is not of this subject: use ContextOf<typeof SUBJECT>"
  : [Second] extends [NatsJetStreamBatchContext]
    ? TakesNoBatch<Event, [First, Second]>
    : unknown;

/**
 * Where the event does not fit: one of which nothing is known, a handler of batches, or a mistake.
 */
type TakesOther<Subject extends AnySubject, Event, First, Rest extends unknown[]> =
  unknown extends TakesNoBatch<Event, [First, ...Rest]>
    ? unknown extends Event
      ? Rest extends [infer Second, ...unknown[]]
        ? TakesContext<Subject, Event, First, Second>
        : unknown
      : "the handler's first parameter does not take this subject's event; for another order of parameters use @EventPattern<string>"
    : TakesNoBatch<Event, [First, ...Rest]>;

type IsAny<T> = 0 extends 1 & T ? true : false;

/** True if the second parameter of a method is a context of this kind. */
type HasContext<Given extends unknown[], Context> = Given extends [unknown, infer Second, ...unknown[]]
  ? IsAny<Second> extends true
    ? false
    : [Second] extends [Context]
      ? true
      : false
  : false;

/**
 * Any type when a method takes arrays of the event, and of contexts that of a batch. Else a
 * sentence, to which nothing is assignable, so that the compiler's error ends with it. Where
 * nothing is known of the event, anything will do.
 */
export type TakesBatch<TEvent, Given extends unknown[]> =
  HasContext<Given, NatsJetStreamContext> extends true
    ? "with 'batch' the handler's context is a NatsJetStreamBatchContext"
    : unknown extends TEvent
      ? unknown
      : Given extends []
        ? unknown
        : [TEvent[]] extends [Given[0]]
          ? unknown
          : "with 'batch' the handler's first parameter takes an array of this subject's events";

/** Error text for a batch handler without `batch`; `unknown` for a handler of single events. */
export type TakesNoBatch<TEvent, Given extends unknown[]> =
  HasContext<Given, NatsJetStreamBatchContext> extends true
    ? "a handler with a NatsJetStreamBatchContext needs the option 'batch', such as { batch: { size: 100 } }"
    : unknown extends TEvent
      ? unknown
      : [TEvent] extends [Given[0]]
        ? unknown
        : [TEvent[]] extends [Given[0]]
          ? "a handler that takes an array of events needs the option 'batch', such as { batch: { size: 100 } }"
          : unknown;
