/** Returns the known name that a misspelt one most probably means, or undefined if none is near. */
export function nearestName(typed: string, known: readonly string[]): string | undefined {
  const wanted = plain(typed);
  const [best] = known
    .map((name) => ({ name, distance: distanceBetween(wanted, plain(name)) }))
    .filter(({ name, distance }) => distance <= Math.max(1, Math.floor(Math.max(name.length, wanted.length) * 0.4)))
    .toSorted((a, b) => a.distance - b.distance);
  return best?.name;
}

/** nats.js writes `max_age`, this package `maxAge`. */
function plain(name: string): string {
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
