/** Returns the known name that is most similar to a misspelt one. Undefined if none is similar. */
export function nearestName(typed: string, known: readonly string[]): string | undefined {
  const wanted = normalised(typed);
  const [best] = known
    .map((name) => ({ name, distance: distanceBetween(wanted, normalised(name)) }))
    .filter(({ name, distance }) => distance <= Math.max(1, Math.floor(Math.max(name.length, wanted.length) * 0.4)))
    .toSorted((a, b) => a.distance - b.distance);
  return best?.name;
}

/** Ignores the difference between names of nats.js (`max_age`) and of this package (`maxAge`). */
function normalised(name: string): string {
  return name.replaceAll('_', '').toLowerCase();
}

/** Levenshtein distance: the number of characters to insert, remove or replace. */
function distanceBetween(left: string, right: string): number {
  let row = Array.from({ length: right.length + 1 }, (_, index) => index);
  for (const [i, a] of Array.from(left).entries()) {
    const next = [i + 1];
    for (const [j, b] of Array.from(right).entries())
      next.push(Math.min((next[j] ?? 0) + 1, (row[j + 1] ?? 0) + 1, (row[j] ?? 0) + (a === b ? 0 : 1)));
    row = next;
  }
  return row.at(-1) ?? 0;
}
