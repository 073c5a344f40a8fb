/** A subject of a template, for a spec: each captured token is its own value. */
export function sampleSubject(text: string): string {
  return text.replaceAll(':', '');
}

/** What {@link sampleSubject} has captured: `{ region: 'region' }` of `order.:region.created`. */
export function capturedTokens(text: string): Record<string, string> {
  const names = text.split('.').flatMap((token) => (token.startsWith(':') ? [token.slice(1)] : []));
  return Object.fromEntries(names.map((name) => [name, name]));
}
