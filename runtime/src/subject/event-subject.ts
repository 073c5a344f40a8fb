declare const EVENT: unique symbol;

/**
 * Makes a type invariant: it is assignable for equal types only. A function parameter needs
 * `strictFunctionTypes` for that, and Nest 11's default tsconfig turns it off.
 */
export type Invariant<Event> = <T>() => T extends Event ? 1 : 2;

/**
 * A subject with its event and its captured tokens. A pattern has a member for each subject that it
 * matches.
 */
export interface SubjectMember<Subject extends string, Event, Params = Readonly<Record<string, never>>> {
  readonly subject: Subject;
  readonly event: Event;
  readonly params: Params;
}

interface EventBrand<Event> {
  readonly event: Event;
  readonly invariant: Invariant<Event>;
}

interface SubjectBrand<
  Covering extends string,
  Member extends AnyMember,
  IsPublishable extends boolean,
> extends EventBrand<Member['event']> {
  /** Subject that a stream must store. */
  readonly covering: Covering;
  readonly member: Member;
  /** False for a pattern, because nothing is published to it. */
  readonly isPublishable: IsPublishable;
  /**
   * A parameter, so that the compiler infers the intersection of the events of several subjects.
   */
  readonly publish: (event: Member['event']) => void;
}

type AnyMember = SubjectMember<string, unknown, unknown>;

// Interfaces, because the compiler resolves their members only when it needs them. A contract has
// hundreds of subjects.
interface SubjectMark<Covering extends string, Member extends AnyMember, IsPublishable extends boolean> {
  readonly [EVENT]: SubjectBrand<Covering, Member, IsPublishable>;
}

/** `SubjectBrand` of a constant, with fewer types. Projects have many constants. */
interface ConstantBrand<Subject extends string, Event> {
  readonly event: Event;
  readonly invariant: Invariant<Event>;
  readonly covering: Subject;
  readonly member: SubjectMember<Subject, Event>;
  readonly isPublishable: true;
  readonly publish: (event: Event) => void;
}

interface ConstantMark<Subject extends string, Event> {
  readonly [EVENT]: ConstantBrand<Subject, Event>;
}

interface EventMark<Event> {
  readonly [EVENT]: EventBrand<Event>;
}

interface OptionalEventMark<Event> {
  readonly [EVENT]?: EventBrand<Event>;
}

/**
 * Brand of a subject of `Event`. With a type argument for the result only, as in
 * `emit<void>(SUBJECT, event)`, the event type is unknown, and subjects of any event are accepted.
 */
export interface PublishableBrand<Event> {
  readonly event: Event;
  readonly invariant: unknown extends Event ? unknown : Invariant<Event>;
  readonly isPublishable: true;
}

interface PublishableMark<Event> {
  readonly [EVENT]: PublishableBrand<Event>;
}

interface OptionalPublishableMark<Event> {
  readonly [EVENT]?: PublishableBrand<Event>;
}

/**
 * A subject or a pattern with the types of its events. It is a plain string at run time. `Covering`
 * is the subject that a stream must store, if it is not the string itself. `IsPublishable` is false
 * for a pattern.
 */
export type TypedSubject<
  Subject extends string,
  Member extends SubjectMember<string, unknown, unknown>,
  Covering extends string = Subject,
  IsPublishable extends boolean = true,
> = Subject & SubjectMark<Covering, Member, IsPublishable>;

/** A subject constant with the type of its event. It is a plain string at run time. */
export type EventSubject<Subject extends string, Event> = Subject & ConstantMark<Subject, Event>;

/** A subject constant with the event type `Event`, or a plain string, whose event is unknown. */
export type SubjectOf<Event> = string & OptionalPublishableMark<Event>;

/** A subject constant with the event type `Event`. Plain strings are not assignable. */
export type TypedSubjectOf<Event> = string & PublishableMark<Event>;

/** Subject of {@link SubjectOf}, or a pattern. */
export type HandledSubjectOf<Event> = string & OptionalEventMark<Event>;

/** Subject of {@link TypedSubjectOf}, or a pattern. */
export type TypedHandledSubjectOf<Event> = string & EventMark<Event>;

/** An object with a subject pattern, such as a template. */
export interface SubjectSource {
  readonly pattern: string;
}

/** Any subject of a handler or of a stream's event. */
export type AnySubject = string | SubjectSource;

/** The subject as a string. For a template, its pattern. */
export type TextOf<Subject extends AnySubject> = Subject extends SubjectSource ? Subject['pattern'] : Subject;

/** The brand of a typed subject. `never` for a plain string. */
export type BrandOf<Subject> = Subject extends { readonly [EVENT]: infer Brand } ? Brand : never;

/** A typed subject whose brand has these members. */
export interface Branded<Brand> {
  readonly [EVENT]: Brand;
}

/** A typed subject whose brand has these members, or a plain string. */
export interface MaybeBranded<Brand> {
  readonly [EVENT]?: Brand;
}
