import { InvalidOptionError } from '../../errors/configuration.errors';
import { assertDisjoint } from '../../subject/disjoint-subjects';
import { subjectMatches } from '../../subject/subject-match';
import { assertSubjectPattern } from '../../subject/subject-syntax';
import type { HandlerOptions } from './consumer-options';
import { canonicalOptions } from './option-spelling';

/**
 * Returns the filter subjects of a consumer: the subject of its handler, unless an option narrows
 * it.
 * @throws InvalidOptionError (`INVALID_OPTION`), InvalidSubjectError (`INVALID_SUBJECT`)
 */
export function filtersOf(subject: string, ...layers: readonly HandlerOptions[]): readonly string[] {
  const { filterSubjects: filters = [subject] }: HandlerOptions = Object.assign({}, ...layers.map(canonicalOptions));
  for (const filter of filters) {
    assertSubjectPattern(filter);
    if (subjectMatches(filter, subject)) continue;
    throw new InvalidOptionError(
      'filterSubject',
      filter,
      `it is not part of the handler's subject '${subject}'. Filter by a part of it`,
    );
  }
  assertDisjoint('filterSubjects', filters);
  return filters;
}
