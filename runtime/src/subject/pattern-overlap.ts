import type { Tokens } from './subject-tokens';

/** Whether some subject matches both patterns; {@link patternsOverlap} at compile time. */
export type PatternsOverlap<Left extends string, Right extends string> = Left extends string
  ? Right extends string
    ? TokensOverlap<Tokens<Left>, Tokens<Right>>
    : never
  : never;

type TokensOverlap<Left extends string[], Right extends string[]> = Left extends [
  infer One extends string,
  ...infer LeftRest extends string[],
]
  ? Right extends [infer Other extends string, ...infer RightRest extends string[]]
    ? '>' extends One | Other
      ? true
      : '*' extends One | Other
        ? TokensOverlap<LeftRest, RightRest>
        : One extends Other
          ? TokensOverlap<LeftRest, RightRest>
          : false
    : false
  : Right extends []
    ? true
    : false;

/** Whether some subject matches both patterns, `*` and `>` read as the server reads them. */
export function patternsOverlap(left: string, right: string): boolean {
  const [leftTokens, rightTokens] = [left.split('.'), right.split('.')];
  for (let at = 0; at < Math.max(leftTokens.length, rightTokens.length); at++) {
    const [one, other] = [leftTokens[at], rightTokens[at]];
    if (one === undefined || other === undefined) return false;
    if (one === '>' || other === '>') return true;
    if (one !== other && one !== '*' && other !== '*') return false;
  }
  return true;
}
