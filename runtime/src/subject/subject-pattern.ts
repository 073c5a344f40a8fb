import { InvalidSubjectError } from '../errors/configuration.errors';
import type { AnySubject, TypedSubject } from './event-subject';
import { subjectMatches, type SubjectMatches } from './subject-match';
import type { MemberOf, SubjectLiteral } from './subject-member';
import { assertSubjectPattern } from './subject-syntax';
import type { HasWildcard } from './subject-tokens';

/** Events that a pattern can match, such as those of a stream definition. */
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

const NO_MATCH = 'matches no event of this stream.';

type IsPublishable<Pattern extends string> = HasWildcard<Pattern> extends true ? false : true;

/**
 * Declares a pattern with the events of a stream that it matches:
 *
 * ```ts
 * export const ORDER_EVENTS = subjectPattern(OrdersStream, 'order.*');
 * ```
 *
 * The handler receives the union of the events, and `context.subject` narrows `context.event`. It
 * also receives subjects that match the pattern and that the stream does not list, so write a
 * `default:` for them. A pattern that matches no event of the stream does not compile.
 * @throws InvalidSubjectError (`INVALID_SUBJECT`)
 */
export function subjectPattern<Events extends Readonly<Record<string, AnySubject>>, const Pattern extends string>(
  stream: EventSource<Events>,
  pattern: [MatchingMember<Events, Pattern>] extends [never] ? `'${Pattern}' ${typeof NO_MATCH}` : Pattern,
): TypedSubject<Pattern, MatchingMember<Events, Pattern>, Pattern, IsPublishable<Pattern>> {
  assertSubjectPattern(pattern);
  const subjects = Object.values(stream.events).map((event) => (typeof event === 'string' ? event : event.pattern));
  if (!subjects.some((subject) => subjectMatches(subject, pattern)))
    throw InvalidSubjectError.of(pattern, `${NO_MATCH} Events: ${subjects.join(', ')}.`);
  return pattern as never;
}
