/**
 * Returns true if a text contains an identifier as a whole word. `BILLING_ORDER_CREATED` does not
 * contain `ORDER_CREATED`.
 */
export function hasWord(text: string, word: string): boolean {
  return new RegExp(`(?<![\\p{ID_Continue}$])${word.replaceAll('$', '\\$')}(?![\\p{ID_Continue}$])`, 'u').test(text);
}
