import { subjectMatches } from '@nest-jetstream/transport';
import { SUBJECT_MATCHING } from './cases/subject-matching-table';

// cases/subject-matching.ts checks SubjectMatches with the same table at compile time.
describe('subjectMatches', () => {
  it.each(SUBJECT_MATCHING)("returns for subject '%s' and pattern '%s': %s", (subject, pattern, matches) => {
    expect(subjectMatches(subject, pattern)).toBe(matches);
  });
});
