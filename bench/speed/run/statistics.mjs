export function median(figures) {
  const sorted = figures.toSorted((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

/** Returns median, minimum and maximum of figures. */
export function summary(figures) {
  return { median: median(figures), least: Math.min(...figures), greatest: Math.max(...figures) };
}

/** Returns the ratios of a figure of two variants for each round. */
export function pairedRatios(ours, base, figure) {
  return ours.map((run, round) => run[figure] / base[round][figure]);
}
