import { subjectMatches } from '@nest-jetstream/transport';
import { SUBJECT_MATCHING } from './cases/subject-matching-table';

// The table that SubjectMatches is held to at compile time, by cases/subject-matching.ts.
describe('subjectMatches', () => {
  it.each(SUBJECT_MATCHING)("says of '%s' on '%s': %s", (subject, pattern, matches) => {
    expect(subjectMatches(subject, pattern)).toBe(matches);
  });
});
