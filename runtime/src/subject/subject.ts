import { assertPublishSubject } from './subject-syntax';
import { InvalidSubjectError } from '../errors/configuration.errors';

declare const EVENT: unique symbol;

/**
 * Identity of a type: assignable for equal types only. A function parameter would do under `strictFunctionTypes`, but
 * Nest 11's default tsconfig leaves that off.
 */
type Same<Event> = <T>() => T extends Event ? 1 : 2;

interface SubjectBrand<Event> {
  readonly event: Event;
  readonly same: Same<Event>;
}

/** A subject constant: at run time the plain string, at compile time the string with the type of its event. */
export type EventSubject<Subject extends string, Event> = Subject & {
  readonly [EVENT]?: SubjectBrand<Event> & { readonly subject: Subject };
};

/** Any subject whose event is `Event`: a constant made by {@link subject}, or a plain string, of which nothing is known. */
export type SubjectOf<Event> = string & { readonly [EVENT]?: SubjectBrand<Event> };

/** The event type of a subject constant; `unknown` for a plain string. */
export type EventOf<Subject> = Subject extends { readonly [EVENT]?: infer Brand }
  ? NonNullable<Brand> extends { readonly event: infer Event }
    ? Event
    : unknown
  : unknown;

/** The subject itself, as a literal type, of a subject constant or of a string literal. */
export type SubjectLiteral<Subject extends string> = Subject extends { readonly [EVENT]?: infer Brand }
  ? NonNullable<Brand> extends { readonly subject: infer Literal extends string }
    ? Literal
    : Subject
  : Subject;

/**
 * Declares a subject and the type of the events on it:
 *
 * ```ts
 * export const ORDER_CREATED = subject<OrderCreatedEvent>()('order.created');
 * ```
 *
 * At run time it is the string itself, so it may stand wherever a string does.
 * @throws InvalidSubjectError (`INVALID_SUBJECT`) for an empty token, a wildcard, white space, a control character, a
 * leading `$`, or a token that begins with `:`.
 */
export function subject<Event>(): <const Subject extends string>(subject: Subject) => EventSubject<Subject, Event> {
  return (name) => {
    assertPublishSubject(name);
    const captured = name.split('.').find((token) => token.startsWith(':'));
    if (captured)
      throw new InvalidSubjectError(name, `'${captured}' would be a captured token, and a subject has none`);
    return name;
  };
}
