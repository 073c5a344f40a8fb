export function median(figures) {
  const sorted = figures.toSorted((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

/** Median, and the least and the greatest, of what was measured. */
export function summary(figures) {
  return { median: median(figures), least: Math.min(...figures), greatest: Math.max(...figures) };
}

/** Of a figure of two variants, the ratios of the runs that were side by side. */
export function pairedRatios(ours, base, figure) {
  return ours.map((run, round) => run[figure] / base[round][figure]);
}
