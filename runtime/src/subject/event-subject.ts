declare const EVENT: unique symbol;

/**
 * Identity of a type: assignable for equal types only. A function parameter would do under `strictFunctionTypes`, but
 * Nest 11's default tsconfig leaves that off.
 */
type Same<Event> = <T>() => T extends Event ? 1 : 2;

/** What a message may be: one subject, its event, its captured tokens. A pattern has one for each subject that it matches. */
export interface SubjectMember<Subject extends string, Event, Params = Readonly<Record<string, never>>> {
  readonly subject: Subject;
  readonly event: Event;
  readonly params: Params;
}

interface EventBrand<Event> {
  readonly event: Event;
  readonly same: Same<Event>;
}

interface SubjectBrand<Text extends string, Covering extends string, Event, Member> extends EventBrand<Event> {
  readonly text: Text;
  readonly covering: Covering;
  readonly member: Member;
}

/**
 * A subject or a pattern that knows its events: at run time the plain string. `Covering` is what a stream must store for it,
 * where that is not the string itself.
 */
export type TypedSubject<
  Subject extends string,
  Member extends SubjectMember<string, unknown, unknown>,
  Covering extends string = Subject,
> = Subject & { readonly [EVENT]: SubjectBrand<Subject, Covering, Member['event'], Member> };

/** A subject constant: at run time the plain string, at compile time the string with the type of its event. */
export type EventSubject<Subject extends string, Event> = TypedSubject<Subject, SubjectMember<Subject, Event>>;

/** Any subject whose event is `Event`: a constant made by `subject`, or a plain string, of which nothing is known. */
export type SubjectOf<Event> = string & { readonly [EVENT]?: EventBrand<Event> };

/** A subject whose event is `Event`, and no plain string. */
export type TypedSubjectOf<Event> = string & { readonly [EVENT]: EventBrand<Event> };

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
