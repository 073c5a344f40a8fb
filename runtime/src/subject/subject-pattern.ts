import { InvalidSubjectError } from '../errors/configuration.errors';
import type { AnySubject, PatternMark, SubjectMember } from './event-subject';
import { patternsOverlap } from './pattern-overlap';
import { subjectMatches, type SubjectMatches } from './subject-match';
import type { MemberOf, SubjectLiteral } from './subject-member';
import { assertSubjectPattern } from './subject-syntax';

/** Events that a pattern can match, such as those of a stream definition. */
export interface EventSource<
  Events extends Readonly<Record<string, AnySubject>> = Readonly<Record<string, AnySubject>>,
> {
  readonly events: Events;
}

/** Several events of a stream, declared by {@link subjectPattern}. */
export interface SubjectPattern<
  Pattern extends string,
  Member extends SubjectMember<string, unknown, unknown>,
> extends PatternMark<Pattern, Member> {
  /**
   * The pattern as a plain string, such as `'order.*'`. A handler of this string receives every
   * subject that matches it, and its event is unknown.
   */
  readonly pattern: Pattern;
  /** Subjects of the events that the pattern matches. A handler receives no other subject. */
  readonly subjects: readonly string[];
}

/** The member of each event that a pattern matches. */
export type MatchingMember<Events, Pattern extends string> = {
  [Name in keyof Events]: Events[Name] extends AnySubject
    ? SubjectMatches<SubjectLiteral<Events[Name]>, Pattern> extends true
      ? MemberOf<Events[Name]>
      : never
    : never;
}[keyof Events];

const NO_MATCH = 'matches no event of this stream.';

/**
 * Declares the events of a stream that a pattern matches:
 *
 * ```ts
 * export const ORDER_EVENTS = subjectPattern(OrdersStream, 'order.*');
 * ```
 *
 * The handler receives the union of the events, and `context.subject` narrows `context.event`. Its
 * consumer filters by the subjects of these events, so it receives no subject that the stream does
 * not list. To receive them too, pass the string `ORDER_EVENTS.pattern`. A pattern that
 * matches no event of the stream does not compile.
 * @throws InvalidSubjectError (`INVALID_SUBJECT`) for an invalid pattern, for one that matches no
 * event, or for templates that overlap
 */
export function subjectPattern<Events extends Readonly<Record<string, AnySubject>>, const Pattern extends string>(
  stream: EventSource<Events>,
  pattern: [MatchingMember<Events, Pattern>] extends [never] ? `'${Pattern}' ${typeof NO_MATCH}` : Pattern,
): SubjectPattern<Pattern, MatchingMember<Events, Pattern>> {
  assertSubjectPattern(pattern);
  const listed = Object.values(stream.events).map((event) => (typeof event === 'string' ? event : event.pattern));
  const subjects = listed.filter((subject) => subjectMatches(subject, pattern));
  if (subjects.length === 0) throw InvalidSubjectError.of(pattern, `${NO_MATCH} Events: ${listed.join(', ')}.`);
  return Object.freeze({ pattern, subjects: Object.freeze(disjoint(pattern, subjects)) }) as never;
}

/**
 * Removes subjects that another one covers, because the filters of a consumer cannot overlap.
 * @throws InvalidSubjectError (`INVALID_SUBJECT`) for subjects that overlap in part
 */
function disjoint(pattern: string, subjects: readonly string[]): readonly string[] {
  const distinct = [...new Set(subjects)];
  const widest = distinct.filter(
    (subject) => !distinct.some((other) => other !== subject && subjectMatches(subject, other)),
  );
  for (const [at, subject] of widest.entries()) {
    const other = widest.slice(at + 1).find((later) => patternsOverlap(subject, later));
    if (other !== undefined)
      throw InvalidSubjectError.of(
        pattern,
        `matches '${subject}' and '${other}', but they overlap. Declare a pattern for each of them.`,
      );
  }
  return widest;
}
