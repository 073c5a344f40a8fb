declare const EVENT: unique symbol;

/**
 * Makes a type invariant: it is assignable for equal types only. The compiler compares the type
 * arguments. That is fast, and it does not depend on `strictFunctionTypes`.
 */
export interface Invariant<in out Type> {
  readonly type: Type;
}

/**
 * A subject with its event and its captured tokens. A pattern has a member for each subject that it
 * matches.
 */
export interface SubjectMember<Subject extends string, Event, Params = Readonly<Record<string, never>>> {
  readonly subject: Subject;
  readonly event: Event;
  readonly params: Params;
}

/** A subject has two event types if its schema transforms events. This is the one of handlers. */
interface EventBrand<Event> {
  readonly event: Event;
  readonly invariant: Invariant<Event>;
}

/** The event type that is published: the input of a schema. */
interface PublishedBrand<Event> {
  readonly published: Event;
  readonly publishedInvariant: Invariant<Event>;
  /**
   * A parameter, so that the compiler infers the intersection of the events of several subjects.
   */
  readonly publish: (event: Event) => void;
}

interface SubjectBrand<Covering extends string, Member extends AnyMember, IsPublishable extends boolean, Published>
  extends EventBrand<Member['event']>, PublishedBrand<Published> {
  /** Subject that a stream must store. */
  readonly covering: Covering;
  readonly member: Member;
  /** False for a pattern, because nothing is published to it. */
  readonly isPublishable: IsPublishable;
}

type AnyMember = SubjectMember<string, unknown, unknown>;

// Interfaces, because the compiler resolves their members only when it needs them. A contract has
// hundreds of subjects.
interface SubjectMark<Covering extends string, Member extends AnyMember, IsPublishable extends boolean, Published> {
  readonly [EVENT]: SubjectBrand<Covering, Member, IsPublishable, Published>;
}

/** A pattern. Nothing is published to it. */
export interface PatternMark<Pattern extends string, Member extends AnyMember> {
  readonly [EVENT]: SubjectBrand<Pattern, Member, false, never>;
}

/** `SubjectBrand` of a constant, with fewer types. Projects have many constants. */
interface ConstantBrand<Subject extends string, Event, Published> {
  readonly event: Event;
  readonly invariant: Invariant<Event>;
  readonly published: Published;
  readonly publishedInvariant: Invariant<Published>;
  readonly publish: (event: Published) => void;
  readonly covering: Subject;
  readonly member: SubjectMember<Subject, Event>;
  readonly isPublishable: true;
}

interface ConstantMark<Subject extends string, Event, Published> {
  readonly [EVENT]: ConstantBrand<Subject, Event, Published>;
}

interface EventMark<Event> {
  readonly [EVENT]: EventBrand<Event>;
}

interface OptionalEventMark<Event> {
  readonly [EVENT]?: EventBrand<Event>;
}

/**
 * Brand of a subject that `Event` is published to. With a type argument for the result only, as in
 * `emit<void>(SUBJECT, event)`, the event type is unknown, and subjects of any event are accepted.
 */
export interface PublishableBrand<Event> {
  readonly published: Event;
  readonly publishedInvariant: unknown extends Event ? unknown : Invariant<Event>;
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
 * for a pattern. `Published` is the type that you publish, if a schema transforms events.
 */
export type TypedSubject<
  Subject extends string,
  Member extends SubjectMember<string, unknown, unknown>,
  Covering extends string = Subject,
  IsPublishable extends boolean = true,
  Published = Member['event'],
> = Subject & SubjectMark<Covering, Member, IsPublishable, Published>;

/** A subject constant with the type of its event. It is a plain string at run time. */
export type EventSubject<Subject extends string, Event> = Subject & ConstantMark<Subject, Event, Event>;

/**
 * A subject constant with a schema that transforms events. `Event` is the type that handlers
 * receive, and `Published` is the type that you publish. It is a plain string at run time.
 */
export type SchemaSubject<Subject extends string, Event, Published> = Subject & ConstantMark<Subject, Event, Published>;

/**
 * A subject constant for publishing events of type `Event`, or a plain string of an unknown event.
 */
export type SubjectOf<Event> = string & OptionalPublishableMark<Event>;

/** Subject of {@link SubjectOf}. Plain strings are not assignable. */
export type TypedSubjectOf<Event> = string & PublishableMark<Event>;

/** A subject constant or a pattern for handlers of `Event`, or a plain string. */
export type HandledSubjectOf<Event> = (string & OptionalEventMark<Event>) | (SubjectSource & EventMark<Event>);

/** Subject of {@link HandledSubjectOf}. Plain strings are not assignable. */
export type TypedHandledSubjectOf<Event> = (string | SubjectSource) & EventMark<Event>;

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
