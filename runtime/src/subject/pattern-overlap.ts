import type { Tokens } from './subject-tokens';

/** True if a subject can match both patterns. Compile-time form of {@link patternsOverlap}. */
export type PatternsOverlap<Left extends string, Right extends string> = Left extends string
  ? Right extends string
    ? TokensOverlap<Tokens<Left>, Tokens<Right>>
    : never
  : never;

type TokensOverlap<Left extends string[], Right extends string[]> = Left extends [
  infer LeftToken extends string,
  ...infer LeftRest extends string[],
]
  ? Right extends [infer RightToken extends string, ...infer RightRest extends string[]]
    ? '>' extends LeftToken | RightToken
      ? true
      : '*' extends LeftToken | RightToken
        ? TokensOverlap<LeftRest, RightRest>
        : LeftToken extends RightToken
          ? TokensOverlap<LeftRest, RightRest>
          : false
    : false
  : Right extends []
    ? true
    : false;

/** Returns true if a subject can match both patterns, by the server's rules for `*` and `>`. */
export function patternsOverlap(left: string, right: string): boolean {
  const [leftTokens, rightTokens] = [left.split('.'), right.split('.')];
  for (let at = 0; at < Math.max(leftTokens.length, rightTokens.length); at++) {
    const [leftToken, rightToken] = [leftTokens[at], rightTokens[at]];
    if (leftToken === undefined || rightToken === undefined) return false;
    if (leftToken === '>' || rightToken === '>') return true;
    if (leftToken !== rightToken && leftToken !== '*' && rightToken !== '*') return false;
  }
  return true;
}
