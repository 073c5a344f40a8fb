import type { ContractSubject, IsStrict, JetStreamContracts } from './contracts';
import type { AnySubject, Knows, MayKnow, SubjectOf, TypedSubjectOf } from './event-subject';
import type { EventOf } from './subject-member';
import type { HandlerText, PublishText } from './subject-mistake';
import type { Whole } from './whole';

// A project has hundreds of calls. So the common case, a subject constant, comes first, and one
// look knows it.

type OneSubject = Knows<{ readonly one: true }>;

/**
 * The subject of a call that states its event type, and so leaves nothing to be inferred: any of
 * that type.
 */
export type StatedSubject<Event> = IsStrict extends true ? StrictSubjectOf<Event> : SubjectOf<Event>;

/**
 * The parameter of a call that publishes: the subject itself, or else a mistake, to which nothing
 * is assignable, so that the compiler's error shows its sentence.
 */
export type SubjectArgument<Subject extends string> = Subject extends OneSubject ? Subject : PublishText<Subject>;

/**
 * The event that belongs to a {@link SubjectArgument}; where the subject may be one of several, an
 * event of all of them.
 */
export type EventArgument<Subject extends string> =
  Whole<Subject> extends Whole<Knows<{ readonly publishes: (event: infer Event) => void }>>
    ? Event
    : PlainEvent<Subject>;

type PlainEvent<Subject extends string> = [Subject] extends [Knows<unknown>]
  ? EventOfAll<Subject>
  : [Subject] extends [MayKnow<{ readonly event: infer Event }>]
    ? Event
    : EventOfAll<Subject>;

type EventOfAll<Subject extends string> = Together<Subject extends string ? [EventOf<Subject>] : never>;

type Together<Events> = (Events extends [infer Event] ? (event: Event) => void : never) extends (
  event: infer All,
) => void
  ? All
  : never;

/** As {@link SubjectArgument}, for a handler: also patterns and templates. */
export type HandlerSubject<Subject extends AnySubject> =
  Subject extends Knows<unknown> ? Subject : HandlerText<Subject>;

type StrictSubjectOf<Event, Named extends string = ContractSubjectOf<Event>> = TypedSubjectOf<Event> | Named;

type ContractSubjectOf<Event> = {
  [Subject in ContractSubject]: Same<JetStreamContracts[Subject], Event> extends true ? Subject : never;
}[ContractSubject];

type Same<One, Other> = (<T>() => T extends One ? 1 : 2) extends <T>() => T extends Other ? 1 : 2 ? true : false;
