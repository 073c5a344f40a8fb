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
