/**
 * Removes operations while the rest still fails, first halves and then smaller parts. Failures also
 * depend on timing, so the result is a hint and not a minimum.
 * @param fails runs a sequence and returns true if it fails
 * @param untilMs deadline on the clock of performance.now()
 */
export async function shrink<Item>(
  sequence: readonly Item[],
  fails: (shorter: readonly Item[]) => Promise<boolean>,
  untilMs: number,
): Promise<readonly Item[]> {
  let kept = sequence;
  for (let size = Math.ceil(kept.length / 2); size >= 1; size = Math.floor(size / 2)) {
    for (let from = 0; from < kept.length;) {
      if (performance.now() > untilMs) return kept;
      const shorter = [...kept.slice(0, from), ...kept.slice(from + size)];
      if (shorter.length > 0 && (await fails(shorter))) kept = shorter;
      else from += size;
    }
  }
  return kept;
}
