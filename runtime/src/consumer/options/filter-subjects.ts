import { InvalidOptionError } from '../../errors/configuration.errors';
import { assertDisjoint } from '../../subject/disjoint-subjects';
import { subjectMatches } from '../../subject/subject-match';
import { assertSubjectPattern } from '../../subject/subject-syntax';
import type { HandlerOptions } from './consumer-options';
import { canonicalOptions } from './option-spelling';

/**
 * Returns the filter subjects of a consumer: the subjects of its handler, unless an option narrows
 * them.
 * @throws InvalidOptionError (`INVALID_OPTION`), InvalidSubjectError (`INVALID_SUBJECT`)
 */
export function filtersOf(subjects: readonly string[], ...layers: readonly HandlerOptions[]): readonly string[] {
  const { filterSubjects: filters = subjects }: HandlerOptions = Object.assign({}, ...layers.map(canonicalOptions));
  for (const filter of filters) {
    assertSubjectPattern(filter);
    if (subjects.some((subject) => subjectMatches(filter, subject))) continue;
    const [subject, ...others] = subjects.map((each) => `'${each}'`);
    const reason =
      others.length === 0
        ? `it is not part of the handler's subject ${subject}. Filter by a part of it`
        : `it is not part of the handler's subjects ${[subject, ...others].join(', ')}. Filter by a part of them`;
    throw new InvalidOptionError('filterSubject', filter, reason);
  }
  assertDisjoint('filterSubjects', filters);
  return filters;
}
