import type { ContractSubject, IsStrict, JetStreamContracts } from './contracts';
import type { AnySubject, SubjectOf, TypedSubjectOf } from './event-subject';
import type { EventOf } from './subject-member';
import type { HandlerMistake, PublishMistake } from './subject-mistake';

/** The event type that a call leaves to its subject. */
export interface Inferred {
  readonly inferred: never;
}

// Types are taken anew with `infer Stated`, so that nothing is inferred for `Event` itself: it is stated, or left out.

type StatedEvent<Event> = [Event] extends [infer Stated] ? Stated : never;

type StatedSubject<Event> = [Event] extends [infer Stated]
  ? IsStrict extends true
    ? StrictSubjectOf<Stated>
    : SubjectOf<Stated>
  : never;

/**
 * The parameter of a call that publishes: the subject itself, or else a sentence, to which nothing is assignable, so that the
 * compiler's error ends with it. Where a call states its event type, the subject must be of that type.
 */
export type SubjectArgument<Subject extends string, Event> = [Event] extends [Inferred]
  ? [PublishMistake<Subject>] extends [never]
    ? Subject
    : PublishMistake<Subject>
  : StatedSubject<Event>;

/** As {@link SubjectArgument}, for a handler: also patterns and templates. */
export type HandlerSubject<Subject extends AnySubject, Event> = [Event] extends [Inferred]
  ? [HandlerMistake<Subject>] extends [never]
    ? Subject
    : HandlerMistake<Subject>
  : StatedSubject<Event>;

/** The event of a {@link HandlerSubject}: one of several, where it is a pattern. */
export type HandlerEvent<Subject extends AnySubject, Event> = [Event] extends [Inferred]
  ? EventOf<Subject>
  : StatedEvent<Event>;

type StrictSubjectOf<Event, Named extends string = ContractSubjectOf<Event>> = TypedSubjectOf<Event> | Named;

type ContractSubjectOf<Event> = {
  [Subject in ContractSubject]: Same<JetStreamContracts[Subject], Event> extends true ? Subject : never;
}[ContractSubject];

type Same<One, Other> = (<T>() => T extends One ? 1 : 2) extends <T>() => T extends Other ? 1 : 2 ? true : false;

/** The event that belongs to a {@link SubjectArgument}; where the subject may be one of several, an event of all of them. */
export type EventArgument<Subject extends string, Event> = [Event] extends [Inferred]
  ? Together<Subject extends string ? [EventOf<Subject>] : never>
  : StatedEvent<Event>;

type Together<Events> = (Events extends [infer Event] ? (event: Event) => void : never) extends (
  event: infer All,
) => void
  ? All
  : never;
