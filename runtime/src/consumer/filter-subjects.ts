import { InvalidOptionError } from '../errors/configuration.errors';
import { assertDisjoint } from '../subject/disjoint-subjects';
import { subjectMatches } from '../subject/subject-match';
import { assertSubjectPattern } from '../subject/subject-syntax';
import type { ConsumerOptions } from './consumer-options';
import { canonicalOptions } from './option-spelling';

/**
 * The part of the handler's subject that its consumer receives: all of it, unless an option narrows it.
 * @throws InvalidOptionError (`INVALID_OPTION`), InvalidSubjectError (`INVALID_SUBJECT`)
 */
export function filtersOf(subject: string, ...layers: readonly ConsumerOptions[]): readonly string[] {
  const { filterSubjects: filters = [subject] }: ConsumerOptions = Object.assign({}, ...layers.map(canonicalOptions));
  for (const filter of filters) {
    assertSubjectPattern(filter);
    if (!subjectMatches(filter, subject))
      throw new InvalidOptionError('filterSubject', filter, `the handler is of '${subject}', which does not cover it`);
  }
  assertDisjoint('filterSubjects', filters);
  return filters;
}
