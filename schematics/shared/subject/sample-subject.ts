/** Returns a subject of a template for a spec. The name of each token is its value. */
export function sampleSubject(text: string): string {
  return text.replaceAll(':', '');
}

/**
 * Returns the tokens that {@link sampleSubject} captures, such as `{ region: 'region' }` for
 * `order.:region.created`.
 */
export function capturedTokens(text: string): Record<string, string> {
  const names = text.split('.').flatMap((token) => (token.startsWith(':') ? [token.slice(1)] : []));
  return Object.fromEntries(names.map((name) => [name, name]));
}
