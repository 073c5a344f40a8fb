import type { ContextOf } from '../message/context-of';
import type { NatsJetStreamContext } from '../message/nats-jetstream.context';
import type { AnySubject } from '../subject/event-subject';
import type { Inferred } from '../subject/subject-argument';
import type { TakesBatch, TakesNoBatch } from './batch/takes-batch';

export type HandlerMethod = (event: never, ...rest: never[]) => unknown;

/**
 * Any type when the method takes what its messages are. Else a sentence, to which nothing is assignable, so that the
 * compiler's error ends with it.
 */
export type Takes<Event, Context, Method extends HandlerMethod> =
  unknown extends TakesNoBatch<Event, Parameters<Method>>
    ? TakesOne<Event, Context, Method>
    : TakesNoBatch<Event, Parameters<Method>>;

type TakesOne<Event, Context, Method extends HandlerMethod> =
  TakesEvent<Event, Parameters<Method>> extends true
    ? TakesContext<Context, Parameters<Method>> extends true
      ? unknown
      : "the handler's context is not of this subject: use ContextOf<typeof SUBJECT>"
    : "the handler's first parameter does not take this subject's event; for another order of parameters use @EventPattern<string>";

/** Of a handler that states its event type, only that much is known. */
export type HandlerContext<Subject extends AnySubject, Event> = [Event] extends [Inferred]
  ? ContextOf<Subject>
  : NatsJetStreamContext;

/** True also of a method without parameters, and where nothing is known of the event. */
type TakesEvent<Event, Given extends unknown[]> = unknown extends Event
  ? true
  : Given extends []
    ? true
    : [Event] extends [Given[0]]
      ? true
      : false;

/** A second parameter that is no context is the user's own matter. */
type TakesContext<Context, Given extends unknown[]> = Given extends [unknown, infer Second, ...unknown[]]
  ? [Second] extends [NatsJetStreamContext]
    ? [Context] extends [Second]
      ? true
      : false
    : true
  : true;

/** The same of a method that gets many events at once. */
export type TakesMany<Event, Method extends HandlerMethod> = TakesBatch<Event, Parameters<Method>>;
