import type { ContextOf } from '../message/context-of';
import type { NatsJetStreamBatchContext } from '../message/nats-jetstream-batch.context';
import type { NatsJetStreamContext } from '../message/nats-jetstream.context';
import type { AnySubject } from '../subject/event-subject';
import type { EventOf } from '../subject/subject-member';
import type { Whole } from '../subject/whole';
import type { TakesBatch, TakesNoBatch } from './batch/takes-batch';

export type HandlerMethod = (event: never, ...rest: never[]) => unknown;

/**
 * Any type when the method takes what its messages are. Else a sentence, to which nothing is assignable, so that the
 * compiler's error ends with it.
 */
export type Takes<Subject extends AnySubject, Method extends HandlerMethod> = NoInfer<
  Method extends (event: infer First, ...rest: infer Rest) => unknown
    ? TakesEvent<Subject, EventOf<Subject>, First, Rest>
    : never
>;

/** The same of a method that gets many events at once. */
export type TakesMany<Subject extends AnySubject, Method extends HandlerMethod> = NoInfer<
  Method extends HandlerMethod ? TakesBatch<EventOf<Subject>, Parameters<Method>> : never
>;

// What most handlers are comes first: the event, and nothing else or a context. A method without parameters takes any.
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

/** Where the event does not fit: one of which nothing is known, a handler of batches, or a mistake. */
type TakesOther<Subject extends AnySubject, Event, First, Rest extends unknown[]> =
  unknown extends TakesNoBatch<Event, [First, ...Rest]>
    ? unknown extends Event
      ? Rest extends [infer Second, ...unknown[]]
        ? TakesContext<Subject, Event, First, Second>
        : unknown
      : "the handler's first parameter does not take this subject's event; for another order of parameters use @EventPattern<string>"
    : TakesNoBatch<Event, [First, ...Rest]>;
