declare const EVENT: unique symbol;

/**
 * Identity of a type: assignable for equal types only. A function parameter would do under
 * `strictFunctionTypes`, but Nest 11's default tsconfig leaves that off.
 */
type Same<Event> = <T>() => T extends Event ? 1 : 2;

/**
 * What a message may be: one subject, its event, its captured tokens. A pattern has one for each
 * subject that it matches.
 */
export interface SubjectMember<Subject extends string, Event, Params = Readonly<Record<string, never>>> {
  readonly subject: Subject;
  readonly event: Event;
  readonly params: Params;
}

interface EventBrand<Event> {
  readonly event: Event;
  readonly same: Same<Event>;
}

interface SubjectBrand<Covering extends string, Member extends AnyMember, One extends boolean> extends EventBrand<
  Member['event']
> {
  /** What a stream must store for it. */
  readonly covering: Covering;
  readonly member: Member;
  /** Whether it is one subject, and no pattern: what can be published to. */
  readonly one: One;
  /** As a parameter, so that what is inferred from several subjects is an event of all of them. */
  readonly publishes: (event: Member['event']) => void;
}

type AnyMember = SubjectMember<string, unknown, unknown>;

// Interfaces, because the compiler looks into one only where something is asked of it: a contract
// has hundreds.
interface SubjectMark<Covering extends string, Member extends AnyMember, One extends boolean> {
  readonly [EVENT]: SubjectBrand<Covering, Member, One>;
}

/**
 * What `SubjectBrand` is for one subject: constants are many, so this asks no more types of the
 * compiler than it must.
 */
interface ConstantBrand<Subject extends string, Event> {
  readonly event: Event;
  readonly same: Same<Event>;
  readonly covering: Subject;
  readonly member: SubjectMember<Subject, Event>;
  readonly one: true;
  readonly publishes: (event: Event) => void;
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
 * A subject or a pattern that knows its events: at run time the plain string. `Covering` is what a
 * stream must store for it, where that is not the string itself; `One` is false for a pattern,
 * which nothing is published to.
 */
export type TypedSubject<
  Subject extends string,
  Member extends SubjectMember<string, unknown, unknown>,
  Covering extends string = Subject,
  One extends boolean = true,
> = Subject & SubjectMark<Covering, Member, One>;

/**
 * A subject constant: at run time the plain string, at compile time the string with the type of its
 * event.
 */
export type EventSubject<Subject extends string, Event> = Subject & ConstantMark<Subject, Event>;

/**
 * Any subject whose event is `Event`: a constant made by `subject`, or a plain string, of which
 * nothing is known.
 */
export type SubjectOf<Event> = string & OptionalEventMark<Event>;

/** A subject whose event is `Event`, and no plain string. */
export type TypedSubjectOf<Event> = string & EventMark<Event>;

/** What stands for a subject as an object: a template, by its pattern. */
export interface SubjectSource {
  readonly pattern: string;
}

/** Whatever names the subjects of a handler or of a stream's event. */
export type AnySubject = string | SubjectSource;

/** The string of a subject; the pattern of a template. */
export type TextOf<Subject extends AnySubject> = Subject extends SubjectSource ? Subject['pattern'] : Subject;

/** What a subject knows of itself; never for a plain string. */
export type BrandOf<Subject> = Subject extends { readonly [EVENT]: infer Brand } ? Brand : never;

/** A subject of which this much is known. */
export interface Knows<Brand> {
  readonly [EVENT]: Brand;
}

/** As {@link Knows}, where it may also be a plain string at run time. */
export interface MayKnow<Brand> {
  readonly [EVENT]?: Brand;
}
