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
 * Whether a subject matches a pattern, decided as the server decides it: `*` is one token, `>` one
 * or more at the end. The subject may be a pattern too: then, whether it is covered wholly.
 */
export type SubjectMatches<Subject extends string, Pattern extends string> = TokensMatch<
  Tokens<Subject>,
  Tokens<Pattern>
>;

/** Run-time form of {@link SubjectMatches}. */
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
