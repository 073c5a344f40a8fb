/**
 * Leaves out operations for as long as the rest still fails: halves first, then smaller parts. What
 * happens depends on timing too, so the result is a hint, not a minimum.
 * @param fails runs a sequence
 * @param untilMs when to give up, on the clock of performance.now()
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
