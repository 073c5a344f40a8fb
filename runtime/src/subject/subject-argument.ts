import type { ContractSubject, IsStrict, JetStreamContracts } from './contracts';
import type {
  AnySubject,
  Branded,
  HandledSubjectOf,
  MaybeBranded,
  SubjectOf,
  TextOf,
  TypedHandledSubjectOf,
  TypedSubjectOf,
} from './event-subject';
import type { NonDistributive } from './non-distributive';
import type { CheckedHandlerSubject, CheckedPublishSubject } from './subject-checks.types';
import type { Equals } from './equals.types';
import type { EventOf } from './subject-member';

// A project has hundreds of calls. So the common case, a subject constant, comes first, and takes
// one comparison.

type PublishableSubject = Branded<{ readonly isPublishable: true }>;

/**
 * The subject of a call with an explicit event type. Nothing is inferred from it, so any subject of
 * that event is accepted.
 */
export type StatedSubject<Event> = IsStrict extends true ? StrictSubjectOf<Event> : SubjectOf<Event>;

/** {@link StatedSubject} of a handler, which may be a pattern. */
export type StatedHandlerSubject<Event> = IsStrict extends true
  ? TypedHandledSubjectOf<Event> | ContractSubjectOf<Event>
  : HandledSubjectOf<Event>;

/** The subject of a call that publishes, or a type error. `All` is the whole union of `Subject`. */
export type SubjectArgument<Subject extends AnySubject, All = Subject> = Subject extends PublishableSubject
  ? Subject
  : NoInfer<CheckedPublishSubject<Subject, All>>;

/**
 * The event of a {@link SubjectArgument}. For a union of subjects, the intersection of their
 * events.
 */
export type EventArgument<Subject extends AnySubject> =
  NonDistributive<Subject> extends NonDistributive<
    Branded<{
      /** Parameter that takes the event. */
      readonly publish: (event: infer Event) => void;
    }>
  >
    ? Event
    : PlainEvent<Subject>;

type PlainEvent<Subject extends AnySubject> = [Subject] extends [
  Branded<unknown> | { readonly pattern: Branded<unknown> },
]
  ? EventOfAll<Subject>
  : [Subject] extends [MaybeBranded<{ readonly published: infer Event }>]
    ? Event
    : [TypedSubjectOf<unknown>] extends [Subject]
      ? unknown
      : EventOfAll<Subject>;

type EventOfAll<Subject extends AnySubject> = Intersect<Subject extends AnySubject ? [PublishedTo<Subject>] : never>;

type PublishedTo<Subject extends AnySubject> =
  TextOf<Subject> extends Branded<{ readonly published: infer Event }> ? Event : EventOf<Subject>;

type Intersect<Events> = (Events extends [infer Event] ? (event: Event) => void : never) extends (
  event: infer All,
) => void
  ? All
  : never;

/**
 * The type of the events that you publish to a subject constant or a template. It differs from
 * {@link EventOf}, the type that a handler receives, if the schema of the subject has defaults or
 * transforms events.
 */
export type PublishedEventOf<Subject extends AnySubject> = EventArgument<Subject>;

/** The subject of a handler, which may be a pattern or a template, or a type error. */
export type HandlerSubject<Subject extends AnySubject> =
  NonDistributive<Subject> extends NonDistributive<MaybeBranded<{ readonly event: unknown }>>
    ? Subject
    : EachHandlerSubject<Subject, Subject>;

/** Distributive, because editors complete no subjects from `NoInfer` of a union. */
type EachHandlerSubject<Subject extends AnySubject, All> =
  Subject extends Branded<{ readonly event: unknown }>
    ? Subject
    : Subject extends string
      ? NoInfer<CheckedHandlerSubject<Subject, All>>
      : CheckedHandlerSubject<Subject, All>;

type StrictSubjectOf<Event, Listed extends string = ContractSubjectOf<Event>> = TypedSubjectOf<Event> | Listed;

/**
 * Listed subjects of an event. Without an explicit event type these are all of them, so that
 * editors complete them. `any` is not checked.
 */
type ContractSubjectOf<Event> = unknown extends Event
  ? 0 extends 1 & Event
    ? never
    : ContractSubject
  : {
      [Subject in ContractSubject]: Equals<JetStreamContracts[Subject], Event> extends true ? Subject : never;
    }[ContractSubject];
