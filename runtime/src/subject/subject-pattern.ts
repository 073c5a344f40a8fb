import { InvalidSubjectError } from '../errors/configuration.errors';
import type { AnySubject, TypedSubject } from './event-subject';
import { subjectMatches, type SubjectMatches } from './subject-match';
import type { MemberOf, SubjectLiteral } from './subject-member';
import { assertSubjectPattern } from './subject-syntax';
import type { HasWildcard } from './subject-tokens';

/** Where the events of a pattern are looked up: a stream definition has them. */
export interface EventSource<
  Events extends Readonly<Record<string, AnySubject>> = Readonly<Record<string, AnySubject>>,
> {
  readonly events: Events;
}

type MatchingMember<Events, Pattern extends string> = {
  [Name in keyof Events]: Events[Name] extends AnySubject
    ? SubjectMatches<SubjectLiteral<Events[Name]>, Pattern> extends true
      ? MemberOf<Events[Name]>
      : never
    : never;
}[keyof Events];

type IsOne<Pattern extends string> = HasWildcard<Pattern> extends true ? false : true;

/**
 * A pattern of a stream, with the events that it matches:
 *
 * ```ts
 * export const ORDER_EVENTS = subjectPattern(OrdersStream, 'order.*');
 * ```
 *
 * Its handler receives the union of them; `context.subject` tells which, and `context.event` goes
 * with it. A pattern that matches none of the stream's events does not compile.
 * @throws InvalidSubjectError (`INVALID_SUBJECT`)
 */
export function subjectPattern<Events extends Readonly<Record<string, AnySubject>>, const Pattern extends string>(
  stream: EventSource<Events>,
  pattern: [MatchingMember<Events, Pattern>] extends [never] ? `'${Pattern}' matches no event of this stream` : Pattern,
): TypedSubject<Pattern, MatchingMember<Events, Pattern>, Pattern, IsOne<Pattern>> {
  assertSubjectPattern(pattern);
  const subjects = Object.values(stream.events).map((event) => (typeof event === 'string' ? event : event.pattern));
  if (!subjects.some((subject) => subjectMatches(subject, pattern)))
    throw new InvalidSubjectError(pattern, `it matches no event of the stream: ${subjects.join(', ')}`);
  return pattern as never;
}
