import type { Tokens } from './subject-tokens';

type TokensMatch<Subject extends string[], Pattern extends string[]> = Pattern extends ['>']
  ? Subject extends []
    ? false
    : true
  : Pattern extends [infer PatternHead, ...infer PatternRest extends string[]]
    ? Subject extends [infer SubjectHead, ...infer SubjectRest extends string[]]
      ? SubjectHead extends '>'
        ? false
        : PatternHead extends '*' | SubjectHead
          ? TokensMatch<SubjectRest, PatternRest>
          : false
      : false
    : Subject extends []
      ? true
      : false;

/**
 * True if a subject matches a pattern, by the server's rules. `*` matches one token, and `>`
 * matches one or more tokens at the end. If the subject is a pattern too, true if the pattern
 * covers it.
 */
export type SubjectMatches<Subject extends string, Pattern extends string> = TokensMatch<
  Tokens<Subject>,
  Tokens<Pattern>
>;

/** Returns true if a subject matches a pattern. Run-time form of {@link SubjectMatches}. */
export function subjectMatches(subject: string, pattern: string): boolean {
  const subjectTokens = subject.split('.');
  const patternTokens = pattern.split('.');
  for (const [at, token] of patternTokens.entries()) {
    if (token === '>') return subjectTokens.length > at;
    const candidate = subjectTokens[at];
    if (candidate === undefined || candidate === '>') return false;
    if (token !== '*' && token !== candidate) return false;
  }
  return subjectTokens.length === patternTokens.length;
}
